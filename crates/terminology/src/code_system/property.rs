//! Properties of concepts (R4, section 4.8.10): those that FHIR defines, and others by their code.

use compact_str::CompactString;
use cresset_fhir::json::Json;
use std::collections::HashMap;

/// Where FHIR defines properties.
const DEFINED: &str = "http://hl7.org/fhir/concept-properties#";

/// What a property means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The value is a code right above.
    Parent,
    /// The value is a code right below.
    Child,
    /// `active`, `experimental`, `deprecated`, `retired`
    Status,
    /// `true` when it is not to be used any more.
    Inactive,
    /// `true` when it is for grouping only.
    NotSelectable,
    /// Anything else.
    Other,
}

/// The properties that a code system declares, by code.
#[derive(Debug, Default)]
pub(super) struct Meanings(HashMap<CompactString, Meaning>);

impl Meanings {
    pub(super) fn of(code_system: &Json) -> Self {
        let declared = code_system.get("property").map_or(&[][..], Json::items);
        let meaning = |property: &Json| {
            let code = property.get("code")?.as_str()?;
            let uri = property.get("uri").and_then(Json::as_str).unwrap_or_default();
            let name = uri.strip_prefix(DEFINED).unwrap_or(code);
            Some((CompactString::new(code), named(name)))
        };
        Self(declared.iter().filter_map(meaning).collect())
    }

    /// What the property with this code means; one that isn't declared means what its name says.
    pub(super) fn meaning(&self, code: &str) -> Meaning {
        self.0.get(code).copied().unwrap_or_else(|| named(code))
    }
}

fn named(name: &str) -> Meaning {
    match name {
        "parent" | "subsumedBy" => Meaning::Parent,
        "child" => Meaning::Child,
        "status" => Meaning::Status,
        "inactive" => Meaning::Inactive,
        "notSelectable" | "abstract" => Meaning::NotSelectable,
        _ => Meaning::Other,
    }
}

/// A property's value as text; a coding's is its code.
pub(super) fn value(property: &Json) -> Option<CompactString> {
    let mut values = property.as_object()?.iter().filter(|(name, _)| name.starts_with("value"));
    match values.next()?.1 {
        Json::String(text) => Some(text.clone()),
        Json::Bool(value) => Some(if *value { "true".into() } else { "false".into() }),
        Json::Number(number) => Some(number.as_str().into()),
        Json::Object(coding) => coding.get("code")?.as_str().map(CompactString::new),
        Json::Null | Json::Array(_) => None,
    }
}
