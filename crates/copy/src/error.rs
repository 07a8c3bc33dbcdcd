use cresset_store::{Seq, StoreError};

/// Why a copy did not go on. Never carries resource contents.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Nothing of a copy is in the target, but something else.
    #[error(
        "{0} isn't empty, and what is in it is no copy: name an empty store, or remove what is there"
    )]
    NotEmpty(String),
    /// The target holds a copy of another source, or of one that was restored or made anew since.
    #[error(
        "{target} holds a copy of another collection than the one that is in {source_place} now: name an empty store"
    )]
    OtherSource {
        /// The target.
        target: String,
        /// The source.
        source_place: String,
    },
    /// The target has been written to since, so it can't follow its source any more.
    #[error(
        "{place} was written to by others than this copy (its sequence is at {}, the copy left it at {} or before): it has a life of its own now; copy into an empty store",
        found.0, left.0
    )]
    WrittenTo {
        /// The target.
        place: String,
        /// Where its sequence is.
        found: Seq,
        /// Where the copy can have left it.
        left: Seq,
    },
    /// More was copied than the source has: it was set back.
    #[error(
        "changes up to {} were copied, but {place} has only {}: was it restored from a backup? Copy into an empty store",
        copied.0, found.0
    )]
    SetBack {
        /// The source.
        place: String,
        /// The last change that was copied.
        copied: Seq,
        /// The last change that it has.
        found: Seq,
    },
    /// Both sides are one collection.
    #[error("source and target are the same collection")]
    Same,
    /// The target's mark can't be read.
    #[error("the mark of the copy in {0} can't be read: use the version that wrote it")]
    Mark(String),
    /// A store failed.
    #[error("{place}: {error}")]
    Store {
        /// Which.
        place: String,
        /// What it says.
        #[source]
        error: StoreError,
    },
}

impl CopyError {
    /// Says at which place a store failed.
    pub(crate) fn at(place: &str) -> impl Fn(StoreError) -> Self {
        move |error| Self::Store { place: place.to_owned(), error }
    }

    /// Whether the copy was started wrongly, rather than ended by a failure.
    pub fn is_usage(&self) -> bool {
        !matches!(self, Self::Store { .. } | Self::SetBack { .. } | Self::Mark(_))
    }
}
