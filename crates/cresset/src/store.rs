//! Opening the store that the options name.

use crate::config::{self, Config};
use crate::failure::CommandFailure;
use crate::options::{StoreOptions, TypeOptions};
use cresset_fhir::definitions::Definitions;
use cresset_interaction::search_parameters;
use cresset_search::Registry;
use cresset_store::{
    Batch, Bookmark, Catalogue, Collection, CollectionKind, CollectionName, IndexState, Principal,
    Scope, Store, StoreError, TypeNumber,
};
use cresset_store_sqlite::{OpenMode, Settings, SqliteStore};
use std::path::PathBuf;
use std::sync::Arc;

/// The collection of a datasource that holds what clients write.
pub(crate) const MAIN: &str = "fhir";
/// The tenant and the datasource that are meant when none is named.
pub(crate) const DEFAULT: &str = "default";
/// The bookmark under which a store keeps the base URL that it was served with.
const BASE_URL: &str = "base-url";

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
        let name = CollectionName::new(DEFAULT, DEFAULT, MAIN)?;
        self.catalogue.scope(&name, &Arc::new(Principal::unrestricted(principal)))
    }

    /// HL7's search parameters and the store's own, under the base URL that the store was last
    /// served with: every command must index alike.
    pub(crate) async fn registry(&self) -> Result<Registry, StoreError> {
        let scope = self.scope("cresset")?;
        let kept = self.store.bookmark(&scope, BASE_URL).await?;
        let url = kept.and_then(|bytes| String::from_utf8(bytes).ok());
        let base = Registry::r4(url.into_iter().filter(|url| !url.is_empty()).collect());
        search_parameters::registry_of(&*self.store, &scope, base).await
    }

    /// The search parameters under a base URL, which is kept with the store: what resources are
    /// found by depends on it, so every command must use the same.
    pub(crate) async fn registry_for(
        &self,
        base_url: Option<&str>,
    ) -> Result<Registry, StoreError> {
        let scope = self.scope("cresset")?;
        let base = base_url.map(|url| format!("{}/fhir", url.trim_end_matches('/')));
        let kept = self.store.bookmark(&scope, BASE_URL).await?;
        let value = base.unwrap_or_default().into_bytes();
        if kept.as_ref().is_some_and(|kept| *kept != value) {
            tracing::warn!(
                "the base URL has changed: run `cresset reindex`, or absolute references to it are not found"
            );
        }
        if kept.as_ref() != Some(&value) {
            let bookmarks = vec![Bookmark { name: BASE_URL.to_owned(), value }];
            self.store.commit(&scope, Batch { bookmarks, ..Batch::default() }).await?;
        }
        self.registry().await
    }
}

/// Opens what the options name. Opened for writing, its collections are made where they are missing.
pub(crate) async fn open(
    options: &StoreOptions,
    mode: OpenMode,
    settings: Settings,
) -> Result<OpenedStore, CommandFailure> {
    if let Some(url) = &options.store {
        let scheme = url.split("://").next().unwrap_or_default();
        return Err(CommandFailure::Usage(format!(
            "this version has no store for '{scheme}' URLs: use --data DIR"
        )));
    }
    let config = options.fhir_config_dir.as_deref().map(config::read).transpose()?;
    let root = root(options, config.as_ref())?;
    if mode == OpenMode::Read && !root.is_dir() {
        return Err(CommandFailure::Usage(format!("there is no store in {}", root.display())));
    }
    let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&root, mode, settings)?);
    let catalogue = Arc::new(Catalogue::new());
    catalogue.enter(Collection {
        name: CollectionName::new(DEFAULT, DEFAULT, MAIN)?,
        generation: 0,
        kind: CollectionKind::Fhir,
        fhir_version: Definitions::r4().fhir_version().into(),
    })?;
    let opened = OpenedStore { store, catalogue, place: root.display().to_string() };
    opened.store.create(&opened.scope("cresset")?).await?;
    Ok(opened)
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
