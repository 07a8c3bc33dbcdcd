use crate::build;
use crate::check;
use crate::collection::{OpenCollection, Purpose, Reader};
use crate::directory::{Directory, OpenMode};
use crate::error::{Context, Outcome};
use crate::schema::{self, set_setting};
use crate::settings::Settings;
use crate::{read, search};
use cresset_store::*;
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// A directory with a SQLite file per collection.
#[derive(Debug)]
pub struct SqliteStore {
    // Before the directory: its lock must outlast the writers.
    open: RwLock<HashMap<Arc<Collection>, Arc<OpenCollection>>>,
    directory: Directory,
    mode: OpenMode,
    settings: Settings,
}

impl SqliteStore {
    /// Opens a directory; made if it isn't there and is opened for writing.
    ///
    /// # Errors
    /// When another process writes it (the message names it), or the file system refuses.
    pub fn open(root: &Path, mode: OpenMode, settings: Settings) -> Result<Self, StoreError> {
        let directory = Directory::open(root, mode)?;
        Ok(Self { directory, mode, settings, open: RwLock::default() })
    }

    /// The collection, opened when its file is there.
    fn opened(&self, scope: &Scope) -> Outcome<Arc<OpenCollection>> {
        let known = self.open.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(collection) = known.get(scope.collection()) {
            return Ok(Arc::clone(collection));
        }
        drop(known);
        if !self.directory.file(scope.collection()).exists() {
            return Err(StoreError::UnknownCollection(scope.collection().name.to_string()));
        }
        self.open_or_make(scope)
    }

    fn open_or_make(&self, scope: &Scope) -> Outcome<Arc<OpenCollection>> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(collection) = open.get(scope.collection()) {
            return Ok(Arc::clone(collection));
        }
        let writes = self.mode == OpenMode::Write;
        let path = match writes {
            true => self.directory.prepare(scope.collection())?,
            false => self.directory.file(scope.collection()),
        };
        let collection = Arc::new(OpenCollection::open(&path, &self.settings, writes)?);
        open.insert(Arc::clone(scope.collection()), Arc::clone(&collection));
        Ok(collection)
    }

    /// A read of more than one statement: from one snapshot, off the asynchronous threads.
    fn snapshot<T: Send + 'static>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&mut Reader, &Scope, &OpenCollection) -> Outcome<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.off_thread(scope, Purpose::Read, read)
    }

    /// A [`snapshot`](Self::snapshot) for a search, which may take long.
    fn searching<T: Send + 'static>(
        &self,
        scope: &Scope,
        read: impl FnOnce(&mut Reader, &Scope, &OpenCollection) -> Outcome<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        self.off_thread(scope, Purpose::Search, read)
    }

    /// Reads where that keeps nobody else waiting.
    fn off_thread<T: Send + 'static>(
        &self,
        scope: &Scope,
        purpose: Purpose,
        read: impl FnOnce(&mut Reader, &Scope, &OpenCollection) -> Outcome<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let scope = scope.clone();
        Box::pin(async move {
            let collection = self.opened(&scope)?;
            let permit = collection.permit(purpose).await?;
            let work = move || {
                let _permit = permit;
                collection.snapshot(|reader| read(reader, &scope, &collection))
            };
            tokio::task::spawn_blocking(work).await.map_err(|source| StoreError::Backend {
                context: "reading",
                source: source.into(),
            })?
        })
    }

    /// A read of one statement for each of few keys: on the thread that asks.
    fn quickly<'a, T: Send + 'a>(
        &'a self,
        scope: &Scope,
        read: impl FnOnce(&mut Reader) -> Outcome<T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        let collection = self.opened(scope);
        Box::pin(async move {
            let collection = collection?;
            let _permit = collection.permit(Purpose::Read).await?;
            collection.quickly(read)
        })
    }

    /// A write: `work` runs in the writer's next commit.
    fn write<T: Send + 'static>(
        &self,
        scope: &Scope,
        weight: usize,
        work: impl FnOnce(&mut crate::write::Transaction<'_>, &Scope) -> Outcome<T> + Send + 'static,
    ) -> StoreFuture<'_, T> {
        let scope = scope.clone();
        Box::pin(async move {
            let collection = self.opened(&scope)?;
            collection.writer()?.submit(weight, move |t| work(t, &scope)).await
        })
    }
}

/// Above this many, reading by key counts as a long read.
const FEW_KEYS: usize = 16;

