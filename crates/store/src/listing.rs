use crate::{Position, Stored};

/// A page of a type's current resources.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The resources.
    pub resources: Vec<Stored>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Position>,
}

/// Whether searches can be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexState {
    /// Everything written is found.
    Ready,
    /// Indexing is deferred or under way.
    Building {
        /// Resources whose keys are entered.
        done: u64,
        /// Resources in all.
        total: u64,
    },
}

/// Something that must not be, found by [`crate::Store::check`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Where: a resource's type number and id, or a part of the store.
    pub place: String,
    /// What is wrong; no contents.
    pub problem: String,
    /// Whether it was mended.
    pub mended: bool,
}
