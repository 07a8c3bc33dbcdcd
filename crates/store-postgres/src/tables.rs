//! The tables of a collection.

use crate::error::{Context, Kind, Outcome, corrupt, kind};
use crate::names::Names;
use crate::transaction::{Transaction, milliseconds};
use cresset_store::{Incarnation, StoreError};
use deadpool_postgres::Object;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_postgres::types::Type;

/// The form of the tables that this code reads and writes.
const FORM: i32 = 2;

/// Bytes of an index value that stand in the index; what follows is in the row only. PostgreSQL
/// takes no index entry above 2,704 bytes.
pub(crate) const INDEXED: usize = 2_000;

/// - `resource`: one row for each resource that was written or referred to (`version` 0: only
///   referred to); the current payload, and the index keys that were written for it. `kind`: 0 for
///   none, then as in `rows.rs`; 1 and 2 are live. `highest`: the last number that ever was, where
///   that is above `version`.
/// - `history`: versions that were replaced.
/// - `change`: the change sequence; `batch`: who made the changes of one request, named by the first
///   of them.
/// - `value`, `reference`: the search index; `reference` for keys that begin with a resource.
///   Values of all indexes are in one column, and each index has its own: the planner has to be told
///   which values are common under which, or it takes every range for nearly empty and looks at it once
///   for each row (seconds instead of 30 ms among 61,000 resources).
/// - `parameter`, `term`: numbers for index names and for texts out of small sets.
///   Terms are numbered from 256, so that up to 15 million of them none's bytes end with another's: a
///   scan by suffix compares bytes.
/// - `setting`: one row, which each commit raises last: so `seq` rises in commit order. `build`
///   rises whenever the index is deferred or built.
///
/// Bodies are compressed already. What one resource has is found by `r` everywhere, so that it can be
/// distributed by that.
const TABLES: &str = "
CREATE TABLE @setting(
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  form int NOT NULL, incarnation bigint NOT NULL, seq bigint NOT NULL, time bigint NOT NULL,
  deferred boolean NOT NULL, build bigint NOT NULL) WITH (fillfactor = 10);
CREATE SEQUENCE @arrival AS bigint;
CREATE TABLE @resource(
  r bigint PRIMARY KEY, version bigint NOT NULL, seq bigint NOT NULL, updated bigint NOT NULL,
  type smallint NOT NULL, kind smallint NOT NULL, id text COLLATE \"C\" NOT NULL,
  keys bytea, payload bytea, highest bigint);
ALTER TABLE @resource ALTER COLUMN keys SET STORAGE EXTERNAL, ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX resource_id ON @resource(type, id);
CREATE INDEX resource_live ON @resource(type, r) WHERE kind IN (1, 2);
CREATE INDEX resource_updated ON @resource(type, updated, r) WHERE kind IN (1, 2);
CREATE TABLE @history(
  r bigint NOT NULL, version bigint NOT NULL, seq bigint NOT NULL, updated bigint NOT NULL,
  kind smallint NOT NULL, payload bytea, PRIMARY KEY(r, version));
ALTER TABLE @history ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE TABLE @change(
  seq bigint PRIMARY KEY, r bigint NOT NULL, version bigint NOT NULL, previous bigint,
  time bigint NOT NULL, batch bigint NOT NULL, type smallint NOT NULL, kind smallint NOT NULL);
CREATE INDEX change_type ON @change(type, seq);
CREATE TABLE @batch(batch bigint PRIMARY KEY, principal text, request text, origin text);
CREATE TABLE @value(r bigint NOT NULL, p int NOT NULL, v bytea NOT NULL, more bytea);
CREATE INDEX value_v ON @value(p, v, r);
ALTER TABLE @value ALTER COLUMN v SET STATISTICS 1000;
CREATE STATISTICS @value_p_v (mcv) ON p, v FROM @value;
ALTER STATISTICS @value_p_v SET STATISTICS 1000;
CREATE TABLE @reference(
  target bigint NOT NULL, r bigint NOT NULL, p int NOT NULL, more bytea);
