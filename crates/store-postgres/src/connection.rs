//! Connections: bounded pools, one for reads and one for writes, so that neither starves the other.

use crate::error::{Context, Outcome};
use crate::location::Location;
use crate::settings::Settings;
use cresset_store::StoreError;
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime, TimeoutType,
};
use tokio_postgres::NoTls;

/// The oldest PostgreSQL that has what the SQL here uses.
const OLDEST_SERVER: i32 = 130_000;

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Connections {
    readers: Pool,
    writers: Pool,
    pub(crate) settings: Settings,
}

impl Connections {
    /// Makes the pools and looks whether the server is there and new enough.
    pub(crate) async fn open(location: &Location, settings: Settings) -> Outcome<Self> {
        let connections = Self {
            readers: pool(location, settings.readers, &settings)?,
            writers: pool(location, settings.writers, &settings)?,
            settings,
        };
        let client = connections.writer().await?;
        let rows = client.query_typed("SELECT current_setting('server_version_num')::int", &[]);
        let rows = rows.await.context("asking the database for its version")?;
        let version: i32 = rows.first().map_or(0, |row| row.get(0));
        if version < OLDEST_SERVER {
            return Err(StoreError::Backend {
                context: "opening the database",
                source: "its PostgreSQL is older than 13: use a newer one".into(),
            });
        }
        drop(client);
        Ok(connections)
    }

    /// A connection to read with.
    pub(crate) async fn reader(&self) -> Outcome<Object> {
        self.readers.get().await.map_err(|error| self.unavailable(error))
    }

    /// A connection to write with.
    pub(crate) async fn writer(&self) -> Outcome<Object> {
        self.writers.get().await.map_err(|error| self.unavailable(error))
    }

    fn unavailable(&self, error: PoolError) -> StoreError {
        let reason = match error {
            PoolError::Timeout(TimeoutType::Wait) => "all connections to the database are in use",
            PoolError::Backend(error) => {
                // A wrong password or database won't mend itself.
                let refused = error.as_db_error().is_some_and(|said| {
                    let code = said.code().code();
                    code.starts_with("28") || code.starts_with("3D") || code.starts_with("42")
                });
                match Err::<(), _>(error).context("connecting to the database") {
                    Err(error) if refused => return error,
                    Err(error) => tracing::warn!(%error, "no connection"),
                    Ok(()) => {}
                }
                "the database can't be reached"
            }
            _ => "the database can't be reached",
        };
        StoreError::Busy { reason, retry_after: self.settings.patience }
    }
}

/// The one place that knows how a connection is made; TLS comes in here.
fn pool(location: &Location, size: usize, settings: &Settings) -> Outcome<Pool> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_config(location.config.clone(), NoTls, recycling);
    let patience = Some(settings.patience);
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(patience)
        .create_timeout(patience)
        .recycle_timeout(patience)
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|source| StoreError::Backend { context: "making a pool", source: source.into() })
}
