//! Connections: bounded pools, one for reads and one for writes, so that neither starves the other.

use crate::dial::{Dialer, NoConnection, Timeline};
use crate::error::{Context, Outcome};
use crate::location::Location;
use crate::settings::Settings;
use cresset_store::StoreError;
use deadpool::Runtime;
use deadpool::managed::{PoolError, TimeoutType};
use postgres_openssl::MakeTlsConnector;

/// A pool of connections.
type Pool = deadpool::managed::Pool<Dialer>;
/// A connection out of a pool; dropped, it goes back there.
pub(crate) type Object = deadpool::managed::Object<Dialer>;

/// The oldest PostgreSQL that has what the SQL here uses.
const OLDEST_SERVER: i32 = 130_000;

/// The connections to one database.
#[derive(Debug)]
pub(crate) struct Connections {
    readers: Pool,
    writers: Pool,
    pub(crate) settings: Settings,
    pub(crate) timeline: Timeline,
}

impl Connections {
    /// Makes the pools and looks whether the server is there and new enough.
    pub(crate) async fn open(location: &Location, settings: Settings) -> Outcome<Self> {
        let (connector, timeline) = (location.tls.connector()?, Timeline::default());
        let pool = |size| pool(location, size, &settings, &connector, &timeline);
        let (readers, writers) = (pool(settings.readers)?, pool(settings.writers)?);
        let connections = Self { readers, writers, settings, timeline };
        // Whoever starts it is told all of the reason.
        let client = connections.writers.get().await.map_err(|error| StoreError::Backend {
            context: "connecting to the database",
            source: reason(error).into(),
        })?;
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

    fn unavailable(&self, error: PoolError<NoConnection>) -> StoreError {
        let told = match error {
            PoolError::Timeout(TimeoutType::Wait) => "all connections to the database are in use",
            error => {
                tracing::warn!(error = reason(error), "no connection to the database");
                "the database can't be reached"
            }
        };
        StoreError::Busy { reason: told, retry_after: self.settings.patience }
    }
}

fn reason(error: PoolError<NoConnection>) -> String {
    match error {
        PoolError::Backend(NoConnection(reason)) => reason,
        PoolError::Timeout(_) => "no answer in time".to_owned(),
        _ => "the pool of connections is closed".to_owned(),
    }
}

fn pool(
    location: &Location,
    size: usize,
    settings: &Settings,
    connector: &MakeTlsConnector,
    timeline: &Timeline,
) -> Outcome<Pool> {
    let dialer = Dialer::new(location, connector.clone(), settings.patience, timeline.clone());
    Pool::builder(dialer)
        .max_size(size)
        .wait_timeout(Some(settings.patience))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|source| StoreError::Backend { context: "making a pool", source: source.into() })
}
