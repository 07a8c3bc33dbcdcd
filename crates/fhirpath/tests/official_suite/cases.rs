//! Reading the suite's file.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// A case of the suite.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) input: String,
    pub(crate) expression: String,
    pub(crate) expected: Expected,
    pub(crate) is_predicate: bool,
    pub(crate) is_ordered: bool,
}

/// What a case must answer.
pub(crate) enum Expected {
    /// Items as (type, text).
    Items(Vec<(String, String)>),
    /// An error, from parsing, checking or evaluating.
    Error,
}

pub(crate) fn read(suite: &str) -> Vec<Case> {
    let mut reader = Reader::from_str(suite);
    let mut cases: Vec<Case> = Vec::new();
    let mut text = String::new();
    let mut output_type = String::new();
    loop {
        match reader.read_event().expect("well-formed XML") {
            Event::Eof => return cases,
            Event::Start(start) => {
                text.clear();
                match start.name().as_ref() {
                    b"test" => cases.push(case(&start, cases.len())),
                    b"expression" if attribute(&start, "invalid").is_some() => {
                        cases.last_mut().unwrap().expected = Expected::Error;
                    }
                    b"output" => output_type = attribute(&start, "type").unwrap(),
                    _ => {}
                }
            }
            Event::Text(part) => text.push_str(&part.decode().unwrap()),
            Event::GeneralRef(reference) => text.push(match &*reference.decode().unwrap() {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                "quot" => '"',
                "apos" => '\'',
                other => panic!("&{other};"),
            }),
            Event::End(end) => {
                let case = cases.last_mut();
                match (end.name().as_ref(), case) {
                    (b"expression", Some(case)) => case.expression = text.clone(),
                    (b"output", Some(Case { expected: Expected::Items(items), .. })) => {
                        items.push((output_type.clone(), text.clone()));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

fn case(start: &BytesStart<'_>, count: usize) -> Case {
    let expected = match attribute(start, "invalid") {
        Some(_) => Expected::Error,
        None => Expected::Items(Vec::new()),
    };
    Case {
        // Several cases share a name.
        name: format!("{}#{}", attribute(start, "name").unwrap(), count + 1),
        input: attribute(start, "inputfile").unwrap(),
        expression: String::new(),
        expected,
        is_predicate: attribute(start, "predicate").as_deref() == Some("true"),
        is_ordered: attribute(start, "ordered").as_deref() != Some("false"),
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).unwrap()?;
    Some(String::from_utf8(attribute.value.into_owned()).unwrap())
}
