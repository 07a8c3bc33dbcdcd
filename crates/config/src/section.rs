//! Walking a file key by key, so that an unknown one is named.

use crate::mistake::Mistake;
use cresset_fhir::json::{Json, Object};
use std::path::Path;

/// What was found on the way through a file.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What is wrong.
    pub(crate) mistakes: Vec<Mistake>,
    /// Keys that are known and have no meaning here.
    pub(crate) ignored: Vec<String>,
}

/// An object of a file, and its place.
#[derive(Clone, Debug)]
pub(crate) struct Section<'a> {
    pub(crate) file: &'a Path,
    key: String,
    object: &'a Object,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(crate) fn root(file: &'a Path, json: &'a Json, found: &mut Findings) -> Option<Self> {
        let object = json.as_object();
        if object.is_none() {
            found.mistakes.push(Mistake::in_file(file, "it must hold an object"));
        }
        Some(Self { file, key: String::new(), object: object? })
    }

    /// Notes keys that aren't among `known`: those of `foreign` are ignored, others are mistakes.
    /// Comments are no keys.
    pub(crate) fn only(&self, known: &[&str], foreign: &[&str], found: &mut Findings) {
        for (name, _) in self.object.iter().filter(|(name, _)| is_key(name)) {
            if foreign.contains(&name) {
                found.ignored.push(self.place(name));
            } else if !known.contains(&name) {
                self.wrong(name, format!("unknown key; known are {}", known.join(", ")), found);
            }
        }
    }

    /// The object under `name`, if that is there.
    pub(crate) fn section(&self, name: &str, found: &mut Findings) -> Option<Section<'a>> {
        let value = self.object.get(name)?;
        let object = value.as_object();
        if object.is_none() {
            self.wrong(name, "an object is expected", found);
        }
        Some(Section { file: self.file, key: self.place(name), object: object? })
    }

    /// The objects in this one, comments aside.
    pub(crate) fn sections(&self, found: &mut Findings) -> Vec<(&'a str, Section<'a>)> {
        let names = self.object.iter().map(|(name, _)| name).filter(|name| is_key(name));
        names.filter_map(|name| Some((name, self.section(name, found)?))).collect()
    }

    /// The text under `name`, which must be there and not empty.
    pub(crate) fn text(&self, name: &str, found: &mut Findings) -> Option<&'a str> {
        if self.object.get(name).is_none() {
            self.wrong(name, "missing: a text is expected", found);
            return None;
        }
        self.optional_text(name, found)
    }

    /// The text under `name`; there is none without the key.
    pub(crate) fn optional_text(&self, name: &str, found: &mut Findings) -> Option<&'a str> {
        let text = self.object.get(name)?.as_str().filter(|text| !text.is_empty());
        if text.is_none() {
            self.wrong(name, "a text is expected", found);
        }
        text
    }

    /// Texts, numbers and booleans by key, as they stand in a properties file; comments aside.
    pub(crate) fn plain_values(&self, found: &mut Findings) -> Vec<(&'a str, String)> {
        let mut values = Vec::new();
        for (name, value) in self.object.iter().filter(|(name, _)| is_key(name)) {
            match value {
                Json::String(text) => values.push((name, text.to_string())),
                Json::Number(number) => values.push((name, number.as_str().to_owned())),
                Json::Bool(value) => values.push((name, value.to_string())),
                _ => self.wrong(name, "a text, a number or a boolean is expected", found),
            }
        }
        values
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.object.get(name).is_some()
    }

    /// Notes what is wrong with the key `name`.
    pub(crate) fn wrong(&self, name: &str, problem: impl Into<String>, found: &mut Findings) {
        found.mistakes.push(Mistake::at(self.file, self.place(name), problem));
    }

    /// The whole key.
    pub(crate) fn place(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}

fn is_key(name: &str) -> bool {
    !name.starts_with("__comment")
}
