use crate::{Key, Payload, StoreError, Timestamp, Version};

/// One version of a resource as the store has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Whose version it is.
    pub key: Key,
    /// Which version.
    pub version: Version,
    /// When it was committed.
    pub updated: Timestamp,
    /// Its contents, or that it is a deletion.
    pub state: State,
    /// How it came to be.
    pub kind: crate::ChangeKind,
}

/// What a version is.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// A version with contents.
    Live(Payload),
    /// A deletion: a version of its own, without contents.
    Deleted,
}

impl Stored {
    /// The payload, unless this version is a deletion.
    pub fn payload(&self) -> Option<&Payload> {
        match &self.state {
            State::Live(payload) => Some(payload),
            State::Deleted => None,
        }
    }

    /// The resource as it is sent to a client, with its version and time in `meta`; `None` for a
    /// deletion.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the payload doesn't decode.
    pub fn body(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.payload().map(|p| p.body(self.version, self.updated)).transpose()
    }
}
