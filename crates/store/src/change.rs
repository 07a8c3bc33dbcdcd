use crate::{Key, Provenance, Timestamp, Version};

/// A place in a collection's change sequence: opaque, ordered within one [`Incarnation`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seq(pub u64);

/// The life of a collection's sequence. A restore, a fail-over to a standby that was behind, or a
/// move starts a new one, and cursors of the old one are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Incarnation(pub u64);

/// How far somebody has read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sequence that it counts in.
    pub incarnation: Incarnation,
    /// The last change that was read; `Seq(0)` before the first.
    pub seq: Seq,
}

/// What happened to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Its first version, or the first after a deletion.
    Create,
    /// A further version.
    Update,
    /// A version without contents.
    Delete,
    /// Versions removed for good.
    Purge,
}

/// One entry of the change sequence. Purging never shortens it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its place.
    pub seq: Seq,
    /// Whose change.
    pub key: Key,
    /// The version that came to be.
    pub version: Version,
    /// The one that it replaced.
    pub previous: Option<Version>,
    /// What happened.
    pub kind: ChangeKind,
    /// When.
    pub time: Timestamp,
    /// By whom.
    pub provenance: Provenance,
}

/// A page of changes.
#[derive(Clone, Debug)]
pub struct Changes {
    /// In commit order.
    pub changes: Vec<Change>,
    /// Where to go on from.
    pub cursor: Cursor,
    /// Whether more were there at the time of asking.
    pub more: bool,
}
