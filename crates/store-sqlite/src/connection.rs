//! The one place that opens a collection file.

use crate::error::{Context, Outcome};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The one that writes and checkpoints.
    Writer,
    /// One of many that read.
    Reader,
}

/// Bytes in a page, set when a file is made.
const PAGE: i64 = 8192;

/// Opens a collection file. `cache` is in bytes. A key for encryption will come in here.
pub(crate) fn open(path: &Path, role: Role, cache: u64) -> Outcome<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if role == Role::Writer {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let connection =
        Connection::open_with_flags(path, flags).context("opening a collection file")?;
    configure(&connection, role, cache).context("configuring a collection file")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

fn configure(connection: &Connection, role: Role, cache: u64) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(10))?;
    // Without this promise, each new value of a bound parameter has the statement planned again.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let pragma = |name: &str, value: i64| connection.pragma_update(None, name, value);
    pragma("page_size", PAGE)?;
    pragma("cache_size", -i64::try_from(cache / 1024).unwrap_or(i64::MAX))?;
    pragma("mmap_size", 0)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    if role == Role::Writer {
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // Purged contents must not linger in freed cells.
        connection.pragma_update_and_check(None, "secure_delete", "ON", |_| Ok(()))?;
        // The writer checkpoints when it chooses to, never inside a client's commit.
        connection.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
    } else {
        connection.pragma_update(None, "query_only", "ON")?;
    }
    Ok(())
}
