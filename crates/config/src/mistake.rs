use std::fmt;
use std::path::Path;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The file or directory.
    pub file: String,
    /// The line in it, from 1, where the format has no better places.
    pub line: Option<usize>,
    /// The key, from the outermost on: `fhirServer.persistence.datasources`.
    pub key: Option<String>,
    /// What is wrong with it, and what to write instead. Never a value that could be a secret.
    pub problem: String,
}

impl Mistake {
    /// One about a file as a whole.
    pub(crate) fn in_file(file: &Path, problem: impl Into<String>) -> Self {
        Self { file: file.display().to_string(), line: None, key: None, problem: problem.into() }
    }

    /// One about a key of a file.
    pub(crate) fn at(file: &Path, key: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..Self::in_file(file, problem) }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.file)?;
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        f.write_str(&self.problem)
    }
}

/// All that is wrong with a configuration, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError(Vec<Mistake>);

impl ConfigError {
    pub(crate) fn new(mistakes: Vec<Mistake>) -> Self {
        Self(mistakes)
    }

    /// The mistakes, at least one.
    pub fn mistakes(&self) -> &[Mistake] {
        &self.0
    }
}

impl From<Mistake> for ConfigError {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(Mistake::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for ConfigError {}
