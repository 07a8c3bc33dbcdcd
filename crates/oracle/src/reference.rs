//! Reference parameters (R4 search, section 3.1.1.4.12).

use crate::escape::{split, unescape};
use crate::evaluate::Element;
use crate::query::Modifier;
use serde_json::Value as Json;

/// A reference of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reference {
    /// Type and id of the resource that it names, when that is one of the server's.
    pub names: Option<(String, String)>,
    /// Any other URL, with its version when it is a canonical.
    pub url: Option<(String, Option<String>)>,
    /// System and value of `Reference.identifier`.
    pub identifier: Option<(Option<String>, Option<String>)>,
}

impl Reference {
    /// Reads a Reference, a canonical or a uri. `base` is the server's own.
    pub fn read(element: &Element<'_>, base: &str) -> Self {
        let json = element.json;
        let text = json.as_str().or_else(|| json["reference"].as_str()).unwrap_or_default();
        let names = own(text, base);
        let url = (names.is_none() && text.contains(':')).then(|| canonical(text));
        let part = |name: &str| json["identifier"][name].as_str().map(str::to_owned);
        let identifier = json.get("identifier").map(|_| (part("system"), part("value")));
        Self { names, url, identifier }
    }
}

/// The type and id that a relative reference has, or a URL below the server's base.
fn own(text: &str, base: &str) -> Option<(String, String)> {
    let relative = match text.contains(':') {
        true => text.strip_prefix(base)?.strip_prefix('/')?,
        false => text,
    };
    let parts: Vec<&str> = relative.split('/').collect();
    match parts[..] {
        [name, id] | [name, id, "_history", _] if is_type(name) && is_id(id) => {
            Some((name.to_owned(), id.to_owned()))
        }
        _ => None,
    }
}

fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(char::is_alphanumeric)
}

fn is_id(id: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    (1..=64).contains(&id.len()) && id.chars().all(fits)
}

fn canonical(text: &str) -> (String, Option<String>) {
    match text.split_once('|') {
        Some((url, version)) => (url.to_owned(), Some(version.to_owned())),
        None => (text.to_owned(), None),
    }
}

/// A value of a search, understood.
#[derive(Debug, Clone)]
pub enum Asked {
    /// An id, of any type that the parameter may point at or of one.
    Id(String, Option<String>),
    /// `Type/id`.
    Names(String, String),
    /// A URL of another server, a canonical.
    Url(String, Option<String>),
    /// `:identifier`.
    Identifier(crate::token::Asked),
    /// A type and the id of another: never.
    Nothing,
}

impl Asked {
    /// Reads a value; `None` when it is no reference.
    pub fn read(value: &str, modifier: Option<&Modifier>, base: &str) -> Option<Self> {
        if modifier == Some(&Modifier::Identifier) {
            return crate::token::Asked::read(value, None).map(Self::Identifier);
        }
        let wanted = match modifier {
            Some(Modifier::Type(name)) => Some(name.clone()),
            _ => None,
        };
        let text = unescape(split(value, '|')[0]);
        match own(&text, base) {
            Some((name, _)) if wanted.as_ref().is_some_and(|wanted| *wanted != name) => {
                Some(Self::Nothing)
            }
            Some((name, id)) => Some(Self::Names(name, id)),
            None if text.contains(':') => {
                let (url, version) = canonical(&unescape(value));
                Some(Self::Url(url, version))
            }
            None => is_id(&text).then_some(Self::Id(text, wanted)),
        }
    }

    /// Whether a reference is so. `targets` are the types that the parameter may point at.
    pub fn matches(&self, reference: &Reference, targets: &[String]) -> bool {
        let names = reference.names.as_ref();
        let names = names.filter(|(name, _)| targets.is_empty() || targets.contains(name));
        match self {
            Self::Id(id, wanted) => names.is_some_and(|(name, named)| {
                named == id && wanted.as_ref().is_none_or(|wanted| wanted == name)
            }),
            Self::Names(name, id) => names.is_some_and(|(n, i)| n == name && i == id),
            Self::Url(url, version) => reference.url.as_ref().is_some_and(|(u, v)| {
                u == url && version.as_ref().is_none_or(|version| v.as_ref() == Some(version))
            }),
            Self::Identifier(asked) => reference.identifier.as_ref().is_some_and(|identifier| {
                let codes = vec![identifier.clone()];
                asked.matches(&crate::token::Token { codes, ..Default::default() })
            }),
            Self::Nothing => false,
        }
    }
}

/// The resource that a member of a reference names, for messages.
pub fn shown(json: &Json) -> &str {
    json["reference"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BASE: &str = "http://s.org/fhir";

    fn matches(reference: &Json, modifier: Option<Modifier>, value: &str) -> bool {
        let element = Element { json: reference, property: "subject", choice: None };
        let reference = Reference::read(&element, BASE);
        let asked = Asked::read(value, modifier.as_ref(), BASE).expect("a reference");
        asked.matches(&reference, &["Patient".to_owned(), "Group".to_owned()])
    }

    #[test]
    fn own_resources_have_many_names() {
        for own in ["Patient/1", "http://s.org/fhir/Patient/1", "Patient/1/_history/3"] {
            let reference = json!({"reference": own});
            for value in ["1", "Patient/1", "http://s.org/fhir/Patient/1"] {
                assert!(matches(&reference, None, value), "{own} {value}");
            }
            assert!(matches(&reference, Some(Modifier::Type("Patient".into())), "1"));
            assert!(!matches(&reference, Some(Modifier::Type("Group".into())), "1"));
            assert!(!matches(&reference, None, "http://other.org/fhir/Patient/1"));
            assert!(!matches(&reference, None, "Group/1"));
        }
        assert!(!matches(&json!({"reference": "Device/1"}), None, "1"));
    }

    #[test]
    fn foreign_ones_are_urls() {
        let reference = json!({"reference": "http://o.org/Patient/1|2"});
        assert!(matches(&reference, None, "http://o.org/Patient/1"));
        assert!(matches(&reference, None, "http://o.org/Patient/1|2"));
        assert!(!matches(&reference, None, "http://o.org/Patient/1|3"));
        assert!(!matches(&reference, None, "1"));
    }

    #[test]
    fn identifiers_are_tokens() {
        let reference = json!({"identifier": {"system": "http://mrn", "value": "7"}});
        assert!(matches(&reference, Some(Modifier::Identifier), "http://mrn|7"));
        assert!(!matches(&reference, Some(Modifier::Identifier), "http://mrn|8"));
    }
}
