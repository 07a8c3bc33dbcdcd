//! The tables of a collection.

use crate::error::{Context, Outcome};
use rusqlite::{Connection, OptionalExtension};

/// The form of the tables that this code reads and writes, kept in `PRAGMA user_version`.
const FORM: i64 = 1;

/// - `resource`: one row for each resource that was written or referred to (`version` 0: only
///   referred to); the current payload, and the index keys that were written for it.
/// - `history`: versions that were replaced.
/// - `change`: the change sequence; `batch`: who made the changes of one commit.
/// - `posting`: the search index, see `posting.rs`.
/// - `parameter`, `term`: numbers for index names and for texts out of small sets.
const TABLES: &str = "
CREATE TABLE resource(
  r INTEGER PRIMARY KEY, type INTEGER NOT NULL, id NOT NULL,
  version INTEGER NOT NULL, seq INTEGER NOT NULL, updated INTEGER NOT NULL, kind INTEGER NOT NULL,
  keys BLOB, payload BLOB);
CREATE UNIQUE INDEX resource_id ON resource(type, id);
CREATE TABLE history(
  r INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, updated INTEGER NOT NULL,
  kind INTEGER NOT NULL, payload BLOB, PRIMARY KEY(r, version)) WITHOUT ROWID;
CREATE TABLE change(
  seq INTEGER PRIMARY KEY, r INTEGER NOT NULL, version INTEGER NOT NULL, previous INTEGER,
  kind INTEGER NOT NULL, time INTEGER NOT NULL, batch INTEGER NOT NULL);
CREATE TABLE batch(batch INTEGER PRIMARY KEY, principal TEXT, request TEXT, origin TEXT);
CREATE TABLE posting(
  p INTEGER NOT NULL, v BLOB NOT NULL, r INTEGER NOT NULL, more BLOB,
  PRIMARY KEY(p, v, r)) WITHOUT ROWID;
CREATE TABLE parameter(p INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, type INTEGER);
CREATE TABLE term(t INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
CREATE TABLE bookmark(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE setting(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
";

/// Makes the tables, or checks that they are of this form.
pub(crate) fn prepare(connection: &Connection, incarnation: u64) -> Outcome<()> {
    let form: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .context("reading the form of a collection file")?;
    match form {
        FORM => Ok(()),
        0 => make(connection, incarnation).context("making the tables of a collection"),
        other => Err(cresset_store::StoreError::Corrupt(format!(
            "the collection file has form {other}, this program knows {FORM}: use the program that wrote it"
        ))),
    }
}

fn make(connection: &Connection, incarnation: u64) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    connection.execute_batch(TABLES)?;
    connection.execute(
        "INSERT INTO setting VALUES('incarnation', ?1)",
        [i64::try_from(incarnation >> 1).unwrap_or(1)],
    )?;
    connection.pragma_update(None, "user_version", FORM)?;
    connection.execute_batch("COMMIT")
}

/// A number kept in `setting`.
pub(crate) fn setting(connection: &Connection, name: &str) -> Outcome<Option<i64>> {
    connection
        .prepare_cached("SELECT value FROM setting WHERE name = ?1")
        .and_then(|mut s| s.query_row([name], |row| row.get(0)).optional())
        .context("reading a setting")
}

/// Keeps a number in `setting`.
pub(crate) fn set_setting(connection: &Connection, name: &str, value: i64) -> Outcome<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO setting VALUES(?1, ?2)")
        .and_then(|mut s| s.execute((name, value)))
        .map(|_| ())
        .context("keeping a setting")
}