CREATE INDEX reference_target ON @reference(p, target, r);
CREATE INDEX reference_source ON @reference(p, r, target);
CREATE TABLE @parameter(p int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE @term(
  t bigint GENERATED ALWAYS AS IDENTITY (START WITH 256) PRIMARY KEY, text bytea NOT NULL);
CREATE UNIQUE INDEX term_text ON @term(sha256(text));
CREATE TABLE @bookmark(name text COLLATE \"C\" PRIMARY KEY, value bytea NOT NULL);
INSERT INTO @setting SELECT
  true, $FORM, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 0, 0, false, 0;
";

/// From each form to the next. Processes that know the older form only go on with it.
const STEPS: [&str; 1] = ["ALTER TABLE @resource ADD COLUMN highest bigint"];

/// Makes the schema with its tables, or brings them to this form. One process at a time does so.
pub(crate) async fn make(client: Object, names: &Names, patience: Duration) -> Outcome<()> {
    let transaction = Transaction::begin(client, &begin(patience)).await?;
    lock(&transaction, names).await?;
    let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
    let schema = names.schema();
    let found = transaction.rows("looking for a schema", sql, &[(&schema, Type::TEXT)]).await?;
    if found.is_empty() {
        let schema = format!("CREATE SCHEMA {};\n", names.schema());
        let tables = names.sql(TABLES).replace("$FORM", &FORM.to_string());
        let made = transaction.client()?.batch_execute(&(schema + &tables)).await;
        made.context("making the tables of a collection")?;
    } else {
        raise(&transaction, names).await?;
    }
    transaction.commit().await
}

/// All steps from an older form.
async fn raise(transaction: &Transaction, names: &Names) -> Outcome<()> {
    let doing = "changing the tables of a collection";
    let rows = transaction.rows(doing, &names.sql("SELECT form FROM @setting"), &[]).await?;
    let form: i32 = rows.first().map_or(Ok(FORM), |row| row.try_get(0)).context(doing)?;
    let done = usize::try_from(form - 1).unwrap_or(STEPS.len());
    for step in STEPS.iter().skip(done) {
        transaction.client()?.batch_execute(&names.sql(step)).await.context(doing)?;
    }
    if form < FORM {
        let sql = names.sql("UPDATE @setting SET form = $1");
        transaction.rows(doing, &sql, &[(&FORM, Type::INT4)]).await?;
    }
    Ok(())
}

/// Drops the schema with everything in it.
pub(crate) async fn drop_all(client: Object, names: &Names, patience: Duration) -> Outcome<()> {
    let transaction = Transaction::begin(client, &begin(patience)).await?;
    lock(&transaction, names).await?;
    let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", names.schema());
    transaction.client()?.batch_execute(&sql).await.context("removing a collection")?;
    transaction.commit().await
}

fn begin(patience: Duration) -> String {
    format!(
        "BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = {}",
        milliseconds(patience)
    )
}

/// Until the end of the transaction nobody else makes or drops this schema.
async fn lock(transaction: &Transaction, names: &Names) -> Outcome<()> {
    let digest = Sha256::digest(names.schema().as_bytes());
    let number = digest.iter().take(8).fold(0_i64, |n, byte| n << 8 | i64::from(*byte));
    let sql = "SELECT pg_advisory_xact_lock($1)";
    transaction.rows("locking a schema", sql, &[(&number, Type::INT8)]).await.map(|_| ())
}

/// The incarnation of a collection whose tables are there and of this form; `None` without tables, or
/// with those of an older form, which [`make`] brings to this one.
pub(crate) async fn opened(client: &Object, names: &Names) -> Outcome<Option<Incarnation>> {
    let sql = names.sql("SELECT form, incarnation FROM @setting");
    let doing = "opening a collection";
    let rows = match client.query_typed(&sql, &[]).await.context(doing) {
        Err(error) if kind(&error) == Kind::NoTables => return Ok(None),
        rows => rows?,
    };
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    let form: i32 = row.try_get(0).context(doing)?;
    if (1..FORM).contains(&form) {
        tracing::warn!(
            "the tables in {} have form {form}: opening them for writing brings them to form {FORM}",
            names.schema()
        );
        return Ok(None);
    }
    if form != FORM {
        return Err(StoreError::Corrupt(format!(
            "the collection's tables have form {form}, this program knows {FORM}: use the program that wrote them"
        )));
    }
    let incarnation: i64 = row.try_get(1).context(doing)?;
    Ok(Some(Incarnation(incarnation.unsigned_abs())))
}
