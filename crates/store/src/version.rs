use std::fmt;
use std::num::NonZeroU64;

/// A version of a resource, from 1. Not a plain number, so that it can't be mixed up with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version(NonZeroU64);

impl Version {
    /// The version that a resource starts with.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The version with this number; there is no version 0, nor one that SQL's integers can't hold.
    pub fn new(number: u64) -> Option<Self> {
        if number > i64::MAX as u64 {
            return None;
        }
        NonZeroU64::new(number).map(Self)
    }

    /// Reads a `meta.versionId` or the `n` of `W/"n"`: digits without a leading zero.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
        plain.then(|| text.parse().ok().and_then(Self::new)).flatten()
    }

    /// The version after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
