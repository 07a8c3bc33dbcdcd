//! SearchParameter resources of the user's own.
//!
//! One takes effect in two steps. Once its resource is committed, every write is indexed by it. What
//! was there before is indexed in the background (`reindex`), and only then may searches use it. A
//! parameter that is removed stops at once; the same walk takes its rows away.
//! `docs/adr/0007-when-a-search-parameter-is-in-force.md` says why, and what guards against the races.

mod follow;
mod indexes;
mod reindex;
mod stored;
#[cfg(test)]
mod tests;

pub use follow::Sharing;
pub use reindex::Pace;

use crate::heavy::heavy;
use crate::in_force::InForce;
use crate::job::{self, Jobs};
use cresset_fhir::definitions::Definitions;
use cresset_search::{CustomParameter, Registry};
use cresset_store::{
    Batch, Bookmark, Key, Provenance, ResourceId, Scope, Store, StoreError, TypeNumber, Version,
};
use indexes::Indexes;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, Notify};

/// The kind of the job that indexes resources.
pub(crate) const KIND: &str = "search-parameters";

/// The custom search parameters of one collection.
pub struct SearchParameters {
    store: Arc<dyn Store>,
    scope: Scope,
    definitions: &'static Definitions,
    in_force: Arc<InForce>,
    known: Mutex<Known>,
    /// Told when there is something to do.
    work: Notify,
    /// Set where other processes may change them, too.
    sharing: OnceLock<Sharing>,
}

/// What is known of them.
struct Known {
    parameters: BTreeMap<ResourceId, CustomParameter>,
    /// All resources of the type, as they were when they were last read together.
    versions: Vec<(ResourceId, Version)>,
    indexes: Indexes,
    jobs: Jobs,
    /// Rises with every registry that is put in force.
    generation: u64,
    /// Something went wrong: all of this is to be read again.
    is_stale: bool,
}

impl std::fmt::Debug for SearchParameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SearchParameters").field("scope", &self.scope).finish_non_exhaustive()
    }
}

/// HL7's parameters and those that a collection holds, under the base URLs of `base`: what every
/// command that indexes or compares must use.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn registry_of(
    store: &dyn Store,
    scope: &Scope,
    base: Registry,
) -> Result<Registry, StoreError> {
    let parameters = stored::all(store, scope, base.definitions()).await?;
    if parameters.is_empty() {
        return Ok(base);
    }
    let indexes = Indexes::load(store, scope).await?;
    let parameters: Vec<_> = parameters.into_values().collect();
    Ok(heavy(usize::MAX, || base.with_custom(&parameters, &|name| indexes.is_complete(name))).0)
}

/// Whether the collection's resources are indexed by all of the registry's custom parameters, and by
/// none besides.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn is_settled(
    store: &dyn Store,
    scope: &Scope,
    registry: &Registry,
) -> Result<bool, StoreError> {
    Ok(unsettled(store, scope, registry).await?.is_empty())
}

/// Whether resources of this type say what others are found by.
pub fn are(resource_type: TypeNumber, definitions: &Definitions) -> bool {
    resource_type == stored::type_number(definitions)
}

/// Notes that from here on writes are indexed with this registry. Types whose resources aren't all
/// indexed so are [`unsettled`] from then on.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn note(store: &dyn Store, scope: &Scope, registry: &Registry) -> Result<(), StoreError> {
    let mut indexes = Indexes::load(store, scope).await?;
    if !indexes.want(registry.custom_indexes()) {
        return Ok(());
    }
    keep(store, scope, Some(&indexes), &Jobs::load(store, scope).await?).await
}

/// The types whose resources are to be indexed anew, before all are indexed with this registry.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn unsettled(
    store: &dyn Store,
    scope: &Scope,
    registry: &Registry,
) -> Result<Vec<TypeNumber>, StoreError> {
    let mut indexes = Indexes::load(store, scope).await?;
    indexes.want(registry.custom_indexes());
    Ok(indexes.unsettled())
}

/// Notes that all resources were indexed anew with this registry, while nobody wrote.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn settle(
    store: &dyn Store,
    scope: &Scope,
    registry: &Registry,
) -> Result<(), StoreError> {
    let mut indexes = Indexes::load(store, scope).await?;
    let mut jobs = Jobs::load(store, scope).await?;
    let was_settled = !indexes.want(registry.custom_indexes()) && indexes.unsettled().is_empty();
    if was_settled && jobs.active(KIND).is_none() {
        return Ok(());
    }
    for resource_type in indexes.unsettled() {
        indexes.begin(resource_type);
        indexes.end(resource_type);
    }
    if let Some(job) = jobs.active(KIND) {
        job.end(job::JobStatus::Completed);
    }
    keep(store, scope, Some(&indexes), &jobs).await
}

