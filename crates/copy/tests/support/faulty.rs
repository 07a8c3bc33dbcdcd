//! A store that fails when it is told to.

use cresset_store::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing was done.
    Before,
    /// It was done, and isn't told so.
    After,
    /// The store was busy, and nothing was done.
    Busy,
    /// It was done, and the store says that it was busy.
    BusyAfter,
}

/// Passes calls on; of those that copies make, the nth one fails, or every nth.
pub(crate) struct Faulty {
    inner: Arc<dyn Store>,
    fault: Fault,
    nth: usize,
    again: bool,
    calls: AtomicUsize,
    /// A version that can't be given.
    pub(crate) lost: Option<(Key, Version)>,
    /// The largest batch: replicas and their bytes.
    pub(crate) largest: AtomicUsize,
}

impl Faulty {
    pub(crate) fn new(inner: &Arc<dyn Store>, fault: Fault, nth: usize) -> Self {
        let (inner, calls, largest) = (Arc::clone(inner), AtomicUsize::new(0), AtomicUsize::new(0));
        Self { inner, fault, nth, again: false, calls, lost: None, largest }
    }

    pub(crate) fn every(inner: &Arc<dyn Store>, fault: Fault, nth: usize) -> Self {
        Self { again: true, ..Self::new(inner, fault, nth) }
    }

    /// Whether the fault was met.
    pub(crate) fn has_failed(&self) -> bool {
        self.calls.load(Ordering::Relaxed) >= self.nth
    }

    fn faulty<'a, T: Send + 'a>(&'a self, call: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        let fails = if self.again { number.is_multiple_of(self.nth) } else { number == self.nth };
        if !fails {
            return call;
        }
        let busy = matches!(self.fault, Fault::Busy | Fault::BusyAfter);
        let is_done = matches!(self.fault, Fault::After | Fault::BusyAfter);
        Box::pin(async move {
            if is_done {
                call.await?;
            }
            Err(match busy {
                true => StoreError::Busy { reason: "told to", retry_after: Duration::ZERO },
                false => StoreError::Backend { context: "failing", source: "told to".into() },
            })
        })
    }
}

impl Store for Faulty {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        self.inner.create(scope)
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.inner.remove(scope)
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        self.inner.next_versions(scope, keys)
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        let scope = scope.clone();
        self.faulty(Box::pin(async move { self.inner.commit(&scope, batch).await }))
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        let bytes = batch.replicas.iter().map(Replica::size).sum();
        self.largest.fetch_max(bytes, Ordering::Relaxed);
        // Not begun until it is polled: a fault before it leaves nothing.
        let scope = scope.clone();
        self.faulty(Box::pin(async move { self.inner.replicate(&scope, batch).await }))
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        self.inner.purge(scope, key, versions, provenance)
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.inner.read(scope, keys)
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        self.inner.read_version(scope, key, version)
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let reading = self.inner.read_versions(scope, versions, bytes);
        let lost = self.lost.clone();
        self.faulty(Box::pin(async move {
            let mut found = reading.await?;
            for stored in &mut found {
                stored.take_if(|s| Some((s.key.clone(), s.version)) == lost);
            }
            Ok(found)
        }))
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        self.inner.references(scope, keys, parameters)
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.faulty(self.inner.history(scope, query))
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        self.inner.search(scope, query)
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        self.inner.explain(scope, query)
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.faulty(self.inner.list(scope, resource_type, after, limit))
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.faulty(self.inner.changes(scope, cursor, limit))
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.faulty(self.inner.horizon(scope))
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.faulty(self.inner.bookmark(scope, name))
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let scope = scope.clone();
        self.faulty(Box::pin(async move { self.inner.reindex(&scope, entries).await }))
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        self.inner.compare_index(scope, entries)
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.inner.index_state(scope)
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.inner.defer_index(scope)
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.inner.build_index(scope)
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        self.inner.check(scope, repair)
    }
}
