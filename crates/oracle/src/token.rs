//! Token parameters (R4 search, section 3.1.1.4.10).

use crate::escape::{split, unescape};
use crate::evaluate::Element;
use crate::implied_system::implied_system;
use crate::query::Modifier;
use crate::string::fold_all;
use serde_json::Value as Json;

/// Properties with a text that a token parameter searches.
const TEXTS: [&str; 3] = ["name", "title", "version"];

/// What a token search looks at in one element.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Token {
    /// Systems and codes; a Coding may have either without the other.
    pub codes: Vec<(Option<String>, Option<String>)>,
    /// What `:text` compares.
    pub texts: Vec<String>,
    /// Systems and codes of an Identifier's type, for `:of-type`.
    pub identifier_types: Vec<(Option<String>, Option<String>)>,
    /// Whether upper and lower case are the same: of texts, and of contact points.
    pub ignores_case: bool,
}

impl Token {
    /// A code that stands for itself.
    pub fn plain(code: &str) -> Self {
        Self { codes: vec![(None, Some(code.to_owned()))], ..Self::default() }
    }

    /// Reads an element of a resource of this type.
    pub fn read(resource_type: &str, element: &Element<'_>) -> Option<Self> {
        let json = element.json;
        match json {
            Json::String(code) => {
                let system = implied_system(resource_type, element.property);
                let codes = vec![(system.map(str::to_owned), Some(code.clone()))];
                let ignores_case = TEXTS.contains(&element.property);
                Some(Self { codes, ignores_case, ..Self::default() })
            }
            Json::Bool(_) | Json::Number(_) => Some(Self::plain(&json.to_string())),
            // Every ContactPoint that R4 searches is a `telecom`.
            Json::Object(_) if element.property == "telecom" => {
                let codes = text(json, "value").map(|value| (None, Some(value)));
                let codes = codes.into_iter().collect();
                Some(Self { codes, ignores_case: true, ..Self::default() })
            }
            Json::Object(object) if object.contains_key("value") => Some(Self::identifier(json)),
            Json::Object(object) if object.contains_key("coding") || !is_coding(json) => {
                let codings = json["coding"].as_array().map_or(&[][..], Vec::as_slice);
                let displays = codings.iter().filter_map(|c| text(c, "display"));
                Some(Self {
                    codes: codings.iter().map(|coding| pair(coding, "code")).collect(),
                    texts: displays.chain(text(json, "text")).collect(),
                    ..Self::default()
                })
            }
            Json::Object(_) => Some(Self {
                codes: vec![pair(json, "code")],
                texts: text(json, "display").into_iter().collect(),
                ..Self::default()
            }),
            Json::Null | Json::Array(_) => None,
        }
    }

    fn identifier(json: &Json) -> Self {
        let types = json["type"]["coding"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            codes: vec![pair(json, "value")],
            texts: text(&json["type"], "text").into_iter().collect(),
            identifier_types: types.iter().map(|coding| pair(coding, "code")).collect(),
            ignores_case: false,
        }
    }
}

fn is_coding(json: &Json) -> bool {
    ["system", "code", "display"].iter().any(|name| json.get(name).is_some())
}

fn pair(json: &Json, code: &str) -> (Option<String>, Option<String>) {
    (text(json, "system"), text(json, code))
}

fn text(json: &Json, name: &str) -> Option<String> {
    json[name].as_str().map(str::to_owned)
}

/// A value of a search, understood.
#[derive(Debug, Clone)]
pub enum Asked {
    /// `code`.
    Code(String),
    /// `|code`.
    WithoutSystem(String),
    /// `system|`.
    System(String),
    /// `system|code`.
    Both(String, String),
    /// The words of `:text`, a space before each.
    Text(String),
    /// `:of-type=system|code|value`.
    OfType(String, String, String),
}

