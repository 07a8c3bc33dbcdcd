//! Opening the store that the options name.

use crate::config::{self, Config};
use crate::failure::CommandFailure;
use crate::options::{StoreOptions, TypeOptions};
use cresset_fhir::definitions::Definitions;
use cresset_interaction::{base_urls, search_parameters};
use cresset_search::Registry;
use cresset_store::{
    Batch, Catalogue, Collection, CollectionKind, CollectionName, IndexState, Principal, Scope,
    Store, StoreError, TypeNumber,
};
use cresset_store_postgres::PostgresStore;
use cresset_store_sqlite::{OpenMode, Settings, SqliteStore};
use std::path::PathBuf;
use std::sync::Arc;

/// The collection of a datasource that holds what clients write.
pub(crate) const MAIN: &str = "fhir";
/// The tenant and the datasource that are meant when none is named.
pub(crate) const DEFAULT: &str = "default";
/// How many of them are kept: each is looked for in every absolute reference.
const MOST_BASE_URLS: usize = 16;

/// An opened store.
pub(crate) struct OpenedStore {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) catalogue: Arc<Catalogue>,
    /// Where it is, for messages.
    pub(crate) place: String,
}

impl OpenedStore {
    /// The right to use the default tenant's default collection.
    pub(crate) fn scope(&self, principal: &str) -> Result<Scope, StoreError> {
        scope_in(&self.catalogue, principal)
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

/// The right to use the default tenant's default collection.
pub(crate) fn scope_in(catalogue: &Catalogue, principal: &str) -> Result<Scope, StoreError> {
    let name = CollectionName::new(DEFAULT, DEFAULT, MAIN)?;
    catalogue.scope(&name, &Arc::new(Principal::unrestricted(principal)))
}

/// A catalogue with the default tenant's default collection.
pub(crate) fn catalogue() -> Result<Catalogue, StoreError> {
    let catalogue = Catalogue::new();
    catalogue.enter(Collection {
        name: CollectionName::new(DEFAULT, DEFAULT, MAIN)?,
        generation: 0,
        kind: CollectionKind::Fhir,
        fhir_version: Definitions::r4().fhir_version().into(),
    })?;
    Ok(catalogue)
}

/// Opens what the options name. Opened for writing, its collections are made where they are missing.
pub(crate) async fn open(
    options: &StoreOptions,
    mode: OpenMode,
    settings: Settings,
) -> Result<OpenedStore, CommandFailure> {
    let (store, place) = match &options.store {
        Some(url) => database(url).await?,
        None => embedded(options, mode, settings)?,
    };
    let catalogue = Arc::new(catalogue()?);
    let opened = OpenedStore { store, catalogue, place };
    let scope = opened.scope("cresset")?;
    if mode == OpenMode::Write || options.store.is_none() {
        opened.store.create(&scope).await?;
    } else if let Err(StoreError::UnknownCollection(_)) = opened.store.index_state(&scope).await {
        return Err(CommandFailure::Usage(format!("there is no store in {}", opened.place)));
    }
    Ok(opened)
}

/// The embedded store, and where it is.
fn embedded(
    options: &StoreOptions,
    mode: OpenMode,
    settings: Settings,
) -> Result<(Arc<dyn Store>, String), CommandFailure> {
    let config = options.fhir_config_dir.as_deref().map(config::read).transpose()?;
    let root = root(options, config.as_ref())?;
    if mode == OpenMode::Read && !root.is_dir() {
        return Err(CommandFailure::Usage(format!("there is no store in {}", root.display())));
    }
    let store = SqliteStore::open(&root, mode, settings)?;
    Ok((Arc::new(store), root.display().to_string()))
}

/// The store that a URL names, and where it is.
async fn database(url: &str) -> Result<(Arc<dyn Store>, String), CommandFailure> {
    let store = postgres(url).await?;
    let place = store.place();
    Ok((Arc::new(store), place))
}

/// The store on the PostgreSQL database that a URL names.
pub(crate) async fn postgres(url: &str) -> Result<PostgresStore, CommandFailure> {
    let scheme = url.split("://").next().unwrap_or_default();
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(CommandFailure::Usage(format!(
            "this version has no store for '{scheme}' URLs: name a directory, or postgres://HOST/DATABASE"
        )));
    }
    Ok(PostgresStore::open(url, cresset_store_postgres::Settings::default()).await?)
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

/// The directory: `--data`, else the default tenant's default datasource, else `./cresset-data`.
fn root(options: &StoreOptions, config: Option<&Config>) -> Result<PathBuf, CommandFailure> {
    if let Some(data) = &options.data {
        return Ok(data.clone());
    }
    match config {
        None => Ok(PathBuf::from("cresset-data")),
        Some(config) => Ok(config.default_directory()?),
    }
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
