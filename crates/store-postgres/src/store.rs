use crate::collection::{OpenCollection, Shared};
use crate::connection::Connections;
use crate::error::{Kind, Outcome, corrupt, kind};
use crate::location::Location;
use crate::migration::{self, Migrated, STEPS, Step, is_behind, is_too_old};
use crate::names::Names;
use crate::schema_name::schema_name;
use crate::settings::Settings;
use crate::tables::Opened;
use crate::transaction::retrying;
use crate::write::{Answer, Indexing, Request};
use crate::{build, check, dead_letters, explain, grant, read, search, tables, unindexed};
use cresset_store::*;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// A PostgreSQL database with a schema per collection.
#[derive(Debug)]
pub struct PostgresStore {
    connections: Arc<Connections>,
    location: Location,
    steps: &'static [Step],
    announcer: Option<Arc<dyn Announcer>>,
    open: RwLock<HashMap<Arc<Collection>, Arc<OpenCollection>>>,
}

impl PostgresStore {
    /// Connects to the database that a URL names: `postgres://user@host/database?schema=NAME`, where
    /// `schema` is what the schemas' names begin with. Must be called inside a Tokio runtime.
    ///
    /// # Errors
    /// When the URL can't be read, or the database refuses or can't be reached.
    pub async fn open(url: &str, settings: Settings) -> Result<Self, StoreError> {
        Self::open_with(url, settings, STEPS).await
    }

