use cresset_store::Seq;

/// How far a copy under way has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Changes taken over since this process began.
    pub copied: u64,
    /// The last change of the source that was taken over.
    pub seq: Seq,
    /// The source's last change when it was last asked.
    pub horizon: Seq,
}

/// How the two sides stand when a copy ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Changes taken over since this process began.
    pub copied: u64,
    /// The last change of the source that was taken over.
    pub seq: Seq,
    /// Changes that the source had after it.
    pub behind: u64,
    /// Resources that were indexed anew since search parameters or base URLs had changed.
    pub reindexed: u64,
    /// Versions that can't be read as valid resources of today: carried over, but not found by their
    /// contents.
    pub unindexed: u64,
    /// Versions that the source can't give, though it says of no purge that explains it.
    pub unexplained: u64,
}

impl Progress {
    /// Changes that are still to be taken over.
    pub fn behind(&self) -> u64 {
        self.horizon.0.saturating_sub(self.seq.0)
    }
}