/// Notes that resources were written under this registry, while others may have changed the
/// parameters in force: what differs is indexed again. Whoever writes for a long time under one registry
/// calls this at the end.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn written_under(
    store: &dyn Store,
    scope: &Scope,
    registry: &Registry,
) -> Result<(), StoreError> {
    let mut indexes = Indexes::load(store, scope).await?;
    let jobs = Jobs::load(store, scope).await?;
    // Nothing has ever been in force: a server that starts finds all there is to do.
    if indexes == Indexes::default() || !indexes.doubt(registry.custom_indexes()) {
        return Ok(());
    }
    tracing::warn!("search parameters were changed meanwhile: servers index by them again");
    keep(store, scope, Some(&indexes), &jobs).await
}

async fn keep(
    store: &dyn Store,
    scope: &Scope,
    indexes: Option<&Indexes>,
    jobs: &Jobs,
) -> Result<(), StoreError> {
    let bookmark = |name: &str, value| Bookmark { name: name.to_owned(), value };
    let mut bookmarks = vec![bookmark(job::BOOKMARK, jobs.encode())];
    bookmarks.extend(indexes.map(|i| bookmark(indexes::BOOKMARK, i.encode())));
    let provenance = Provenance { origin: Some("job".into()), ..Provenance::default() };
    let batch = Batch { bookmarks, provenance, ..Batch::default() };
    store.commit(scope, batch).await.map(|_| ())
}

impl SearchParameters {
    /// Reads what the collection holds, and puts it in force instead of the registry that is.
    pub(crate) async fn adopt(
        store: Arc<dyn Store>,
        scope: Scope,
        in_force: Arc<InForce>,
    ) -> Result<Self, StoreError> {
        let definitions = in_force.registry().definitions();
        let known = Known {
            parameters: BTreeMap::new(),
            versions: Vec::new(),
            indexes: Indexes::default(),
            jobs: Jobs::default(),
            generation: 0,
            is_stale: true,
        };
        let (known, work) = (Mutex::new(known), Notify::new());
        let sharing = OnceLock::new();
        let adopted = Self { store, scope, definitions, in_force, known, work, sharing };
        adopted.refresh(&mut *adopted.known.lock().await).await?;
        Ok(adopted)
    }

    /// The SearchParameters that a batch writes into this collection.
    pub(crate) fn touched(&self, scope: &Scope, batch: &Batch) -> Vec<Key> {
        if scope.collection() != self.scope.collection() {
            return Vec::new();
        }
        let number = stored::type_number(self.definitions);
        let keys = batch.writes.iter().map(|write| &write.key);
        keys.filter(|key| key.resource_type == number).cloned().collect()
    }

    /// Puts in force what has been committed. When that fails it is tried again in the background.
    pub(crate) async fn changed(&self, keys: &[Key]) {
        let known = &mut *self.known.lock().await;
        let taken = match known.is_stale || self.sharing.get().is_some() {
            true => self.refresh(known).await,
            false => self.take(known, keys).await,
        };
        if let Err(error) = taken {
            tracing::error!(%error, "a search parameter could not be put in force; trying again");
            known.is_stale = true;
        }
        self.work.notify_one();
    }

    async fn take(&self, known: &mut Known, keys: &[Key]) -> Result<(), StoreError> {
        let mut differs = false;
        let read = self.store.read(&self.scope, keys).await?;
        for (key, found) in keys.iter().zip(read) {
            let now = found.and_then(|found| stored::active(self.definitions, &found));
            let before = known.parameters.remove(&key.id);
            differs |= now.is_some() || before.is_some();
            if let Some(now) = now {
                known.parameters.insert(key.id.clone(), now);
            }
        }
        if differs { self.put_in_force(known).await } else { Ok(()) }
    }

    /// Reads everything again.
    async fn refresh(&self, known: &mut Known) -> Result<(), StoreError> {
        // First, so that what changes meanwhile is noticed the next time.
        known.versions = stored::versions(&*self.store, &self.scope, self.definitions).await?;
        known.parameters = stored::all(&*self.store, &self.scope, self.definitions).await?;
        known.indexes = Indexes::load(&*self.store, &self.scope).await?;
        known.jobs = Jobs::load(&*self.store, &self.scope).await?;
        self.put_in_force(known).await?;
        known.is_stale = false;
        Ok(())
    }

    /// Notes which indexes are wanted, durably, and only then lets requests use them: an index that
    /// is no longer written must never again count as complete.
    async fn put_in_force(&self, known: &mut Known) -> Result<(), StoreError> {
        let parameters: Vec<_> = known.parameters.values().cloned().collect();
        let before = self.in_force.registry();
        let compile = || before.with_custom(&parameters, &|_| false);
        let (mut registry, left_out) = heavy(usize::MAX, compile);
        for parameter in left_out {
            for problem in parameter.problems {
                let (place, code) = (&problem.expression, problem.code);
                tracing::warn!(place, code, "a stored SearchParameter is not in force");
            }
        }
        let differs = known.indexes.want(registry.custom_indexes());
        if !known.indexes.unsettled().is_empty() {
            known.jobs.active_or_new(KIND);
        }
        if differs {
            keep(&*self.store, &self.scope, Some(&known.indexes), &known.jobs).await?;
        }
        registry.complete(&|name| known.indexes.is_complete(name));
        self.in_force.replace(Arc::new(registry));
        known.generation += 1;
        Ok(())
    }
}
