//! The tables of a collection.

use crate::error::{Context, Outcome};
use rusqlite::{Connection, OptionalExtension};

/// The form of the tables that this code reads and writes, kept in `PRAGMA user_version`.
const FORM: i64 = 2;

/// - `resource`: one row for each resource that was written or referred to (`version` 0: only
///   referred to); the current payload, and the index keys that were written for it; `highest`: the
///   last number that ever was, where that is above `version`.
/// - `history`: versions that were replaced.
/// - `change`: the change sequence; `batch`: who made the changes of one commit.
/// - `posting`: the search index, see `posting.rs`.
/// - `parameter`, `term`: numbers for index names and for texts out of small sets.
const TABLES: &str = "
CREATE TABLE resource(
  r INTEGER PRIMARY KEY, type INTEGER NOT NULL, id NOT NULL,
  version INTEGER NOT NULL, seq INTEGER NOT NULL, updated INTEGER NOT NULL, kind INTEGER NOT NULL,
  keys BLOB, payload BLOB, highest INTEGER);
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

/// From each form to the next. Readers, which may be older or newer than the writer, don't look at
/// what is added.
const STEPS: [&str; 1] = ["ALTER TABLE resource ADD COLUMN highest INTEGER"];

/// Makes the tables, or brings them to this form.
pub(crate) fn prepare(connection: &Connection, incarnation: u64) -> Outcome<()> {
    let form: i64 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .context("reading the form of a collection file")?;
    match form {
        FORM => Ok(()),
        0 => make(connection, incarnation).context("making the tables of a collection"),
        older @ 1..FORM => raise(connection, older).context("changing the tables of a collection"),
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

/// All steps from an older form, or none.
fn raise(connection: &Connection, older: i64) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let done = usize::try_from(older - 1).unwrap_or(STEPS.len());
    for step in STEPS.iter().skip(done) {
        connection.execute_batch(step)?;
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_an_older_form_become_those_of_this_one() {
        let old = Connection::open_in_memory().expect("a database");
        let tables = TABLES.replace(", highest INTEGER", "");
        assert_ne!(tables, TABLES, "form 1 had no such column");
        old.execute_batch(&tables).expect("tables of form 1");
        old.execute_batch(
            "INSERT INTO resource VALUES(1, 7, 'a', 9, 1, 1, 4, NULL, NULL);
             PRAGMA user_version = 1",
        )
        .expect("a row of form 1");
        for _ in 0..2 {
            prepare(&old, 1).expect("it is raised, once");
        }
        let highest = "SELECT version, highest FROM resource";
        let row = old.query_row(highest, [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        });
        assert_eq!(row.expect("the row"), (9, None));
        let columns = |connection: &Connection| -> Vec<String> {
            let mut statement = connection.prepare("SELECT * FROM resource").expect("a table");
            let names = statement.column_names().map(str::to_owned).collect();
            statement.raw_query().next().expect("rows");
            names
        };
        let new = Connection::open_in_memory().expect("a database");
        prepare(&new, 1).expect("it is made");
        assert_eq!(columns(&old), columns(&new), "both are of one form");
    }

    #[test]
    fn tables_of_a_later_form_are_refused() {
        let later = Connection::open_in_memory().expect("a database");
        later.execute_batch("PRAGMA user_version = 1000").expect("a number");
        assert!(prepare(&later, 1).is_err());
    }
}
