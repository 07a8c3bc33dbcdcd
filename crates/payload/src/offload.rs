use crate::blob_name::{BlobName, Prefix};
use crate::cache::BodyCache;
use crate::container::Container;
use crate::record;
use cresset_store::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tracing::Instrument;

/// Resources whose writes are put in order, by the last digits of a hash.
const STRIPES: usize = 1024;

/// How bodies are offloaded.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The collection whose bodies lie at the top of the container.
    pub top: Arc<str>,
    /// Bytes of the longest body, uncompressed.
    pub longest: usize,
    /// Bytes of bodies that are kept in memory.
    pub cache: u64,
    /// How long a commit may take from its first put to its beginning in the database. Reconciling
    /// leaves alone what is younger than several times that.
    pub deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            top: "fhir".into(),
            longest: 4 << 20,
            cache: 64 << 20,
            deadline: Duration::from_secs(120),
        }
    }
}

/// A store whose bodies are in an object store.
pub struct Offload {
    pub(crate) inner: Arc<Inner>,
}

impl std::fmt::Debug for Offload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Offload").field("container", &self.inner.container).finish_non_exhaustive()
    }
}

/// What commits that outlive their client hold on to.
pub(crate) struct Inner {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) container: Container,
    pub(crate) settings: Settings,
    pub(crate) cache: BodyCache,
    stripes: Vec<Mutex<()>>,
}

impl Offload {
    /// Around a store. Each collection is asked what it remembers when it is created or first used.
    pub fn new(store: Arc<dyn Store>, container: Container, settings: Settings) -> Self {
        let cache = BodyCache::up_to(settings.cache);
        let stripes = (0..STRIPES).map(|_| Mutex::default()).collect();
        Self { inner: Arc::new(Inner { store, container, settings, cache, stripes }) }
    }

    /// The container.
    pub fn container(&self) -> &Container {
        &self.inner.container
    }
}

impl Settings {
    /// Where a collection's bodies lie.
    pub fn prefix(&self, collection: &Collection) -> Prefix {
        let name = &collection.name.collection;
        match collection.generation {
            0 if *name == self.top => Prefix::top(),
            generation => Prefix::of(name, generation),
        }
    }
}

impl Inner {
    pub(crate) fn prefix(&self, collection: &Collection) -> Prefix {
        self.settings.prefix(collection)
    }

    /// The name of a body that a row tells of.
    pub(crate) fn name(&self, scope: &Scope, stored: &Stored, elsewhere: &Offloaded) -> String {
        format!("{}{}", self.prefix(scope.collection()), BlobName::of(stored, elsewhere))
    }

    /// Keeps others of this process from writing these resources meanwhile: of two who prepare the same
    /// version one would have to do it again.
    pub(crate) async fn in_turn<'k>(
        &self,
        keys: impl Iterator<Item = &'k Key>,
    ) -> Vec<tokio::sync::MutexGuard<'_, ()>> {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let stripe = |key: &Key| {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            hasher.finish() as usize % STRIPES
        };
        // In order, so that nobody waits in a circle.
        let wanted: BTreeMap<usize, ()> = keys.map(|key| (stripe(key), ())).collect();
        let mut turns = Vec::with_capacity(wanted.len());
        for at in wanted.into_keys() {
            turns.push(self.stripes[at].lock().await);
        }
        turns
    }
}

impl Store for Offload {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        Box::pin(async move {
            let incarnation = inner.store.create(&scope).await?;
            let prefix = inner.prefix(scope.collection());
            record::enter(&*inner.store, &scope, &inner.container, &prefix).await?;
            Ok(incarnation)
        })
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        Box::pin(async move { inner.remove(&scope).await })
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        self.inner.store.next_versions(scope, keys)
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        to_its_end(async move { inner.commit(&scope, batch).await })
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        to_its_end(async move { inner.replicate(&scope, batch).await })
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        let (inner, scope, key) = (Arc::clone(&self.inner), scope.clone(), key.clone());
        to_its_end(async move { inner.purge(&scope, &key, versions, provenance).await })
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let keys = keys.to_vec();
        self.reading(scope, move |store, scope| store.read(scope, &keys))
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        let key = key.clone();
        self.reading(scope, move |store, scope| store.read_version(scope, &key, version))
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        self.versions(scope, versions.to_vec(), bytes)
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        self.inner.store.references(scope, keys, parameters)
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.reading(scope, move |store, scope| store.history(scope, query.clone()))
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        self.reading(scope, move |store, scope| store.search(scope, query.clone()))
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        self.inner.store.explain(scope, query)
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.reading(scope, move |store, scope| {
            store.list(scope, resource_type, after.clone(), limit)
        })
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.inner.store.changes(scope, cursor, limit)
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.inner.store.horizon(scope)
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        self.inner.store.bookmark(scope, name)
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.inner.store.reindex(scope, entries)
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        self.inner.store.compare_index(scope, entries)
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.inner.store.index_state(scope)
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.inner.store.defer_index(scope)
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.inner.store.build_index(scope)
    }

    fn await_index(&self, scope: &Scope, consistency: Consistency) -> StoreFuture<'_, ()> {
        self.inner.store.await_index(scope, consistency)
    }

    fn unindexed(&self, scope: &Scope, age: Duration, limit: usize) -> StoreFuture<'_, Unindexed> {
        self.inner.store.unindexed(scope, age, limit)
    }

    fn announce(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.inner.store.announce(scope, entries)
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        Box::pin(async move { inner.check(&scope, repair).await })
    }
}

/// Goes on when the client doesn't wait any more: what was put is committed or taken away.
fn to_its_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, StoreError>> + Send + 'static,
) -> StoreFuture<'static, T> {
    let task = tokio::spawn(work.in_current_span());
    Box::pin(async move { task.await.unwrap_or(Err(StoreError::InDoubt)) })
}
