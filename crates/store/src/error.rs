use crate::{TypeNumber, Version};
use std::time::Duration;

/// Why a store didn't do what was asked. Never carries resource contents.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The precondition of write number `write` of the batch failed; nothing was written.
    #[error("write {write} of the batch: {conflict}")]
    Conflict {
        /// The place of the write in its batch, from 0.
        write: usize,
        /// What stood against it.
        conflict: Conflict,
    },
    /// Guard number `0` of the batch found something else than it was told; nothing was written.
    #[error("what guard {0} of the batch relies on has changed in the meantime")]
    Guard(usize),
    /// The principal may not touch this type.
    #[error("access to resource type number {} is not allowed", .0.0)]
    Forbidden(TypeNumber),
    /// A name that can't be a file or schema name.
    #[error("'{0}' is not a name: 1 to 64 of A-Z, a-z, 0-9, '_' and '-'")]
    Name(String),
    /// The catalogue has no such collection.
    #[error("there is no collection {0}")]
    UnknownCollection(String),
    /// The catalogue has such a collection.
    #[error("collection {0} exists already")]
    Exists(String),
    /// A cursor of another incarnation: after a restore or a move its numbers mean nothing.
    #[error(
        "the cursor belongs to another incarnation of the collection; start over from the beginning"
    )]
    Incarnation,
    /// A page token that this store didn't make.
    #[error("the page position can't be read; start over from the first page")]
    Position,
    /// Too much to do; try again after the time given.
    #[error("the store is busy: {reason}")]
    Busy {
        /// What there is too much of.
        reason: &'static str,
        /// When to try again.
        retry_after: Duration,
    },
    /// Searches wait for the index to be built: `done` of `total` resources.
    #[error("the search index is being built: {done} of {total} resources")]
    Indexing {
        /// Resources whose keys are entered.
        done: u64,
        /// Resources in all.
        total: u64,
    },
    /// The search needs more work than one request may cost; says what to narrow.
    #[error("{0}")]
    TooCostly(String),
    /// Something stored can't be read.
    #[error("stored data is damaged: {0}")]
    Corrupt(String),
    /// The collection is open for reading only.
    #[error("the store is open for reading only")]
    ReadOnly,
    /// A bookmark isn't where the batch expected it; nothing was written.
    #[error("bookmark '{0}' has been moved by somebody else")]
    Moved(String),
    /// The contents of write number `write` of the batch are too long; nothing was written.
    #[error("write {write} of the batch has {bytes} bytes of contents: at most {limit} are kept")]
    TooLarge {
        /// The place of the write in its batch, from 0.
        write: usize,
        /// Its length.
        bytes: usize,
        /// What may be.
        limit: usize,
    },
    /// Nobody knows whether the batch was written. Every other error of a commit means that it wasn't.
    #[error("the store didn't answer to a commit: look whether it was written")]
    InDoubt,
    /// The engine underneath failed.
    #[error("{context}: {source}")]
    Backend {
        /// What was being done.
        context: &'static str,
        /// What the engine says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What stood against a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Another version is current.
    #[error("version {expected} was expected, version {current} is current")]
    Version {
        /// The version that the writer had seen.
        expected: Version,
        /// The one that is there.
        current: Version,
    },
    /// It should not exist, but does.
    #[error("the resource exists already, in version {0}")]
    Exists(Version),
    /// It should exist, but never did.
    #[error("the resource does not exist")]
    Missing,
    /// It should exist, but was deleted in this version.
    #[error("the resource was deleted, in version {0}")]
    Deleted(Version),
    /// Its contents are kept under another version's number.
    #[error("the contents were prepared as version {prepared}, version {next} is next")]
    Numbered {
        /// The version that they were prepared as.
        prepared: Version,
        /// The one that would be written.
        next: Version,
    },
    /// The batch writes it twice.
    #[error("the batch writes this resource twice")]
    Twice,
}

impl StoreError {
    /// Wraps an engine's error with what was being done.
    pub fn backend(
        context: &'static str,
    ) -> impl Fn(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |source| Self::Backend { context, source }
    }
}
