//! Token parameters (R4 search, section 3.1.1.4.10): codes, identifiers, booleans.
//!
//! A value is `[Text(code), Term(system)]`, the system empty when there is none. Codes and systems
//! are compared as they stand, upper and lower case apart. In parts of their own are texts and contact
//! points, which no code system tells apart, in small letters; the texts beside a code, `[Text(words)]`;
//! and identifiers by type: `[Text(value), Text(code), Term(system)]`.

mod code_set;

use crate::CodeSet;
use crate::escape::{split, split_once, unescape};
use crate::form::{Asked, Extraction, Modifier};
use crate::index::{Leaf, Match, Slot, Values, after_prefix, bounded};
use crate::words;
use compact_str::CompactString;
use cresset_fhir::definitions::{ElementDefinition, ValueSetId};
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment, TextPart};

/// How many bytes of a code are compared.
const LONGEST: usize = 1_000;
/// How many bytes of a text beside a code are compared.
const LONGEST_TEXT: usize = 200;

/// Where code and system of a datatype are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    /// A `code` whose system follows from the required binding.
    Code(Option<ValueSetId>),
    /// A number, a boolean, an id or a URI: its own code.
    Plain,
    /// A text in the place of a code.
    Words,
}

impl Form {
    pub(crate) fn of(type_name: &str, element: Option<&ElementDefinition>) -> Option<Self> {
        Some(match type_name {
            "Coding" => Self::Coding,
            "CodeableConcept" => Self::CodeableConcept,
            "Identifier" => Self::Identifier,
            "ContactPoint" => Self::ContactPoint,
            "code" => Self::Code(element.and_then(|e| e.required)),
            "string" | "markdown" => Self::Words,
            "boolean" | "id" | "uri" | "canonical" | "url" | "oid" | "uuid" | "integer"
            | "positiveInt" | "unsignedInt" => Self::Plain,
            _ => return None,
        })
    }

    pub(crate) fn slots(self) -> &'static [Slot] {
        match self {
            Self::Coding | Self::CodeableConcept => &[Slot::Main, Slot::Text],
            Self::Identifier => &[Slot::Main, Slot::Text, Slot::OfType],
            Self::Code(_) | Self::Plain => &[Slot::Main],
            Self::ContactPoint | Self::Words => &[Slot::Folded],
        }
    }

    pub(crate) fn extract(self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        match self {
            Self::Coding => coding(from, value, into),
            Self::CodeableConcept => {
                for item in items(value, "coding") {
                    coding(from, item, into);
                }
                push_text(from, text(value, "text"), into);
            }
            Self::Identifier => {
                push_token(value, "value", into);
                if let Some(kind) = value.get("type").filter(|_| !from.is_part) {
                    push_text(from, text(kind, "text"), into);
                    of_type(kind, text(value, "value"), into);
                }
            }
            Self::ContactPoint => {
                if let Some(text) = text(value, "value") {
                    words_as_code(from, text, into);
                }
            }
            Self::Words => {
                if let Some(text) = value.as_str() {
                    words_as_code(from, text, into);
                }
            }
            Self::Code(set) => {
                if let Some(code) = value.as_str() {
                    let set = set.map(|set| from.definitions.value_set(set));
                    let system = set.and_then(|set| set.system_of(code));
                    push(into, Slot::Main, code, system.unwrap_or_default());
                }
            }
            Self::Plain => match value {
                Json::String(text) => push(into, Slot::Main, text, ""),
                Json::Number(number) => push(into, Slot::Main, number.as_str(), ""),
                Json::Bool(value) => boolean(*value, into),
                _ => {}
            },
        }
    }
}

/// The parts of a composite are all in one part of the index, as they stand.
fn words_as_code(from: &Extraction<'_>, text: &str, into: &mut Values) {
    if from.is_part {
        push(into, Slot::Main, text, "");
    } else {
        push(into, Slot::Folded, &text.to_lowercase(), "");
    }
}

/// A boolean's code: `true` or `false`.
pub(crate) fn boolean(value: bool, into: &mut Values) {
    push(into, Slot::Main, if value { "true" } else { "false" }, "");
}

/// `Identifier` in the part of a reference index that `:identifier` asks.
pub(crate) fn identifier(value: &Json, into: &mut Values) {
    if let Some(code) = text(value, "value") {
        let system = text(value, "system").unwrap_or_default();
        push(into, Slot::Identifier, code, system);
    }
}

fn coding(from: &Extraction<'_>, value: &Json, into: &mut Values) {
    push_token(value, "code", into);
    push_text(from, text(value, "display"), into);
}

/// A Coding or Identifier with a system alone is found by `system|`.
fn push_token(value: &Json, code: &str, into: &mut Values) {
    let system = text(value, "system").unwrap_or_default();
    let code = text(value, code).unwrap_or_default();
    if !(code.is_empty() && system.is_empty()) {
        push(into, Slot::Main, code, system);
    }
}

/// An identifier's value under each coding of its type.
fn of_type(kind: &Json, value: Option<&str>, into: &mut Values) {
    let Some(value) = value else {
        return;
    };
    for coding in items(kind, "coding") {
        if let (Some(system), Some(code)) = (text(coding, "system"), text(coding, "code")) {
            into.push((Slot::OfType, of_type_value(system, code, value).to_vec()));
        }
    }
}

