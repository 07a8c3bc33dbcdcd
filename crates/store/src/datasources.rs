//! Several stores behind one face: each tenant's datasource is where its operator has put it.

use crate::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The stores of a server's datasources. Each call goes to the one of its scope's tenant and
/// datasource and to no other; where there is none, it ends with [`StoreError::UnknownCollection`].
#[derive(Default)]
pub struct Datasources {
    stores: BTreeMap<(Arc<str>, Arc<str>), Arc<dyn Store>>,
}

impl std::fmt::Debug for Datasources {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.stores.keys()).finish()
    }
}

impl Datasources {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the store of a tenant's datasource.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when it has one: a store that is replaced would take its data with it.
    pub fn add(
        &mut self,
        tenant: &str,
        datasource: &str,
        store: Arc<dyn Store>,
    ) -> Result<(), StoreError> {
        let name = (Arc::from(tenant), Arc::from(datasource));
        if self.stores.contains_key(&name) {
            return Err(StoreError::Exists(format!("{tenant}/{datasource}")));
        }
        self.stores.insert(name, store);
        Ok(())
    }

    /// What the scope's store answers.
    fn of<'a, T: Send + 'a>(
        &'a self,
        scope: &Scope,
        call: impl FnOnce(&'a dyn Store) -> StoreFuture<'a, T>,
    ) -> StoreFuture<'a, T> {
        let name = &scope.collection().name;
        let found = self.stores.get(&(Arc::clone(&name.tenant), Arc::clone(&name.datasource)));
        match found {
            Some(store) => call(&**store),
            None => {
                let unknown = StoreError::UnknownCollection(name.to_string());
                Box::pin(std::future::ready(Err(unknown)))
            }
        }
    }
}

impl Store for Datasources {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        self.of(scope, |store| store.create(scope))
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.of(scope, |store| store.remove(scope))
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        self.of(scope, |store| store.next_versions(scope, keys))
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        self.of(scope, |store| store.commit(scope, batch))
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        self.of(scope, |store| store.replicate(scope, batch))
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        self.of(scope, |store| store.purge(scope, key, versions, provenance))
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.of(scope, |store| store.read(scope, keys))
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        self.of(scope, |store| store.read_version(scope, key, version))
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.of(scope, |store| store.read_versions(scope, versions, bytes))
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        self.of(scope, |store| store.references(scope, keys, parameters))
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.of(scope, |store| store.history(scope, query))
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        self.of(scope, |store| store.search(scope, query))
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        self.of(scope, |store| store.explain(scope, query))
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.of(scope, |store| store.list(scope, resource_type, after, limit))
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.of(scope, |store| store.changes(scope, cursor, limit))
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.of(scope, |store| store.horizon(scope))
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.of(scope, |store| store.bookmark(scope, name))
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.of(scope, |store| store.reindex(scope, entries))
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        self.of(scope, |store| store.compare_index(scope, entries))
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.of(scope, |store| store.index_state(scope))
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.of(scope, |store| store.defer_index(scope))
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.of(scope, |store| store.build_index(scope))
    }

    fn await_index(&self, scope: &Scope, consistency: Consistency) -> StoreFuture<'_, ()> {
        self.of(scope, |store| store.await_index(scope, consistency))
    }

    fn unindexed(&self, scope: &Scope, age: Duration, limit: usize) -> StoreFuture<'_, Unindexed> {
        self.of(scope, |store| store.unindexed(scope, age, limit))
    }

    fn announce(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.of(scope, |store| store.announce(scope, entries))
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        self.of(scope, |store| store.check(scope, repair))
    }
}
