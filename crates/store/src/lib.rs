#![doc = include_str!("../README.md")]

mod batch;
mod bookmark;
mod breaker;
mod change;
#[cfg(feature = "conformance")]
pub mod conformance;
mod datasources;
mod deadline;
mod error;
mod explain;
mod fail_point;
mod gathered;
mod history;
mod index_key;
mod index_keys;
mod key;
mod listing;
pub mod memory;
pub mod payload;
pub mod physical;
pub mod position;
mod query;
mod reference;
mod remote_index;
mod replica;
mod scope;
mod stored;
mod timestamp;
mod version;

pub use batch::{Action, Batch, Committed, Guard, Precondition, Provenance, Write, Written};
pub use bookmark::{Bookmark, Expected};
pub use breaker::{Breaker, Turn};
pub use change::{Change, ChangeKind, Changes, Cursor, Incarnation, Seq};
pub use datasources::Datasources;
pub use deadline::Deadline;
pub use error::{Conflict, StoreError};
pub use explain::{Plan, PlanStep};
pub use fail_point::fail_point;
pub use gathered::Gathered;
pub use history::{HistoryPage, HistoryQuery, HistoryRange};
pub use index_key::{IndexKey, Parameter, Segment};
pub use index_keys::IndexKeys;
pub use key::{IdError, Key, ResourceId, TypeNumber};
pub use listing::{Breach, IndexState, Listing};
pub use payload::{Offloaded, Payload};
pub use query::{
    Filter, Matches, Pattern, Position, Query, Scan, Sort, SortBy, Start, TextPart, Within,
};
pub use reference::Reference;
pub use remote_index::{
    Announcement, Announcer, Consistency, DeadLetter, Indexer, Unindexed, Verdict,
};
pub use replica::{Lineage, Replica, ReplicaBatch, ReplicaState};
pub use scope::{Access, Catalogue, Collection, CollectionKind, CollectionName, Principal, Scope};
pub use stored::{State, Stored};
pub use timestamp::Timestamp;
pub use version::Version;

use std::future::Future;
use std::pin::Pin;

/// A future that a [`Store`] gives: boxed, since the backend is chosen when the program starts.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where resources are kept. It knows bytes and keys, not FHIR.
///
/// The conformance suite (feature `conformance`) is the definition of each method; the words here
/// are its summary. Every call takes a [`Scope`], which only a [`Catalogue`] hands out.
pub trait Store: Send + Sync + 'static {
    /// Makes the scope's collection if it doesn't exist; returns its incarnation.
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation>;

    /// Removes the scope's collection with everything in it. Removing what isn't there is fine.
    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()>;

    /// The numbers that the next versions of these resources would get, in the order asked: for whoever
    /// has to name contents before they are committed.
    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>>;

    /// Writes all of the batch, durably, or nothing of it.
    ///
    /// # Errors
    /// All but [`StoreError::InDoubt`] mean that nothing was written.
    /// [`StoreError::Conflict`] names the write whose precondition failed,
    /// [`StoreError::Guard`] the guard that found something else than expected.
    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed>;

    /// Writes versions, times, tombstones and purges as given: copy, move.
    ///
    /// A version that is there already is left as it is, so repeating changes nothing; a purge and a
    /// version whose contents are gone are entered as changes each time.
    ///
    /// # Errors
    /// [`StoreError::Guard`] 0 when the sequence isn't where the batch says; nothing was written.
    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed>;

    /// Removes versions for good, `versions` or all; leaves a change of kind purge.
    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64>;

    /// The current version of each key, in the order asked: `None` where there never was one.
    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>>;

    /// One version, current or past.
    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>>;

    /// Versions, current or past, in the order asked: `None` where there is none. Stops before the
    /// version that would make them more than `bytes` of contents, but gives at least one.
    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>>;

    /// What the current versions of these resources refer to: of their index keys under `parameters`
    /// those that begin with a resource. For each key in the order asked; empty where there is none.
    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>>;

    /// Past and current versions, newest first.
    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage>;

    /// The resources that match, from one snapshot.
    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches>;

    /// How such a search is answered, step by step, with estimates and what it took; for people.
    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan>;

    /// Current resources of a type in an order that never changes, page by page.
    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing>;

    /// Changes after `cursor`, in commit order; whoever has read up to a change never later sees
    /// an earlier one that it had not seen.
    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes>;

    /// The end of the change sequence: nothing up to there will ever appear that [`Store::changes`]
    /// doesn't give now.
    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor>;

    /// A named cursor, as the last commit that set it left it.
    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>>;

    /// Replaces index keys of current versions: reindexing. A resource whose version has moved on
    /// is left alone. Returns how many were replaced.
    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64>;

    /// Which of these resources have other index keys than those given. A resource whose version has
    /// moved on counts as equal.
    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>>;

    /// Whether searches can be answered: deferred indexing leaves them waiting.
    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState>;

    /// From here on writes keep their index keys but don't enter them; [`Store::build_index`] does.
    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()>;

    /// Enters the keys of everything that was written while indexing was deferred. Interrupted, it
    /// starts again at the next call.
    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64>;

    /// Waits until searches find what `consistency` says, where another process enters index keys. Stores that
    /// enter them with each commit have nothing to wait for.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when that takes too long.
    fn await_index(&self, scope: &Scope, consistency: Consistency) -> StoreFuture<'_, ()> {
        let _ = (scope, consistency);
        Box::pin(std::future::ready(Ok(())))
    }

    /// What another process has yet to enter into the index; of what has waited for `age` and longer up to
    /// `limit` resources by name.
    fn unindexed(
        &self,
        scope: &Scope,
        age: std::time::Duration,
        limit: usize,
    ) -> StoreFuture<'_, Unindexed> {
        let _ = (scope, age, limit);
        Box::pin(std::future::ready(Ok(Unindexed::default())))
    }

    /// Announces index keys of current versions again: of those that wait for another process to enter them.
    /// Returns how many were announced.
    fn announce(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let _ = (scope, entries);
        Box::pin(std::future::ready(Ok(0)))
    }

    /// Looks for what must not be: an index that differs from the keys kept with the resources,
    /// gaps in versions, a `seq` twice, payloads that are missing or don't decode. `repair` mends the index.
    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>>;
}
