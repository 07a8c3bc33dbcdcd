//! Opening the stores that the options name.

use crate::backend::{Backend, Location, backend, nothing_in};
use crate::failure::CommandFailure;
use crate::offload;
use crate::options::{DatasourceOptions, StoreOptions, TypeOptions};
use crate::places::{self, Configured, Place};
use crate::remote_index;
use cresset_fhir::definitions::Definitions;
use cresset_interaction::{base_urls, search_parameters};
use cresset_search::Registry;
use cresset_store::{
    Batch, Catalogue, Collection, CollectionKind, CollectionName, Datasources, IndexState,
    Principal, Scope, Store, StoreError, TypeNumber,
};
use cresset_store_sqlite::{OpenMode, Settings};
use std::sync::Arc;

/// The collection of a datasource that holds what clients write.
pub(crate) const MAIN: &str = "fhir";
/// The tenant and the datasource that are meant when none is named.
pub(crate) const DEFAULT: &str = "default";
/// How many of them are kept: each is looked for in every absolute reference.
const MOST_BASE_URLS: usize = 32;

/// The opened store of a datasource.
pub(crate) struct OpenedStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// Its collection of FHIR resources.
    pub(crate) name: CollectionName,
    /// Where it is, for messages.
    pub(crate) place: String,
    /// Whether other processes may write it at the same time.
    pub(crate) is_shared: bool,
    /// Whether another process fills its search index.
    pub(crate) is_announced: bool,
}

impl OpenedStore {
    /// The right to use its collection.
    pub(crate) fn scope(&self, principal: &str) -> Result<Scope, StoreError> {
        scope_of(&self.catalogue, &self.name, principal)
    }

    /// Whether it is the one that is meant when none is named.
    pub(crate) fn is_default(&self) -> bool {
        (&*self.name.tenant, &*self.name.datasource) == (DEFAULT, DEFAULT)
    }

    /// HL7's search parameters and the store's own, under the base URLs that the store has been
    /// served with: every command must index alike.
    pub(crate) async fn registry(&self) -> Result<Registry, StoreError> {
        let urls = base_urls::kept(&*self.store, &self.scope("cresset")?).await?;
        self.registry_under(urls).await
    }

    /// The search parameters when it is served under these base URLs, too. They are kept with the
    /// store, since what resources are found by depends on them, and earlier ones stay. Those of a
    /// port that the system chose mean nothing to the next start: `keep` is false, and they count for
    /// this one alone.
    pub(crate) async fn registry_for(
        &self,
        served: &[String],
        keep: bool,
    ) -> Result<Registry, StoreError> {
        let scope = self.scope("cresset")?;
        let mut all = base_urls::kept(&*self.store, &scope).await?;
        let known = all.len();
        let new = served.iter().filter(|url| !all.contains(url)).cloned().collect::<Vec<_>>();
        if known + new.len() > MOST_BASE_URLS {
            tracing::warn!(
                known,
                "the store knows as many base URLs as it can: absolute references to new ones count as foreign"
            );
        }
        all.extend(new.into_iter().take(MOST_BASE_URLS.saturating_sub(known)));
        if keep && all.len() > known {
            if known > 0 {
                tracing::info!(
                    "a new base URL: `cresset reindex` finds references to it in earlier resources"
                );
            }
            let batch = Batch { bookmarks: vec![base_urls::bookmark(&all)], ..Batch::default() };
            self.store.commit(&scope, batch).await?;
        }
        self.registry_under(all).await
    }

    async fn registry_under(&self, urls: Vec<String>) -> Result<Registry, StoreError> {
        let scope = self.scope("cresset")?;
        search_parameters::registry_of(&*self.store, &scope, Registry::r4(urls)).await
    }
}

/// The right to use a collection.
pub(crate) fn scope_of(
    catalogue: &Catalogue,
    name: &CollectionName,
    principal: &str,
) -> Result<Scope, StoreError> {
    catalogue.scope(name, &Arc::new(Principal::unrestricted(principal)))
}

/// A catalogue with the collection of FHIR resources of each datasource.
pub(crate) fn catalogue<'a>(
    names: impl IntoIterator<Item = &'a CollectionName>,
) -> Result<Catalogue, StoreError> {
    let catalogue = Catalogue::new();
    for name in names {
        catalogue.enter(Collection {
            name: name.clone(),
            generation: 0,
            kind: CollectionKind::Fhir,
            fhir_version: Definitions::r4().fhir_version().into(),
        })?;
    }
    Ok(catalogue)
}

