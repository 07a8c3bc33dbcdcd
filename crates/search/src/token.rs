//! Token parameters (R4 search, section 3.1.1.4.10): codes, identifiers, booleans.
//!
//! A value is `[Text(code), Term(system)]`, the system empty when there is none. Codes and systems
//! are compared as they stand, upper and lower case apart.

use crate::escape::{split_once, unescape};
use crate::form::{Asked, Extraction, Modifier};
use crate::index::{Leaf, Match, Slot, Values, bounded};
use cresset_fhir::definitions::{ElementDefinition, ValueSetId};
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment};

/// How many bytes of a code are compared.
const LONGEST: usize = 1_000;

/// Where code and system of a datatype are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    Coding,
    CodeableConcept,
    Identifier,
    ContactPoint,
    /// A `code` whose system follows from the required binding.
    Code(Option<ValueSetId>),
    /// A primitive that is its own code.
    Plain,
}

impl Form {
    pub(crate) fn of(type_name: &str, element: Option<&ElementDefinition>) -> Option<Self> {
        Some(match type_name {
            "Coding" => Self::Coding,
            "CodeableConcept" => Self::CodeableConcept,
            "Identifier" => Self::Identifier,
            "ContactPoint" => Self::ContactPoint,
            "code" => Self::Code(element.and_then(|e| e.required)),
            "boolean" | "string" | "id" | "uri" | "canonical" | "url" | "oid" | "uuid"
            | "integer" | "positiveInt" | "unsignedInt" | "markdown" => Self::Plain,
            _ => return None,
        })
    }

    pub(crate) fn extract(self, from: &Extraction<'_>, value: &Json, into: &mut Values) {
        match self {
            Self::Coding => coding(value, "code", into),
            Self::CodeableConcept => {
                for item in value.get("coding").map_or(&[][..], Json::items) {
                    coding(item, "code", into);
                }
            }
            Self::Identifier => coding(value, "value", into),
            Self::ContactPoint => {
                if let Some(text) = text(value, "value") {
                    push(into, Slot::Main, text, "");
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

fn coding(value: &Json, code: &str, into: &mut Values) {
    // A Coding or Identifier with a system alone is found by `system|`.
    let system = text(value, "system").unwrap_or_default();
    let code = text(value, code).unwrap_or_default();
    if !(code.is_empty() && system.is_empty()) {
        push(into, Slot::Main, code, system);
    }
}

fn text<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.get(name).and_then(Json::as_str)
}

fn push(into: &mut Values, slot: Slot, code: &str, system: &str) {
    let code = Segment::Text(bounded(code, LONGEST).into());
    into.push((slot, vec![code, Segment::Term(system.into())]));
}

/// `code`, `system|code`, `|code`, `system|`.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    match asked.modifier {
        None | Some(Modifier::Not) => matches_in(Slot::Main, value),
        Some(other) => Err(other.unsupported("token")),
    }
}

pub(crate) fn matches_in(slot: Slot, value: &str) -> Result<Match, String> {
    let code = |text: &str| {
        let text = unescape(text);
        Pattern::Is(Segment::Text(bounded(&text, LONGEST).into()))
    };
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