    /// The same with steps of one's own from the first form on: how the machinery of migrations is
    /// tested while Cresset has no steps.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_with(
        url: &str,
        settings: Settings,
        steps: &'static [Step],
    ) -> Result<Self, StoreError> {
        let location = Location::parse(url)?;
        let connections = Arc::new(Connections::open(&location, settings).await?);
        Ok(Self { connections, location, steps, announcer: None, open: RwLock::default() })
    }

    /// The same store, which leaves it to another process to enter the index keys of FHIR resources: commits
    /// announce them. What has guards, and so searches while it commits, enters its keys itself; so do
    /// deletions, purges, copies and reindexing.
    #[must_use]
    pub fn announcing(mut self, announcer: Arc<dyn Announcer>) -> Self {
        self.announcer = Some(announcer);
        self
    }

    /// Who enters the index keys of a batch.
    fn indexing(&self, scope: &Scope, batch: &Batch) -> Indexing {
        let is_fhir = scope.collection().kind == CollectionKind::Fhir;
        match self.announcer.is_some() && is_fhir && batch.guards.is_empty() {
            true => Indexing::Announced,
            false => Indexing::Entered,
        }
    }

    /// Makes the collection's tables, or brings them to this program's form; programs of the form
    /// before can go on beside it. With `contract`, what only those need is taken away, and they are
    /// refused from then on.
    ///
    /// # Errors
    /// When the role may not, a lock can't be had, or the tables are of a newer form.
    pub async fn migrate(&self, scope: &Scope, contract: bool) -> Result<Migrated, StoreError> {
        let (names, wanted) = (self.names(scope), self.location.schema_type);
        migration::migrate(&self.connections, &names, wanted, self.steps, contract).await
    }

    /// Gives a role the rights to serve the collection, and no others.
    ///
    /// # Errors
    /// When this role may not, or there is no such collection or role.
    pub async fn grant(&self, scope: &Scope, role: &str) -> Result<(), StoreError> {
        grant::grant(&self.connections, &self.names(scope), role).await
    }

    /// Where it is, for messages: without user and password.
    pub fn place(&self) -> String {
        self.location.place()
    }

    fn names(&self, scope: &Scope) -> Names {
        Names::new(schema_name(&self.location.base, scope.collection()))
    }

    /// The collection, if its tables are there.
    async fn opened(&self, scope: &Scope) -> Outcome<Arc<OpenCollection>> {
        if let Some(collection) = self.known(scope) {
            return Ok(collection);
        }
        let names = self.names(scope);
        let client = self.connections.reader().await?;
        let opened = tables::opened(&client, &names, self.location.schema_type, self.steps).await?;
        let opened = opened.ok_or_else(|| unknown(scope))?;
        Ok(self.enter(scope, names, opened))
    }

    fn known(&self, scope: &Scope) -> Option<Arc<OpenCollection>> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(scope.collection()).cloned()
    }

    /// Remembers a collection, unless another call was quicker.
    fn enter(&self, scope: &Scope, names: Names, opened: Opened) -> Arc<OpenCollection> {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        let collection = open.entry(Arc::clone(scope.collection())).or_insert_with(|| {
            let connections = Arc::clone(&self.connections);
            let (collection, announcer) = (Arc::clone(scope.collection()), self.announcer.clone());
            let form = migration::newest(self.steps);
            let entered =
                OpenCollection::new(connections, names, collection, announcer, opened, form);
            Arc::new(entered)
        });
        Arc::clone(collection)
    }

    /// Forgets a collection, unless it was opened again already.
    fn forget(&self, scope: &Scope, collection: &Arc<OpenCollection>) {
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        if open.get(scope.collection()).is_some_and(|known| Arc::ptr_eq(known, collection)) {
            open.remove(scope.collection());
        }
    }

    /// Runs `work` on the collection: once more when it turns out to be another one than was opened.
    async fn on<T, F>(&self, scope: &Scope, work: impl Fn(Arc<OpenCollection>) -> F) -> Outcome<T>
    where
        F: Future<Output = Outcome<T>>,
    {
        let mut again = true;
        loop {
            let collection = retrying(|| self.opened(scope)).await.map_err(outdated)?;
            let error = match work(Arc::clone(&collection)).await {
                Err(error) => error,
                done => return done,
            };
            let gone =
                matches!(error, StoreError::UnknownCollection(_)) || kind(&error) == Kind::NoTables;
            if !gone {
                return Err(error);
            }
            self.forget(scope, &collection);
            if !again {
                return Err(unknown(scope));
            }
            again = false;
        }
    }

    /// A read, again while others stand in the way.
    fn reading<'a, T, F>(
        &'a self,
        scope: &Scope,
        work: impl Fn(Arc<Shared>, Scope) -> F + Send + Sync + 'a,
    ) -> StoreFuture<'a, T>
    where
        T: Send + 'a,
        F: Future<Output = Outcome<T>> + Send + 'a,
    {
        let scope = scope.clone();
        Box::pin(async move {
            self.on(&scope, |collection| {
                let (work, scope) = (&work, &scope);
                async move {
                    retrying(|| work(Arc::clone(&collection.shared), scope.clone())).await
                }
            })
            .await
        })
    }

    /// A write, through the collection's writer.
    fn writing<'a, T: Send + 'a>(
        &'a self,
        scope: &Scope,
        allowed: Outcome<()>,
        request: impl Fn() -> Request + Send + Sync + 'a,
        answer: impl Fn(Answer) -> Option<T> + Send + Sync + 'a,
    ) -> StoreFuture<'a, T> {
        let scope = scope.clone();
        Box::pin(async move {
            // A collection that isn't there is told before anything that stands against the request.
            let work = |collection: Arc<OpenCollection>| {
                let request = request();
                async move { collection.writer.submit(request).await }
            };
            if allowed.is_err() {
                retrying(|| self.opened(&scope)).await?;
            }
            allowed?;
            let told = self.on(&scope, work).await?;
            answer(told).ok_or_else(|| corrupt("a writer's answer"))
        })
    }
}

fn unknown(scope: &Scope) -> StoreError {
    StoreError::UnknownCollection(scope.collection().name.to_string())
}

/// A process that is too old for the tables can't help its clients; another one behind the same
/// balancer can.
fn outdated(error: StoreError) -> StoreError {
    if !is_too_old(&error) {
        return error;
    }
    tracing::error!(%error, "this process must be replaced");
    let reason = "the tables were migrated, and this process is of an older version";
    StoreError::Busy { reason, retry_after: Duration::from_secs(5) }
}

/// Waits for the index as far as all do.
async fn settle(shared: &Shared) -> Outcome<()> {
    unindexed::wait(shared, shared.connections.settings.consistency).await
}

fn committed(answer: Answer) -> Option<Committed> {
    match answer {
        Answer::Committed(committed) => Some(committed),
        _ => None,
    }
}

