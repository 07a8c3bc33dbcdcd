use compact_str::CompactString;
use std::fmt;

/// The number of a resource type. The store attaches no meaning to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeNumber(pub u16);

/// A logical id: 1 to 64 of `A–Z a–z 0–9 - .` (R4 datatype `id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceId(CompactString);

/// A text that is no [`ResourceId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id has 1 to 64 characters out of A-Z, a-z, 0-9, '-' and '.'")]
pub struct IdError;

impl ResourceId {
    /// Takes `text` when it is an id.
    ///
    /// # Errors
    /// [`IdError`] for any other text.
    pub fn new(text: &str) -> Result<Self, IdError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        let valid = (1..=64).contains(&text.len()) && text.bytes().all(allowed);
        if valid { Ok(Self(text.into())) } else { Err(IdError) }
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What names a resource in its collection: type and logical id.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Its type.
    pub resource_type: TypeNumber,
    /// Its logical id.
    pub id: ResourceId,
}

impl Key {
    /// A key from its parts.
    pub fn new(resource_type: TypeNumber, id: ResourceId) -> Self {
        Self { resource_type, id }
    }
}
