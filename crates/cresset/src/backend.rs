//! The backends of the store: the only place that chooses one.

use crate::failure::CommandFailure;
use crate::offload;
use cresset_config::{Datasource, EMBEDDED, PayloadStore, SchemaType, Secret};
use cresset_store::{Announcer, Store};
use cresset_store_postgres::PostgresStore;
use cresset_store_sqlite::{OpenMode, Settings, SqliteStore};
use std::path::PathBuf;
use std::sync::Arc;

/// Where a store is.
#[derive(Clone, Debug)]
pub(crate) enum Location {
    /// The embedded one, in a directory.
    Directory(PathBuf),
    /// One on a database, by a URL that may have a password in it.
    Url(Secret),
}

impl From<&Datasource> for Location {
    fn from(datasource: &Datasource) -> Self {
        match datasource {
            Datasource::Sqlite { path } => Self::Directory(path.clone()),
            Datasource::Postgres(database) => Self::Url(database.url(SchemaType::Plain)),
            Datasource::Citus(database) => Self::Url(database.url(SchemaType::Distributed)),
        }
    }
}

/// An opened backend.
pub(crate) struct Backend {
    pub(crate) store: Arc<dyn Store>,
    /// Where it is, for messages.
    pub(crate) place: String,
}

/// Opens what is there; bodies of resources that are kept elsewhere are fetched from there. With an
/// `announcer` another process fills the index.
pub(crate) async fn backend(
    location: &Location,
    payload: Option<&PayloadStore>,
    mode: OpenMode,
    settings: Settings,
    announcer: Option<&Arc<dyn Announcer>>,
) -> Result<Backend, CommandFailure> {
    let mut opened = database(location, mode, settings, announcer).await?;
    if let Some(payload) = payload {
        opened.store = offload::around(opened.store, payload)?;
        opened.place = format!("{}, bodies in {payload}", opened.place);
    }
    Ok(opened)
}

async fn database(
    location: &Location,
    mode: OpenMode,
    settings: Settings,
    announcer: Option<&Arc<dyn Announcer>>,
) -> Result<Backend, CommandFailure> {
    match location {
        Location::Url(url) => {
            let mut store = postgres(url.expose(), Default::default()).await?;
            let place = store.place();
            if let Some(announcer) = announcer {
                store = store.announcing(Arc::clone(announcer));
            }
            Ok(Backend { store: Arc::new(store), place })
        }
        Location::Directory(_) if announcer.is_some() => {
            Err(CommandFailure::Usage(format!("the store {EMBEDDED}")))
        }
        Location::Directory(root) => {
            if mode == OpenMode::Read && !root.is_dir() {
                return Err(nothing_in(&root.display().to_string()));
            }
            let store = SqliteStore::open(root, mode, settings)?;
            Ok(Backend { store: Arc::new(store), place: root.display().to_string() })
        }
    }
}

/// What is said where a store is expected and isn't there.
pub(crate) fn nothing_in(place: &str) -> CommandFailure {
    CommandFailure::Usage(format!("there is no store in {place}"))
}

/// The store on the PostgreSQL database that a URL names.
pub(crate) async fn postgres(
    url: &str,
    settings: cresset_store_postgres::Settings,
) -> Result<PostgresStore, CommandFailure> {
    let scheme = url.split("://").next().unwrap_or_default();
    if !matches!(scheme, "postgres" | "postgresql") {
        return Err(CommandFailure::Usage(format!(
            "this version has no store for '{scheme}' URLs: name a directory, or postgres://HOST/DATABASE"
        )));
    }
    Ok(PostgresStore::open(url, settings).await?)
}
