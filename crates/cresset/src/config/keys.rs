//! Walking a configuration key by key, so that an unknown one is named.

use cresset_fhir::json::{Json, Object};
use std::path::Path;

/// A mistake in a configuration file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// A file can't be read.
    #[error("{file}: {problem}")]
    File { file: String, problem: String },
    /// A key is wrong.
    #[error("{file}: {key}: {problem}")]
    Key { file: String, key: String, problem: String },
}

/// An object of the configuration, and its place.
#[derive(Clone)]
pub(crate) struct Section<'a> {
    file: &'a Path,
    key: String,
    object: &'a Object,
}

impl<'a> Section<'a> {
    pub(crate) fn root(file: &'a Path, json: &'a Json) -> Result<Self, ConfigError> {
        let object = json.as_object().ok_or_else(|| ConfigError::File {
            file: file.display().to_string(),
            problem: "it must hold an object".to_owned(),
        })?;
        Ok(Self { file, key: String::new(), object })
    }

    /// Refuses keys that aren't among `known`; comments are no keys.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), ConfigError> {
        for (name, _) in self.object.iter().filter(|(name, _)| !name.starts_with("__comment")) {
            if name == "factoryClassname" {
                tracing::warn!(
                    key = self.place(name),
                    "this key has no meaning here and is ignored"
                );
            } else if !known.contains(&name) {
                return Err(
                    self.wrong(name, &format!("unknown key; known are {}", known.join(", ")))
                );
            }
        }
        Ok(())
    }

    /// The object under `name`.
    pub(crate) fn section(&self, name: &str) -> Result<Option<Section<'a>>, ConfigError> {
        let Some(value) = self.object.get(name) else { return Ok(None) };
        let object = value.as_object().ok_or_else(|| self.wrong(name, "an object is expected"))?;
        Ok(Some(Section { file: self.file, key: self.place(name), object }))
    }

    /// The objects in this one, comments aside.
    pub(crate) fn sections(&self) -> Result<Vec<(&'a str, Section<'a>)>, ConfigError> {
        let names = self.object.iter().map(|(name, _)| name);
        let names = names.filter(|name| !name.starts_with("__comment"));
        names
            .map(|name| Ok((name, self.section(name)?.ok_or_else(|| self.wrong(name, "missing"))?)))
            .collect()
    }

    /// The text under `name`, which must be there.
    pub(crate) fn text(&self, name: &str) -> Result<&'a str, ConfigError> {
        let value = self.object.get(name).and_then(Json::as_str);
        value.ok_or_else(|| self.wrong(name, "a text is expected"))
    }

    /// An error about the key `name`.
    pub(crate) fn wrong(&self, name: &str, problem: &str) -> ConfigError {
        let (file, key) = (self.file.display().to_string(), self.place(name));
        ConfigError::Key { file, key, problem: problem.to_owned() }
    }

    fn place(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }
}
