//! Code systems (R4, section 4.8): concepts, their properties, and what is below what.

pub(crate) mod hierarchy;
mod property;
pub(crate) mod read;

use crate::{Canonical, Problem};
use compact_str::CompactString;
use std::collections::HashMap;
use std::sync::Arc;

/// A CodeSystem resource, indexed by code.
#[derive(Debug)]
pub struct CodeSystem {
    /// `CodeSystem.url`
    pub url: Arc<str>,
    /// `CodeSystem.version`
    pub version: Option<Arc<str>>,
    /// `CodeSystem.content`
    pub content: Content,
    /// Whether codes that differ in case differ (`CodeSystem.caseSensitive`).
    pub case_sensitive: bool,
    /// Whether its hierarchy says what is a kind of what (`CodeSystem.hierarchyMeaning`).
    subsumes: bool,
    concepts: Vec<Concept>,
    by_code: HashMap<CompactString, u32>,
}

/// How much of a code system its resource holds (R4 value set `codesystem-content-mode`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing: it is defined elsewhere.
    NotPresent,
    /// A few concepts, to show what it is like.
    Example,
    /// A part of it.
    Fragment,
    /// All of it.
    Complete,
    /// Additions to another code system.
    Supplement,
}

/// A concept of a code system.
#[derive(Debug)]
pub struct Concept {
    /// `concept.code`
    pub code: CompactString,
    /// `concept.display`
    pub display: Option<CompactString>,
    /// `concept.designation`
    pub designations: Arc<[Designation]>,
    /// Not approved for current use.
    pub inactive: bool,
    /// For grouping only, not to be chosen.
    pub is_abstract: bool,
    /// Values as text, by the property's code.
    pub(crate) properties: Vec<(CompactString, CompactString)>,
    /// Places of the concepts right above it.
    parents: Vec<u32>,
    /// Places of the concepts right below it.
    children: Vec<u32>,
}

/// Another text for a concept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Designation {
    /// Its language.
    pub language: Option<CompactString>,
    /// What it is for: system and code.
    pub usage: Option<(CompactString, CompactString)>,
    /// The text.
    pub value: CompactString,
}

impl CodeSystem {
    /// URL and version.
    pub fn canonical(&self) -> Canonical {
        Canonical::new(&self.url, self.version.as_deref())
    }

    /// The concepts in their order, those below another right after it.
    pub fn concepts(&self) -> &[Concept] {
        &self.concepts
    }

    /// The concept with this code.
    pub fn concept(&self, code: &str) -> Option<&Concept> {
        self.place(code).map(|place| &self.concepts[place])
    }

    /// Whether there can be codes that its resource doesn't hold.
    pub fn is_partial(&self) -> bool {
        self.content != Content::Complete
    }

    /// # Errors
    /// [`Problem::Unusable`] when the resource holds no concepts of its own.
    pub fn usable(&self) -> Result<&Self, Problem> {
        let reason = match self.content {
            Content::NotPresent => {
                "its content is 'not-present': create it with its concepts on this server first"
            }
            Content::Supplement => "it is a supplement to another code system: name that one",
            Content::Complete | Content::Fragment | Content::Example => return Ok(self),
        };
        Err(Problem::Unusable { system: self.canonical(), reason })
    }

    pub(crate) fn place(&self, code: &str) -> Option<usize> {
        self.by_code.get(&self.folded(code)).map(|place| *place as usize)
    }

    /// The code as it is compared.
    fn folded(&self, code: &str) -> CompactString {
        if self.case_sensitive { code.into() } else { code.to_lowercase().into() }
    }
}

impl Content {
    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotPresent => "not-present",
            Self::Example => "example",
            Self::Fragment => "fragment",
            Self::Complete => "complete",
            Self::Supplement => "supplement",
        }
    }

    pub(crate) fn from_code(code: &str) -> Option<Self> {
        let all =
            [Self::NotPresent, Self::Example, Self::Fragment, Self::Complete, Self::Supplement];
        all.into_iter().find(|content| content.code() == code)
    }
}

impl Concept {
    pub(crate) fn has_parents(&self) -> bool {
        !self.parents.is_empty()
    }

    pub(crate) fn has_children(&self) -> bool {
        !self.children.is_empty()
    }
}
