//! String parameters (R4 search, section 3.1.1.4.8).

use crate::escape::unescape;
use crate::evaluate::Element;
use crate::query::Modifier;
use serde_json::Value as Json;

/// Members of HumanName and Address that hold words.
const WORDS: &[&str] = &[
    "family",
    "given",
    "prefix",
    "suffix",
    "text",
    "line",
    "city",
    "district",
    "state",
    "postalCode",
    "country",
];

/// The texts of one element: one of a string, all parts of a HumanName or an Address.
pub fn read(element: &Element<'_>) -> Vec<String> {
    match element.json {
        Json::String(text) => vec![text.clone()],
        Json::Object(object) => {
            WORDS.iter().filter_map(|w| object.get(*w)).flat_map(texts).collect()
        }
        _ => Vec::new(),
    }
}

fn texts(json: &Json) -> Vec<String> {
    let items = match json {
        Json::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// A value of a search, understood.
#[derive(Debug, Clone)]
pub enum Asked {
    /// What a text starts with, folded.
    Start(String),
    /// What a text has somewhere, folded.
    Contains(String),
    /// The whole text as it stands.
    Exact(String),
}

impl Asked {
    /// Reads a value; `None` when nothing is left of it to compare.
    pub fn read(value: &str, modifier: Option<&Modifier>) -> Option<Self> {
        let value = unescape(value);
        let folded = Some(fold(&value)).filter(|folded| !folded.is_empty())?;
        Some(match modifier {
            Some(Modifier::Exact) => Self::Exact(value),
            Some(Modifier::Contains) => Self::Contains(folded),
            _ => Self::Start(folded),
        })
    }

    /// Whether one of an element's texts is so.
    pub fn matches(&self, texts: &[String]) -> bool {
        texts.iter().any(|text| match self {
            Self::Start(start) => fold(text).starts_with(start),
            Self::Contains(part) => fold(text).contains(part),
            Self::Exact(whole) => text == whole,
        })
    }
}

/// A text without what the default comparison ignores: case, accents, extra white space,
/// punctuation where there is anything else.
pub fn fold(text: &str) -> String {
    const PUNCTUATION: &str = "!\"#%&'()*,-./:;?@[\\]_{}¡§«¶·»¿‐‑‒–—―‘’“”„•…‰′″‹›、。〃";
    let without: String = text.chars().filter(|c| !PUNCTUATION.contains(*c)).collect();
    let folded = fold_all(&without);
    if folded.is_empty() { fold_all(text) } else { folded }
}

/// A text without case, accents and extra white space.
pub fn fold_all(text: &str) -> String {
    let lower: String = text.to_lowercase().chars().map(without_accent).collect();
    let lower = lower.replace('ß', "ss").replace('æ', "ae").replace('œ', "oe");
    let visible: String = lower.chars().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The plain letter of one with an accent, for the alphabets of Western and Central Europe.
fn without_accent(c: char) -> char {
    const ACCENTED: &[(char, &str)] = &[
        ('a', "àáâãäåāăą"),
        ('c', "çćĉċč"),
        ('d', "ďđ"),
        ('e', "èéêëēĕėęě"),
        ('g', "ĝğġģ"),
        ('i', "ìíîïĩīĭį"),
        ('l', "ĺļľł"),
        ('n', "ñńņň"),
        ('o', "òóôõöøōŏő"),
        ('r', "ŕŗř"),
        ('s', "śŝşšș"),
        ('t', "ţťț"),
        ('u', "ùúûüũūŭůűų"),
        ('y', "ýÿŷ"),
        ('z', "źżž"),
    ];
    ACCENTED.iter().find(|(_, accented)| accented.contains(c)).map_or(c, |(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_found_by_the_start_of_any_part() {
        let name = json!({"use": "official", "family": "Núñez  Peña", "given": ["José", "María"]});
        let texts = read(&Element { json: &name, property: "name", choice: None });
        for (value, modifier, found) in [
            ("jos", None, true),
            ("NUNEZ p", None, true),
            ("ez", None, false),
            ("official", None, false),
            ("ez pe", Some(Modifier::Contains), true),
            ("José", Some(Modifier::Exact), true),
            ("Jose", Some(Modifier::Exact), false),
            ("Jos", Some(Modifier::Exact), false),
        ] {
            let asked = Asked::read(value, modifier.as_ref()).expect("a value");
            assert_eq!(asked.matches(&texts), found, "{value}");
        }
    }

    #[test]
    fn nothing_visible_asks_for_nothing() {
        assert!(Asked::read(" ", None).is_none());
    }
}
