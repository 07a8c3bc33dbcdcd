//! A store in memory that answers by scanning its keys. Nothing in it is clever, so that other
//! backends can be held against it.

mod collection;
mod evaluate;
mod read;
mod replicate;
mod write;

use crate::*;
use collection::Data;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// The in-memory store. Nothing of it survives the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    collections: Mutex<HashMap<Arc<Collection>, Arc<Mutex<Data>>>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn data(&self, scope: &Scope) -> Result<Arc<Mutex<Data>>, StoreError> {
        let collections = lock(&self.collections);
        let name = || StoreError::UnknownCollection(scope.collection().name.to_string());
        collections.get(scope.collection()).cloned().ok_or_else(name)
    }

    /// Runs `work` on the scope's data, alone.
    fn with<'a, T: Send + 'a>(
        &self,
        scope: &Scope,
        work: impl FnOnce(&mut Data) -> Result<T, StoreError>,
    ) -> StoreFuture<'a, T> {
        let outcome = self.data(scope).and_then(|data| work(&mut lock(&data)));
        Box::pin(std::future::ready(outcome))
    }
}

/// The data behind a lock. A panic while it was held is another test's failure, not this one's.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Store for MemoryStore {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        let mut collections = lock(&self.collections);
        let data = collections.entry(Arc::clone(scope.collection())).or_default();
        let incarnation = lock(data).incarnation;
        Box::pin(std::future::ready(Ok(incarnation)))
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        lock(&self.collections).remove(scope.collection());
        Box::pin(std::future::ready(Ok(())))
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        self.with(scope, |data| {
            keys.iter().try_for_each(|key| scope.may_write(key.resource_type))?;
            Ok(keys.iter().map(|key| data.next_version(key)).collect())
        })
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        self.with(scope, |data| data.commit(scope, batch))
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        self.with(scope, |data| data.replicate(scope, batch))
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        self.with(scope, |data| data.purge(scope, key, versions.as_deref(), provenance))
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.with(scope, |data| keys.iter().map(|key| data.current(scope, key)).collect())
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        self.with(scope, |data| data.version(scope, key, version))
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.with(scope, |data| data.some_versions(scope, versions, bytes))
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        self.with(scope, |data| data.references(scope, keys, parameters))
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.with(scope, |data| data.history(scope, &query))
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        self.with(scope, |data| data.search(scope, &query))
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        self.with(scope, |data| {
            let started = std::time::Instant::now();
            let matches = data.search(scope, &query)?;
            let rows = data.resources.len() as u64;
            let what = "look at every resource".to_owned();
            let steps = vec![PlanStep { depth: 0, what, estimate: Some(rows) }];
            let (found, total) = (matches.resources.len(), matches.total);
            Ok(Plan { steps, rows, found, total, time: started.elapsed() })
        })
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.with(scope, |data| data.list(scope, resource_type, after, limit))
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.with(scope, |data| data.changes(cursor, limit))
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.with(scope, |data| {
            Ok(Cursor { incarnation: data.incarnation, seq: Seq(data.changes.len() as u64) })
        })
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.with(scope, |data| Ok(data.bookmarks.get(name).cloned()))
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.with(scope, |data| Ok(data.reindex(entries)))
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        self.with(scope, |data| Ok(data.compare_index(entries)))
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.with(scope, |data| Ok(data.index_state()))
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.with(scope, |data| {
            data.deferred = true;
            Ok(())
        })
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.with(scope, |data| {
            data.deferred = false;
            Ok(data.resources.len() as u64)
        })
    }

    fn check(&self, scope: &Scope, _repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        self.with(scope, |data| Ok(data.check()))
    }
}
