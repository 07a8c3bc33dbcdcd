//! Index keys that another process enters: what the one tells, and what the other does with it.
//!
//! A commit on a store with an [`Announcer`] writes resources without their index keys and remembers
//! them as unindexed; it announces the keys before it ends. Whoever gets the announcements hands them
//! to an [`Indexer`], which enters the keys and strikes the resource off that list in one transaction.
//! So nothing stays unindexed unseen, whatever becomes of an announcement: what is on the list for long is
//! announced again.

use crate::{Collection, IndexKeys, Key, Scope, Seq, StoreError, StoreFuture, Timestamp, Version};
use std::time::Duration;

/// A version whose index keys are to be entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Announcement {
    /// The resource.
    pub key: Key,
    /// The store's own number of it.
    pub number: i64,
    /// The version.
    pub version: Version,
    /// When that was written.
    pub updated: Timestamp,
    /// The database transaction that writes it; `None` when it was committed before.
    pub transaction: Option<u64>,
    /// What it is found by.
    pub keys: IndexKeys,
}

/// Tells other processes of versions to be indexed.
pub trait Announcer: std::fmt::Debug + Send + Sync + 'static {
    /// Returns when none of them can be lost any more by whoever carries them.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when they can't be carried; then some may have been all the same.
    fn announce<'a>(
        &'a self,
        collection: &'a Collection,
        announcements: &'a [Announcement],
    ) -> StoreFuture<'a, ()>;
}

/// What became of an announcement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The version's keys are in the index.
    Entered,
    /// The version can't be seen: its transaction is under way, or has just ended.
    Early,
    /// Its transaction was given up.
    Aborted,
    /// The same version was written by another transaction.
    Foreign,
    /// A later version, a deletion or a purge came first.
    Overtaken,
}

/// Where index keys are entered that were announced.
pub trait Indexer: Send + Sync + 'static {
    /// Enters keys, in one transaction with what follows from it; a verdict for each announcement, in
    /// their order. Doing it again changes nothing.
    fn index(
        &self,
        scope: &Scope,
        announcements: Vec<Announcement>,
    ) -> StoreFuture<'_, Vec<Verdict>>;

    /// Keeps what can't be read or entered, for people to look at. Keeping it again changes nothing.
    fn bury(&self, letter: DeadLetter) -> StoreFuture<'_, ()>;

    /// How many are kept.
    fn dead_letters(&self) -> StoreFuture<'_, u64>;
}

/// An announcement that can't be read or entered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The topic that it came by.
    pub topic: String,
    /// The part of the topic.
    pub partition: i32,
    /// Its place in that.
    pub offset: i64,
    /// What is wrong with it; no contents.
    pub problem: String,
    /// The message as it was.
    pub message: Vec<u8>,
}

/// What isn't in the index yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unindexed {
    /// How many resources that are.
    pub count: u64,
    /// How long the oldest has waited.
    pub oldest: Option<Duration>,
    /// Those that were asked for, the oldest first, in their current versions.
    pub resources: Vec<(Key, Version)>,
}

/// What a search has to know of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Consistency {
    /// What is in the index.
    #[default]
    Eventual,
    /// Whatever was committed up to here.
    Since(Seq),
    /// Whatever was committed before it.
    Strong,
}

/// An index that didn't get there in time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

impl StoreError {
    /// The index has not got to where a search needs it.
    pub fn index_lags() -> Self {
        Self::Busy { reason: "the search index has not got there yet", retry_after: PATIENCE }
    }
}
