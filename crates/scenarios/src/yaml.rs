//! YAML to JSON text. Numbers keep the digits that were written: `1.50` is not `1.5` to FHIR, and no
//! parser into floats would let a scenario say so.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::collections::HashSet;
use std::fmt::Write;

/// Why a text is not the YAML that scenarios use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum YamlError {
    #[error("not YAML: {0}")]
    Scan(#[from] saphyr_parser::ScanError),
    #[error("line {line}: {problem}")]
    Unsupported { line: usize, problem: &'static str },
}

/// The JSON text of a YAML text's only document.
pub(crate) fn to_json(yaml: &str) -> Result<String, YamlError> {
    let mut writer = Writer::default();
    for event in Parser::new_from_str(yaml) {
        let (event, span) = event?;
        writer.event(event, span)?;
    }
    Ok(writer.json)
}

/// What is open around the next event.
enum Level {
    Sequence { is_empty: bool },
    Mapping { keys: HashSet<String>, awaits_value: bool },
}

#[derive(Default)]
struct Writer {
    json: String,
    open: Vec<Level>,
}

impl Writer {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), YamlError> {
        let unsupported = |problem| YamlError::Unsupported { line: span.start.line(), problem };
        match event {
            Event::Scalar(text, style, 0, None) => {
                let is_key = self.separate(Some(&text)).map_err(unsupported)?;
                let is_text = is_key || style != ScalarStyle::Plain;
                self.json.push_str(&scalar(&text, is_text));
            }
            Event::SequenceStart(0, None) => {
                self.separate(None).map_err(unsupported)?;
                self.json.push('[');
                self.open.push(Level::Sequence { is_empty: true });
            }
            Event::MappingStart(0, None) => {
                self.separate(None).map_err(unsupported)?;
                self.json.push('{');
                self.open.push(Level::Mapping { keys: HashSet::new(), awaits_value: false });
            }
            Event::SequenceEnd => self.close(']'),
            Event::MappingEnd => self.close('}'),
            Event::DocumentStart(_) if !self.json.is_empty() => {
                return Err(unsupported("a file holds one document"));
            }
            Event::Alias(_) => return Err(unsupported("aliases are not supported")),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => {
                return Err(unsupported("anchors and tags are not supported"));
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, bracket: char) {
        self.open.pop();
        self.json.push(bracket);
    }

    /// Writes what stands before the next value; whether that is a mapping's key.
    fn separate(&mut self, text: Option<&str>) -> Result<bool, &'static str> {
        match self.open.last_mut() {
            None => Ok(false),
            Some(Level::Sequence { is_empty }) => {
                if !std::mem::replace(is_empty, false) {
                    self.json.push(',');
                }
                Ok(false)
            }
            Some(Level::Mapping { awaits_value, .. }) if *awaits_value => {
                *awaits_value = false;
                self.json.push(':');
                Ok(false)
            }
            Some(Level::Mapping { keys, awaits_value }) => {
                let key = text.ok_or("a key must be a text")?;
                if !keys.is_empty() {
                    self.json.push(',');
                }
                if !keys.insert(key.to_owned()) {
                    return Err("a key occurs twice");
                }
                *awaits_value = true;
                Ok(true)
            }
        }
    }
}

/// YAML 1.2's JSON schema, but that a plain text needs no quotes.
fn scalar(text: &str, is_text: bool) -> String {
    match text {
        _ if is_text => quote(text),
        "" | "~" | "null" => "null".to_owned(),
        "true" | "false" => text.to_owned(),
        _ if is_number(text) => text.to_owned(),
        _ => quote(text),
    }
}

fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// `text` as a JSON string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => {
                // A String takes whatever is written.
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::to_json;

    #[test]
    fn digits_and_order_are_kept() {
        let json = to_json("{b: 1.50, a: [1.0e3, -0, 010, 1.2.3, '1', true, no, null, ~]}");
        let expected = r#"{"b":1.50,"a":[1.0e3,-0,"010","1.2.3","1",true,"no",null,null]}"#;
        assert_eq!(json.unwrap(), expected);
    }

    #[test]
    fn blocks_and_flows_nest() {
        let json = to_json("a:\n  - b: x y\n    'c': \"\\n\"\n  - |\n    line\nd: {}\n");
        assert_eq!(json.unwrap(), r#"{"a":[{"b":"x y","c":"\n"},"line\n"],"d":{}}"#);
    }

    #[test]
    fn what_scenarios_have_no_use_for_is_refused() {
        for yaml in ["a: 1\na: 2", "a: &x 1\nb: *x", "a: !!str 1", "a\n---\nb", "{[1]: 2}"] {
            assert!(to_json(yaml).is_err(), "{yaml}");
        }
    }
}