fn count(answer: Answer) -> Option<u64> {
    match answer {
        Answer::Count(count) => Some(count),
        _ => None,
    }
}

impl Store for PostgresStore {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        let scope = scope.clone();
        Box::pin(async move {
            let there = |collection: Arc<OpenCollection>| async move {
                // What is remembered may have been removed by another process.
                let (names, wanted) = (&collection.shared.names, self.location.schema_type);
                let client = collection.shared.connections.reader().await?;
                match tables::opened(&client, names, wanted, self.steps).await? {
                    Some(found) if found.incarnation == collection.shared.incarnation => {
                        Ok(found.incarnation)
                    }
                    _ => Err(StoreError::UnknownCollection(collection.shared.name.clone())),
                }
            };
            // Here the reason is told in full: whoever starts a process reads it.
            match retrying(|| self.opened(&scope)).await {
                Err(StoreError::UnknownCollection(_)) => drop(self.migrate(&scope, false).await?),
                Err(error) if is_behind(&error) => drop(self.migrate(&scope, false).await?),
                opened => drop(opened.map_err(|error| migration::explained(error, "use"))?),
            }
            match self.on(&scope, there).await {
                Err(StoreError::UnknownCollection(_)) => drop(self.migrate(&scope, false).await?),
                outcome => return outcome,
            }
            self.on(&scope, there).await
        })
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        let scope = scope.clone();
        Box::pin(async move {
            if let Some(collection) = self.known(&scope) {
                self.forget(&scope, &collection);
            }
            let names = self.names(&scope);
            retrying(|| tables::drop_all(&self.connections, &names)).await
        })
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        let keys: Arc<[Key]> = keys.into();
        self.reading(scope, move |shared, scope| {
            let keys = Arc::clone(&keys);
            async move { read::next_versions(&shared, &scope, &keys).await }
        })
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        let mut types = batch.writes.iter().map(|write| write.key.resource_type);
        let allowed = match batch.twice() {
            Some(write) => Err(StoreError::Conflict { write, conflict: Conflict::Twice }),
            None => types.try_for_each(|of| scope.may_write(of)),
        };
        let indexing = self.indexing(scope, &batch);
        let (batch, by) = (Arc::new(batch), scope.clone());
        let guarded = !batch.guards.is_empty();
        let request = move || Request::Commit(by.clone(), Arc::clone(&batch), indexing);
        let commit = self.writing(scope, allowed, request, committed);
        if !guarded {
            return commit;
        }
        // Guards must see what was acknowledged before. What comes meanwhile may go before or after.
        let indexed = self.await_index(scope, Consistency::Strong);
        Box::pin(async move {
            match indexed.await {
                Ok(()) | Err(StoreError::UnknownCollection(_)) => commit.await,
                Err(error) => Err(error),
            }
        })
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        let mut types = batch.replicas.iter().map(|replica| replica.key.resource_type);
        let allowed = types.try_for_each(|of| scope.may_write(of));
        let batch = Arc::new(batch);
        let request = move || Request::Replicate(Arc::clone(&batch));
        self.writing(scope, allowed, request, committed)
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        let (key, allowed) = (key.clone(), scope.may_write(key.resource_type));
        let request = move || Request::Purge(key.clone(), versions.clone(), provenance.clone());
        self.writing(scope, allowed, request, count)
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let keys: Arc<[Key]> = keys.into();
        self.reading(scope, move |shared, scope| {
            let keys = Arc::clone(&keys);
            async move { read::current(&shared, &scope, &keys).await }
        })
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        let (keys, parameters) = (Arc::new(keys.to_vec()), Arc::new(parameters.to_vec()));
        self.reading(scope, move |shared, scope| {
            let (keys, parameters) = (Arc::clone(&keys), Arc::clone(&parameters));
            async move {
                keys.iter().try_for_each(|key| scope.may_read(key.resource_type))?;
                settle(&shared).await?;
                read::references(&shared, &keys, &parameters).await
            }
        })
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        let key = key.clone();
        self.reading(scope, move |shared, scope| {
            let key = key.clone();
            async move { read::version(&shared, &scope, &key, version).await }
        })
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let versions: Arc<[(Key, Version)]> = versions.into();
        self.reading(scope, move |shared, scope| {
            let versions = Arc::clone(&versions);
            async move { read::versions(&shared, &scope, &versions, bytes).await }
        })
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move { read::history(&shared, &scope, &query).await }
        })
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move {
                settle(&shared).await?;
                search::search(&shared, &scope, &query).await
            }
        })
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move {
                settle(&shared).await?;
                explain::explain(&shared, &scope, &query).await
            }
        })
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.reading(scope, move |shared, scope| {
            let after = after.clone();
            async move { read::list(&shared, &scope, resource_type, after, limit).await }
        })
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.reading(
            scope,
            move |shared, _| async move { read::changes(&shared, cursor, limit).await },
        )
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.reading(scope, |shared, _| async move { read::horizon(&shared).await })
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        let name: Arc<str> = name.into();
        self.reading(scope, move |shared, _| {
            let name = Arc::clone(&name);
            async move { read::bookmark(&shared, &name).await }
        })
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let mut types = entries.iter().map(|(key, ..)| key.resource_type);
        let allowed = types.try_for_each(|of| scope.may_write(of));
        let entries = Arc::new(entries);
        self.writing(scope, allowed, move || Request::Reindex(Arc::clone(&entries)), count)
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        let entries = Arc::new(entries);
        self.reading(scope, move |shared, _| {
            let entries = Arc::clone(&entries);
            async move {
                settle(&shared).await?;
                read::compare_index(&shared, &entries).await
            }
        })
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.reading(scope, |shared, _| async move { build::state(&shared).await })
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.reading(scope, |shared, _| async move { build::defer(&shared).await })
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.reading(scope, |shared, _| async move { build::build(&shared).await })
    }

    fn await_index(&self, scope: &Scope, consistency: Consistency) -> StoreFuture<'_, ()> {
        self.reading(
            scope,
            move |shared, _| async move { unindexed::wait(&shared, consistency).await },
        )
    }

    fn unindexed(&self, scope: &Scope, age: Duration, limit: usize) -> StoreFuture<'_, Unindexed> {
        self.reading(scope, move |shared, _| async move {
            unindexed::unindexed(&shared, age, limit).await
        })
    }

    fn announce(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let entries = Arc::new(entries);
        self.reading(scope, move |shared, _| {
            let entries = Arc::clone(&entries);
            async move { unindexed::announce(&shared, &entries).await }
        })
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        self.reading(scope, move |shared, _| async move {
            settle(&shared).await?;
            let mut breaches = check::check(&shared).await?;
            if repair && !breaches.is_empty() {
                build::build(&shared).await?;
                let left = check::check(&shared).await?;
                for breach in &mut breaches {
                    breach.mended = !left.contains(breach);
                }
            }
            Ok(breaches)
        })
    }
}

