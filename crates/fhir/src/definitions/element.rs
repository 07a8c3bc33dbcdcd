use super::{ResourceType, TypeId};
use std::collections::HashSet;

/// An element of a type.
#[derive(Debug)]
pub struct ElementDefinition {
    /// Its name; a choice's without `[x]`.
    pub name: String,
    /// Whether JSON appends the type's name: `value[x]`.
    pub is_choice: bool,
    /// The types that its value can have; one, unless it is a choice.
    pub types: Vec<TypeId>,
    /// Least occurrences.
    pub min: u32,
    /// Most occurrences; `None` for no bound.
    pub max: Option<u32>,
    /// Whether JSON holds it as an array.
    pub is_array: bool,
    /// Resource types that a reference may point at; empty for any.
    pub targets: Vec<ResourceType>,
    /// The value set that codes must be from.
    pub required: Option<ValueSetId>,
    /// Part of `_summary=true`.
    pub is_summary: bool,
    /// Whether it changes the meaning of the resource.
    pub is_modifier: bool,
}

/// A value set of a required binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ValueSetId(u16);

impl ValueSetId {
    pub(super) fn from_index(index: usize) -> Self {
        Self(u16::try_from(index).expect("a pack has fewer than 65,536 value sets"))
    }

    pub(super) fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// The codes of a value set, by system.
#[derive(Debug)]
pub struct ValueSet {
    /// Its canonical URL, with the version where the binding names one.
    pub url: String,
    pub(super) systems: Vec<(String, HashSet<String>)>,
}

impl ValueSet {
    /// Whether HL7's files enumerate it. Media types and currencies, for example, are defined
    /// elsewhere: every code passes then.
    pub fn is_enumerated(&self) -> bool {
        !self.systems.is_empty()
    }

    /// Whether a bare `code` is one of it.
    pub fn has_code(&self, code: &str) -> bool {
        !self.is_enumerated() || self.systems.iter().any(|(_, codes)| codes.contains(code))
    }

    /// Whether `code` of `system` is one of it.
    pub fn has_coding(&self, system: Option<&str>, code: &str) -> bool {
        !self.is_enumerated()
            || self
                .systems
                .iter()
                .any(|(s, codes)| Some(s.as_str()) == system && codes.contains(code))
    }

    /// The system of a code that only one system of the set has; search needs it for `code` elements.
    pub fn system_of(&self, code: &str) -> Option<&str> {
        self.systems.iter().find(|(_, codes)| codes.contains(code)).map(|(s, _)| s.as_str())
    }
}
