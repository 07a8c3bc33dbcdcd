use crate::Canonical;

/// Why a value set can't be expanded or a code not be looked up. Messages are for the client; they
/// name resources by URL and never repeat their contents.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Neither stored nor part of the specification's own.
    #[error("{kind} {canonical} is not known here: create it on this server first")]
    Unknown {
        /// `CodeSystem` or `ValueSet`.
        kind: &'static str,
        /// What was asked for.
        canonical: Canonical,
    },
    /// The resource doesn't hold what would be needed.
    #[error("CodeSystem {system} can't be used: {reason}")]
    Unusable {
        /// Its URL.
        system: Canonical,
        /// What is missing.
        reason: &'static str,
    },
    /// The definition makes no sense, or none that is understood.
    #[error("ValueSet {value_set}: {reason}")]
    Definition {
        /// Its URL.
        value_set: String,
        /// What is wrong.
        reason: String,
    },
    /// A code that its code system doesn't have.
    #[error("the code given is not one of CodeSystem {0}")]
    NoSuchCode(Canonical),
    /// A code without its system.
    #[error("needs the code's system: write it as system|code")]
    NoSystem,
    /// More codes than an expansion may have.
    #[error("has more than {0} codes, too many to be expanded: use a narrower value set")]
    TooManyCodes(usize),
    /// More work than an expansion may take.
    #[error("takes too long to expand: use a value set with fewer includes and filters")]
    TooCostly,
}

impl Problem {
    /// Whether a smaller question would have an answer.
    pub fn is_too_costly(&self) -> bool {
        matches!(self, Self::TooManyCodes(_) | Self::TooCostly)
    }

    /// Whether something isn't here, as opposed to being wrong.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}