impl Indexer for PostgresStore {
    fn index(
        &self,
        scope: &Scope,
        announcements: Vec<Announcement>,
    ) -> StoreFuture<'_, Vec<Verdict>> {
        let scope = scope.clone();
        let announcements = Arc::new(announcements);
        Box::pin(async move {
            let mut types = announcements.iter().map(|announced| announced.key.resource_type);
            let allowed = types.try_for_each(|of| scope.may_write(of));
            let request = || Request::Index(Arc::clone(&announcements));
            let mut verdicts = self.writing(&scope, allowed, request, verdicts).await?;
            let collection = self.opened(&scope).await?;
            let shared = &collection.shared;
            unindexed::settle_early(shared, &announcements, &mut verdicts).await?;
            Ok(verdicts)
        })
    }

    fn bury(&self, letter: DeadLetter) -> StoreFuture<'_, ()> {
        Box::pin(dead_letters::bury(&self.connections, &self.location.base, letter))
    }

    fn dead_letters(&self) -> StoreFuture<'_, u64> {
        Box::pin(dead_letters::count(&self.connections, &self.location.base))
    }
}

fn verdicts(answer: Answer) -> Option<Vec<Verdict>> {
    match answer {
        Answer::Verdicts(verdicts) => Some(verdicts),
        _ => None,
    }
}
