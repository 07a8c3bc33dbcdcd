use crate::{Key, Position, Stored, Timestamp, TypeNumber};

/// Which versions a history asks for (R4 RESTful API, section 3.1.0.12).
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// Whose versions.
    pub range: HistoryRange,
    /// Only versions committed at or after this moment.
    pub since: Option<Timestamp>,
    /// Only versions that were current at some time in this span: from the first moment up to, but
    /// without, the second.
    pub at: Option<(Timestamp, Timestamp)>,
    /// Go on after this place.
    pub after: Option<Position>,
    /// At most so many.
    pub limit: usize,
}

impl HistoryQuery {
    /// The first page of all versions.
    pub fn all(range: HistoryRange, limit: usize) -> Self {
        Self { range, since: None, at: None, after: None, limit }
    }
}

/// Whose versions a history is of.
#[derive(Clone, Debug)]
pub enum HistoryRange {
    /// One resource's.
    Instance(Key),
    /// All resources' of a type.
    Type(TypeNumber),
    /// All resources'.
    System,
}

/// A page of versions, newest first.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// The versions.
    pub versions: Vec<Stored>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<Position>,
    /// How many versions there are in all, where that is cheap to know (an instance's).
    pub total: Option<u64>,
}