fn of_type_value(system: &str, code: &str, value: &str) -> [Segment; 3] {
    [code_segment(value), code_segment(code), Segment::Term(system.into())]
}

fn text<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Json::as_str)
}

fn items<'a>(value: &'a Json, name: &str) -> &'a [Json] {
    value.get(name).map_or(&[], Json::items)
}

fn code_segment(code: &str) -> Segment {
    Segment::Text(bounded(code, LONGEST).into())
}

fn push(into: &mut Values, slot: Slot, code: &str, system: &str) {
    into.push((slot, vec![code_segment(code), Segment::Term(system.into())]));
}

/// What `:text` asks. The parts of a composite take no modifiers.
fn push_text(from: &Extraction<'_>, text: Option<&str>, into: &mut Values) {
    let Some(text) = text.filter(|_| !from.is_part) else {
        return;
    };
    let words = spaced(text);
    if !words.is_empty() {
        into.push((Slot::Text, vec![Segment::Text(words)]));
    }
}

/// The words of a text with a space before each, so that one look finds where any begins.
fn spaced(text: &str) -> CompactString {
    let mut spaced = CompactString::default();
    words::each(text, |word| {
        spaced.push(' ');
        spaced.push_str(word);
        spaced.len() < LONGEST_TEXT
    });
    spaced.truncate(bounded(&spaced, LONGEST_TEXT).len());
    spaced
}

/// `code`, `system|code`, `|code`, `system|`; with a modifier a text, a set of codes, an identifier
/// with its type.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    match asked.modifier {
        None | Some(Modifier::Not) => {
            let folded = matches_in(Slot::Folded, &value.to_lowercase())?;
            Ok(Match::Any(vec![matches_in(Slot::Main, value)?, folded]))
        }
        Some(Modifier::Text) => with_text(value),
        Some(Modifier::OfType) => typed(value),
        Some(Modifier::In | Modifier::NotIn) => {
            code_set::matches(&CodeSet::ValueSet(unescape(value).into_owned()), asked)
        }
        Some(Modifier::Below) if is_mime_type(value) => Ok(below_mime_type(value)),
        Some(Modifier::Below) => {
            code_set::matches(&CodeSet::Below(code_set::coding(value)?), asked)
        }
        Some(Modifier::Above) => {
            code_set::matches(&CodeSet::Above(code_set::coding(value)?), asked)
        }
        Some(other) => Err(other.unsupported("token")),
    }
}

pub(crate) fn matches_in(slot: Slot, value: &str) -> Result<Match, String> {
    let code = |text: &str| Pattern::Is(code_segment(&unescape(text)));
    let prefix = match split_once(value, '|') {
        None => vec![code(value)],
        Some(("", "")) => return Err("a token needs a code or a system".to_owned()),
        Some((system, "")) => {
            let suffix = vec![Segment::Term(unescape(system).as_ref().into())];
            return Ok(Match::Leaf(Leaf { suffix, ..Leaf::starting(slot, Vec::new()) }));
        }
        Some((system, rest)) => {
            let system = Segment::Term(unescape(system).as_ref().into());
            vec![code(rest), Pattern::Is(system)]
        }
    };
    Ok(Match::starting(slot, prefix))
}

/// Whether a value has no system and the form of a MIME type.
fn is_mime_type(value: &str) -> bool {
    split_once(value, '|').is_none() && value.contains('/')
}

/// A MIME type, and the same with parameters (R4 search, section 3.1.1.4.10).
fn below_mime_type(value: &str) -> Match {
    let code = unescape(value);
    let start = format!("{};", bounded(&code, LONGEST)).into_bytes();
    let with_parameters = Leaf::between(Slot::Main, Some(start.clone()), after_prefix(start));
    let exact = Match::starting(Slot::Main, vec![Pattern::Is(code_segment(&code))]);
    Match::Any(vec![exact, Match::Leaf(with_parameters)])
}

/// `:text`: where the text beside a code, or a word in it, begins with the value.
fn with_text(value: &str) -> Result<Match, String> {
    let contains = spaced(&unescape(value));
    if contains.is_empty() {
        return Err("with :text needs a word".to_owned());
    }
    let contains = Some(TextPart::Anywhere(contains));
    Ok(Match::Leaf(Leaf { contains, ..Leaf::starting(Slot::Text, Vec::new()) }))
}

/// `:of-type`: an identifier's value with system and code of its type.
fn typed(value: &str) -> Result<Match, String> {
    let parts: Vec<_> = split(value, '|').into_iter().map(unescape).collect();
    let [system, code, value] = &parts[..] else {
        return Err("with :of-type write system|code|value".to_owned());
    };
    if system.is_empty() || code.is_empty() || value.is_empty() {
        return Err("with :of-type needs all of system|code|value".to_owned());
    }
    let prefix = of_type_value(system, code, value).map(Pattern::Is);
    Ok(Match::starting(Slot::OfType, prefix.to_vec()))
}
