mod calls;
mod indexer;

use crate::collection::{OpenCollection, Shared};
use crate::connection::Connections;
use crate::error::{Kind, Outcome, corrupt, kind};
use crate::location::Location;
use crate::migration::{self, Migrated, STEPS, Step, is_too_old};
use crate::names::Names;
use crate::schema_name::schema_name;
use crate::settings::Settings;
use crate::tables::Opened;
use crate::transaction::retrying;
use crate::write::{Answer, Indexing, Request};
use crate::{grant, tables};
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
