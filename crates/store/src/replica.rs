use crate::{
    Bookmark, Change, ChangeKind, Deadline, IndexKeys, Key, Payload, Provenance, Seq, State,
    Timestamp, Version,
};
use std::sync::Arc;

/// An entry of another collection's change sequence, to be taken over as it was there.
#[derive(Clone, Debug)]
pub struct Replica {
    /// Whose version.
    pub key: Key,
    /// Which.
    pub version: Version,
    /// When it was committed there.
    pub updated: Timestamp,
    /// What it is.
    pub state: ReplicaState,
    /// What a version that becomes current is found by; empty for what has no contents.
    pub index: IndexKeys,
    /// How it came to be there; `None`: worked out from the versions that are here.
    pub lineage: Option<Lineage>,
    /// By whom. Replicas that follow each other with equal ones share a record of it.
    pub provenance: Arc<Provenance>,
}

/// What a replica is.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplicaState {
    /// A version with contents.
    Live(Payload),
    /// A deletion.
    Deleted,
    /// A version whose contents were purged there. Its change is entered, and its number is never
    /// given again; there is nothing to read.
    Gone,
    /// A purge. Of the versions that are here these stay; none, when the current one isn't among
    /// them. It is entered as a change even when it removes nothing, since it did so there.
    Purge {
        /// Versions that are still there.
        kept: Vec<Version>,
    },
}

/// How a version came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lineage {
    /// What happened.
    pub kind: ChangeKind,
    /// The version that it replaced.
    pub previous: Option<Version>,
}

impl From<State> for ReplicaState {
    fn from(state: State) -> Self {
        match state {
            State::Live(payload) => Self::Live(payload),
            State::Deleted => Self::Deleted,
        }
    }
}

impl Lineage {
    /// As a change tells it.
    pub fn of(change: &Change) -> Self {
        Self { kind: change.kind, previous: change.previous }
    }
}

impl Replica {
    /// How it came to be: as given, or worked out from the newest of the versions here that are
    /// older, and whether that is live. The kind always fits the state.
    pub fn lineage(&self, before: Option<(Version, bool)>) -> Lineage {
        let is_purge = matches!(self.state, ReplicaState::Purge { .. });
        let previous = before.map(|(version, _)| version).filter(|_| !is_purge);
        let arisen = match before {
            Some((_, true)) => ChangeKind::Update,
            _ => ChangeKind::Create,
        };
        let given = self.lineage.unwrap_or(Lineage { kind: arisen, previous });
        let kind = match (&self.state, given.kind) {
            (ReplicaState::Deleted, _) => ChangeKind::Delete,
            (ReplicaState::Purge { .. }, _) => ChangeKind::Purge,
            (ReplicaState::Gone, kind) if kind != ChangeKind::Purge => kind,
            (_, kind @ (ChangeKind::Create | ChangeKind::Update)) => kind,
            _ => arisen,
        };
        Lineage { kind, ..given }
    }

    /// Bytes of memory that it takes, about.
    pub fn size(&self) -> usize {
        let contents = match &self.state {
            ReplicaState::Live(payload) => payload.as_kept().len(),
            ReplicaState::Purge { kept } => size_of_val(kept.as_slice()),
            ReplicaState::Deleted | ReplicaState::Gone => 0,
        };
        size_of::<Self>() + contents + self.index.size()
    }
}

/// What to take over, in the order in which it happened; versions of a resource may come in any.
#[derive(Clone, Debug, Default)]
pub struct ReplicaBatch {
    /// Where the sequence must end for anything to be written: whoever knows it wrote last itself.
    pub after: Option<Seq>,
    /// When the commit must have begun.
    pub deadline: Option<Deadline>,
    /// The versions and purges.
    pub replicas: Vec<Replica>,
    /// Cursors set along with them.
    pub bookmarks: Vec<Bookmark>,
}
