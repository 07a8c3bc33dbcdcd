use crate::{
    Bookmark, ChangeKind, Conflict, Deadline, Expected, IndexKeys, Key, Payload, Query, Seq,
    Timestamp, Version,
};
use std::sync::Arc;

/// What one commit writes: all of it or nothing.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Preconditions on what searches find, checked in the commit itself.
    pub guards: Vec<Guard>,
    /// The writes; no resource twice.
    pub writes: Vec<Write>,
    /// Cursors set along with them.
    pub bookmarks: Vec<Bookmark>,
    /// Bookmarks that must be as their reader saw them, checked in the commit itself.
    pub expected: Vec<Expected>,
    /// When the commit must have begun.
    pub deadline: Option<Deadline>,
    /// By whom.
    pub provenance: Provenance,
}

impl Batch {
    /// The place of the first write to a resource that an earlier one writes already.
    pub fn twice(&self) -> Option<usize> {
        let mut seen = std::collections::HashSet::with_capacity(self.writes.len());
        self.writes.iter().position(|write| !seen.insert(&write.key))
    }
}

/// "This search still finds exactly these": what makes a conditional write race-free.
#[derive(Clone, Debug)]
pub struct Guard {
    /// The search; its `limit` should be one more than `found`.
    pub query: Query,
    /// What it must find, in any order.
    pub found: Vec<Key>,
}

/// One resource's new version.
#[derive(Clone, Debug)]
pub struct Write {
    /// Which resource.
    pub key: Key,
    /// What must hold in the commit.
    pub precondition: Precondition,
    /// What is written.
    pub action: Action,
}

impl Write {
    /// Whether it may become this version (`None`: the numbers have run out): contents that are kept
    /// elsewhere are there under the number of one version.
    ///
    /// # Errors
    /// [`Conflict::Numbered`] with the number that they are kept under.
    pub fn fits(&self, next: Option<Version>) -> Result<(), Conflict> {
        let (Action::Put { payload, .. }, Some(next)) = (&self.action, next) else { return Ok(()) };
        match payload.offloaded() {
            Ok(Some(elsewhere)) if elsewhere.version != next => {
                Err(Conflict::Numbered { prepared: elsewhere.version, next })
            }
            _ => Ok(()),
        }
    }
}

/// What must hold of a resource for a write to go ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    None,
    /// It never existed, or is deleted.
    Absent,
    /// It never existed, not even as deleted.
    Unknown,
    /// It exists and isn't deleted.
    Present,
    /// This version is current (a deletion counts as one).
    Version(Version),
}

impl Precondition {
    /// Whether it holds, given the current version and whether that is a deletion.
    ///
    /// # Errors
    /// What stands against the write.
    pub fn check(self, current: Option<(Version, bool)>) -> Result<(), Conflict> {
        match (self, current) {
            (Self::None, _)
            | (Self::Absent, None | Some((_, true)))
            | (Self::Unknown, None)
            | (Self::Present, Some((_, false))) => Ok(()),
            (Self::Version(expected), Some((version, _))) if version == expected => Ok(()),
            (Self::Absent | Self::Unknown, Some((version, _))) => Err(Conflict::Exists(version)),
            (Self::Present, Some((version, true))) => Err(Conflict::Deleted(version)),
            (Self::Present | Self::Version(_), None) => Err(Conflict::Missing),
            (Self::Version(expected), Some((current, _))) => {
                Err(Conflict::Version { expected, current })
            }
        }
    }
}

/// What a write does.
#[derive(Clone, Debug)]
pub enum Action {
    /// A version with contents.
    Put {
        /// The contents.
        payload: Payload,
        /// What it is found by.
        index: IndexKeys,
    },
    /// A deletion. Deleting what isn't there, or is deleted already, writes nothing.
    Delete,
}

/// By whom, for which request, and from where a write came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The principal's name.
    pub principal: Option<Arc<str>>,
    /// The request's id.
    pub request: Option<Arc<str>>,
    /// What wrote: `http`, `import`, `copy`, …
    pub origin: Option<Arc<str>>,
}

/// What a commit did.
#[derive(Clone, Debug)]
pub struct Committed {
    /// The sequence's place after the commit.
    pub seq: Seq,
    /// One for each write of the batch, in its order.
    pub written: Vec<Written>,
}

/// What one write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The current version after it; `None` when there never was one (deleting the unknown).
    pub version: Option<Version>,
    /// The time of that version.
    pub updated: Timestamp,
    /// What happened; `None` when nothing was written.
    pub kind: Option<ChangeKind>,
}