impl Store for SqliteStore {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        let outcome = self.open_or_make(scope).map(|collection| collection.incarnation);
        Box::pin(std::future::ready(outcome))
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        let scope = scope.clone();
        Box::pin(async move {
            if self.mode == OpenMode::Read {
                return Err(StoreError::ReadOnly);
            }
            let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
            open.remove(scope.collection());
            self.directory.unlink(scope.collection())
        })
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        let keys = keys.to_vec();
        self.snapshot(scope, move |reader, scope, _| {
            keys.iter().try_for_each(|key| scope.may_write(key.resource_type))?;
            keys.iter().map(|key| read::next_version(&reader.connection, key)).collect()
        })
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        self.write(scope, batch.writes.len() + 1, move |t, scope| t.commit(scope, &batch))
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        self.write(scope, batch.replicas.len() + 1, move |t, scope| t.replicate(scope, &batch))
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        let key = key.clone();
        self.write(scope, 1, move |t, scope| t.purge(scope, &key, versions.as_deref(), &provenance))
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let allowed = keys.iter().try_for_each(|key| scope.may_read(key.resource_type));
        let keys = keys.to_vec();
        if keys.len() > FEW_KEYS && allowed.is_ok() {
            return self.snapshot(scope, move |reader, _, _| {
                keys.iter().map(|key| read::current(&reader.connection, key)).collect()
            });
        }
        self.quickly(scope, move |reader| {
            allowed?;
            keys.iter().map(|key| read::current(&reader.connection, key)).collect()
        })
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        let (keys, parameters) = (keys.to_vec(), parameters.to_vec());
        self.snapshot(scope, move |reader, scope, _| {
            keys.iter().try_for_each(|key| scope.may_read(key.resource_type))?;
            read::references(reader, &keys, &parameters)
        })
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        let key = key.clone();
        self.snapshot(scope, move |reader, scope, _| {
            scope.may_read(key.resource_type)?;
            read::version(&reader.connection, &key, version)
        })
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let versions = versions.to_vec();
        self.snapshot(scope, move |reader, scope, _| {
            versions.iter().try_for_each(|(key, _)| scope.may_read(key.resource_type))?;
            read::versions(&reader.connection, &versions, bytes)
        })
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        self.snapshot(scope, move |reader, scope, _| {
            read::history(&reader.connection, scope, &query)
        })
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        let settings = self.settings;
        self.searching(scope, move |reader, scope, _| {
            if schema::setting(&reader.connection, "deferred")?.is_some_and(|v| v != 0) {
                return Err(StoreError::Indexing {
                    done: 0,
                    total: build::live(&reader.connection)?,
                });
            }
            let snapshot = search::Snapshot::new(&reader.connection, &settings);
            search::search(&snapshot, &mut reader.vocabulary, scope, &query)
        })
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        let settings = self.settings;
        self.searching(scope, move |reader, scope, _| {
            let snapshot = search::Snapshot::new(&reader.connection, &settings);
            search::explain(&snapshot, &mut reader.vocabulary, scope, &query)
        })
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.snapshot(scope, move |reader, scope, _| {
            scope.may_read(resource_type)?;
            read::list(&reader.connection, resource_type, after, limit)
        })
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.snapshot(scope, move |reader, _, collection| {
            read::changes(&reader.connection, collection.incarnation, cursor, limit)
        })
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.snapshot(scope, |reader, _, collection| {
            read::horizon(&reader.connection, collection.incarnation)
        })
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        let name = name.to_owned();
        self.quickly(scope, move |reader| read::bookmark(&reader.connection, &name))
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        self.write(scope, entries.len(), move |t, scope| t.reindex(scope, &entries))
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        self.snapshot(scope, move |reader, _, _| read::compare_index(reader, &entries))
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.snapshot(scope, |reader, _, _| {
            let deferred = schema::setting(&reader.connection, "deferred")?.is_some_and(|v| v != 0);
            Ok(match deferred {
                false => IndexState::Ready,
                true => IndexState::Building { done: 0, total: build::live(&reader.connection)? },
            })
        })
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.write(scope, 1, |t, _| t.defer_index())
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        let folder = self.opened(scope).map(|c| c.folder().to_owned());
        self.write(scope, usize::MAX >> 1, move |t, _| t.build_index(&folder?))
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        let scope = scope.clone();
        Box::pin(async move {
            let checked = self.snapshot(&scope, |reader, _, collection| {
                check::check(&reader.connection, collection.folder())
            });
            let mut breaches = checked.await?;
            if repair && !breaches.is_empty() {
                self.build_index(&scope).await?;
                let again = self.snapshot(&scope, |reader, _, collection| {
                    check::check(&reader.connection, collection.folder())
                });
                let left = again.await?;
                for breach in &mut breaches {
                    breach.mended = !left.contains(breach);
                }
            }
            Ok(breaches)
        })
    }
}

impl crate::write::Transaction<'_> {
    fn defer_index(&mut self) -> Outcome<()> {
        self.set_deferred(true);
        set_setting(self.connection(), "deferred", 1)
    }

    fn build_index(&mut self, folder: &Path) -> Outcome<u64> {
        self.enter_pending()?;
        let entered = build::rebuild(self.connection(), folder)?;
        self.set_deferred(false);
        // The new tree is one long run of pages; the statistics of the old one mislead.
        self.connection().execute_batch("PRAGMA optimize").context("looking at the new index")?;
        Ok(entered)
    }
}