impl Asked {
    /// Reads a value; `None` when it is no token.
    pub fn read(value: &str, modifier: Option<&Modifier>) -> Option<Self> {
        let parts: Vec<String> = split(value, '|').into_iter().map(unescape).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match modifier {
            Some(Modifier::Text) => return Some(Self::Text(spaced(&unescape(value)))),
            Some(Modifier::OfType) => {
                let [system, code, value] = parts[..] else { return None };
                return Some(Self::OfType(system.into(), code.into(), value.into()));
            }
            _ => {}
        }
        match parts[..] {
            ["", ""] | [""] => None,
            [code] => Some(Self::Code(code.into())),
            ["", code] => Some(Self::WithoutSystem(code.into())),
            [system, ""] => Some(Self::System(system.into())),
            [system, code] => Some(Self::Both(system.into(), code.into())),
            _ => None,
        }
    }

    /// Whether an element has it. Upper and lower case of codes are told apart.
    pub fn matches(&self, token: &Token) -> bool {
        let has_code = |code: Option<&str>, wanted: &str| {
            code.is_some_and(|code| match token.ignores_case {
                true => code.to_lowercase() == wanted.to_lowercase(),
                false => code == wanted,
            })
        };
        let any = |is: &dyn Fn(Option<&str>, Option<&str>) -> bool| {
            token.codes.iter().any(|(system, code)| is(system.as_deref(), code.as_deref()))
        };
        match self {
            Self::Code(wanted) => any(&|_, code| has_code(code, wanted)),
            Self::WithoutSystem(wanted) => {
                any(&|system, code| system.is_none() && has_code(code, wanted))
            }
            Self::System(wanted) => any(&|system, _| system == Some(wanted)),
            Self::Both(wanted, wanted_code) => {
                any(&|system, code| system == Some(wanted) && has_code(code, wanted_code))
            }
            Self::Text(start) => {
                token.texts.iter().any(|text| spaced(text).contains(start.as_str()))
            }
            Self::OfType(system, code, value) => {
                let is_type = |(s, c): &(Option<String>, Option<String>)| {
                    s.as_ref() == Some(system) && c.as_ref() == Some(code)
                };
                token.identifier_types.iter().any(is_type) && any(&|_, code| code == Some(value))
            }
        }
    }
}

/// The words of a text, folded, a space before each: what begins with a word is found in it.
fn spaced(text: &str) -> String {
    let folded = fold_all(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| format!(" {word}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(property: &str, json: &Json, modifier: Option<Modifier>, value: &str) -> bool {
        let element = Element { json, property, choice: None };
        let token = Token::read("Patient", &element).expect("a token");
        Asked::read(value, modifier.as_ref()).expect("a value").matches(&token)
    }

    #[test]
    fn each_form_looks_at_what_it_names() {
        let concept = json!({"text": "Grippe", "coding": [
            {"system": "http://a", "code": "x", "display": "Influenza"}, {"code": "y"}]});
        for (value, found) in [
            ("x", true),
            ("X", false),
            ("|x", false),
            ("|y", true),
            ("http://a|", true),
            ("http://a|x", true),
            ("http://a|y", false),
        ] {
            assert_eq!(matches("code", &concept, None, value), found, "{value}");
        }
        for (value, found) in [("gripp", true), ("INFLU", true), ("rippe", false), ("x", false)] {
            assert_eq!(matches("code", &concept, Some(Modifier::Text), value), found, "{value}");
        }
    }

    #[test]
    fn identifiers_have_types() {
        let identifier = json!({"system": "http://mrn", "value": "7",
            "type": {"coding": [{"system": "http://t", "code": "MR"}]}});
        for (value, found) in
            [("http://t|MR|7", true), ("http://t|MR|8", false), ("http://t|SS|7", false)]
        {
            let of_type = Some(Modifier::OfType);
            assert_eq!(matches("identifier", &identifier, of_type, value), found, "{value}");
        }
        assert!(matches("identifier", &identifier, None, "http://mrn|7"));
    }

    #[test]
    fn primitives_are_codes() {
        assert!(matches("active", &json!(true), None, "true"));
        assert!(matches("gender", &json!("male"), None, "male"));
        let gender = "http://hl7.org/fhir/administrative-gender|male";
        assert!(matches("gender", &json!("male"), None, gender));
        assert!(matches("telecom", &json!({"system": "phone", "value": "5"}), None, "|5"));
    }
}