/// Opens the datasource that the options name. Opened for writing, its collection is made where it is
/// missing.
pub(crate) async fn open(
    options: &DatasourceOptions,
    mode: OpenMode,
    settings: Settings,
) -> Result<OpenedStore, CommandFailure> {
    let Place { name, location, payload } = places::one(options)?;
    let Backend { store, place } =
        backend(&location, payload.as_ref(), mode, settings, None).await?;
    let catalogue = Arc::new(catalogue([&name])?);
    let is_shared = matches!(location, Location::Url(_));
    let is_announced = false;
    let opened = OpenedStore { store, catalogue, name, place, is_shared, is_announced };
    let scope = opened.scope("cresset")?;
    offload::require_agreement(&*opened.store, &scope, payload.as_ref()).await?;
    if mode == OpenMode::Write || !is_shared {
        opened.store.create(&scope).await?;
    } else if let Err(StoreError::UnknownCollection(_)) = opened.store.index_state(&scope).await {
        return Err(nothing_in(&opened.place));
    }
    Ok(opened)
}

/// Opens every datasource that the options name, for writing, behind one face. `settings` are told how
/// many embedded stores share the machine.
pub(crate) async fn open_all(
    options: &StoreOptions,
    settings: impl Fn(usize) -> Settings,
) -> Result<Vec<OpenedStore>, CommandFailure> {
    let Configured { places, remote_index } = places::configured(options)?;
    let announcer = match &remote_index {
        Some(configured) => Some(remote_index::announcer(configured).await?),
        None => None,
    };
    let catalogue = Arc::new(catalogue(places.iter().map(|place| &place.name))?);
    let embedded = places.iter().filter(|p| matches!(p.location, Location::Directory(_))).count();
    let settings = settings(embedded.max(1));
    let (mut datasources, mut described) = (Datasources::new(), Vec::<String>::new());
    for Place { name, location, payload } in &places {
        let opened =
            backend(location, payload.as_ref(), OpenMode::Write, settings, announcer.as_ref())
                .await;
        let Backend { store, place } = opened.map_err(|failure| failure.about(name, &places))?;
        // The configuration has been looked through; what the command line gives hasn't.
        if described.contains(&place) {
            return Err(CommandFailure::Usage(format!(
                "two datasources have the store in {place}: each needs its own"
            )));
        }
        datasources.add(&name.tenant, &name.datasource, store)?;
        described.push(place);
    }
    let store: Arc<dyn Store> = Arc::new(datasources);
    let mut all = Vec::with_capacity(places.len());
    for (Place { name, location, payload }, place) in places.into_iter().zip(described) {
        let (store, catalogue) = (Arc::clone(&store), Arc::clone(&catalogue));
        let is_shared = matches!(location, Location::Url(_));
        let is_announced = announcer.is_some();
        let opened = OpenedStore { store, catalogue, name, place, is_shared, is_announced };
        let scope = opened.scope("cresset")?;
        offload::require_agreement(&*opened.store, &scope, payload.as_ref()).await?;
        opened.store.create(&scope).await?;
        all.push(opened);
    }
    Ok(all)
}

/// Builds the index when it is deferred, by this process or by one that was killed before it had
/// built it; whether there was anything to do.
pub(crate) async fn finish_index(store: &dyn Store, scope: &Scope) -> Result<bool, StoreError> {
    if store.index_state(scope).await? == IndexState::Ready {
        return Ok(false);
    }
    tracing::info!("building the index");
    store.build_index(scope).await?;
    tracing::info!("the index is built");
    Ok(true)
}

/// The numbers of the types named, or of all.
pub(crate) fn types(options: &TypeOptions) -> Result<Vec<(String, TypeNumber)>, CommandFailure> {
    let definitions = Definitions::r4();
    let named = |name: &String| match definitions.resource_type(name) {
        Some(found) => Ok((name.clone(), TypeNumber(found.number()))),
        None => Err(CommandFailure::Usage(format!("'{name}' is not a resource type of FHIR R4"))),
    };
    if !options.types.is_empty() {
        return options.types.iter().map(named).collect();
    }
    let all = definitions.concrete_resource_types();
    Ok(all
        .map(|t| (definitions.resource_type_name(t).to_owned(), TypeNumber(t.number())))
        .collect())
}
