//! The tables of a collection.

use crate::connection::{Connections, Object};
use crate::error::{Context, Kind, Outcome, corrupt, kind};
use crate::migration::{self, FIRST_FORM, Forms, Step};
use crate::names::Names;
use crate::schema_type::SchemaType;
use crate::transaction::{Transaction, milliseconds};
use cresset_store::{Incarnation, StoreError};
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio_postgres::types::Type;

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
/// - `value`, `reference`, `words`: the search index; `reference` for keys that begin with a resource,
///   `words` for words of texts, one row for all of a resource (a third of all keys are words: rows of
///   their own would take six times the space). `k` is the index's number followed by the value, so that
///   one column's statistics tell the planner which values are common under which index. `r` is an index
///   of its own: one that has equal values keeps them once, and is a fifth as large. All rows of a
///   resource are entered together, so that looking at them is looking at one page.
/// - `index_pending`: resources whose index keys another process has yet to enter; `seq` and `since` are those
///   of the first version that it doesn't know of. Written and struck off only by whoever has locked the
///   resource's row; `setting.remote` says whether anything ever was.
/// - `parameter`, `term`: numbers for index names and for texts out of small sets.
///   Terms are numbered from 256, so that up to 15 million of them none's bytes end with another's: a
///   scan by suffix compares bytes.
/// - `setting`: one row, which each commit raises last: so `seq` rises in commit order. `build`
///   rises whenever the index is deferred or built, or a step is contracted; `form` is the oldest form
///   whose programs may use the tables (`migration.rs`).
///
/// Bodies are compressed already. What one resource has is found by `r` everywhere, so that it can be
/// distributed by that.
const TABLES: &str = "
CREATE TABLE @setting(
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  form int NOT NULL, incarnation bigint NOT NULL, seq bigint NOT NULL, time bigint NOT NULL,
  distributed boolean NOT NULL, deferred boolean NOT NULL, build bigint NOT NULL,
  remote boolean NOT NULL DEFAULT false) WITH (fillfactor = 10);
CREATE SEQUENCE @arrival AS bigint;
CREATE TABLE @resource(
  r bigint PRIMARY KEY, version bigint NOT NULL, seq bigint NOT NULL, updated bigint NOT NULL,
  type smallint NOT NULL, kind smallint NOT NULL, id text COLLATE \"C\" NOT NULL,
  keys bytea, payload bytea, highest bigint);
ALTER TABLE @resource ALTER COLUMN keys SET STORAGE EXTERNAL, ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX resource_id ON @resource(type, id);
CREATE INDEX resource_live ON @resource(type, r) WHERE kind IN (1, 2);
CREATE INDEX resource_updated ON @resource(type, updated) WHERE kind IN (1, 2);
CREATE TABLE @history(
  r bigint NOT NULL, version bigint NOT NULL, seq bigint NOT NULL, updated bigint NOT NULL,
  kind smallint NOT NULL, payload bytea, PRIMARY KEY(r, version));
ALTER TABLE @history ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE TABLE @change(
  seq bigint PRIMARY KEY, r bigint NOT NULL, version bigint NOT NULL, previous bigint,
  time bigint NOT NULL, batch bigint NOT NULL, type smallint NOT NULL, kind smallint NOT NULL);
CREATE INDEX change_type ON @change(type, seq);
CREATE TABLE @batch(batch bigint PRIMARY KEY, principal text, request text, origin text);
CREATE TABLE @value(r bigint NOT NULL, k bytea NOT NULL, more bytea);
ALTER TABLE @value ALTER COLUMN k SET STATISTICS 2000;
CREATE TABLE @words(r bigint PRIMARY KEY, words tsvector NOT NULL);
ALTER TABLE @words ALTER COLUMN words SET STATISTICS 1000;
CREATE TABLE @reference(
  target bigint NOT NULL, r bigint NOT NULL, p int NOT NULL, more bytea);
CREATE TABLE @index_pending(r bigint PRIMARY KEY, seq bigint NOT NULL, since bigint NOT NULL);
CREATE INDEX index_pending_seq ON @index_pending(seq);
CREATE TABLE @parameter(p int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE);
CREATE TABLE @term(
  t bigint GENERATED ALWAYS AS IDENTITY (START WITH 256) PRIMARY KEY, text bytea NOT NULL);
CREATE UNIQUE INDEX term_text ON @term(sha256(text));
CREATE TABLE @bookmark(name text COLLATE \"C\" PRIMARY KEY, value bytea NOT NULL);
INSERT INTO @setting SELECT
  true, $FORM, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, 0, 0, $DISTRIBUTED, false, 0;
";

/// The indexes of the search index, each with what it is on: they go and come again where it is built.
pub(crate) const INDEXES: [(&str, &str); 5] = [
    ("value_k", "value(k)"),
    ("value_r", "value(r)"),
    ("words_words", "words USING gin(words)"),
    ("reference_target", "reference(p, target)"),
    ("reference_r", "reference(r)"),
];

/// The statement that makes one of [`INDEXES`].
pub(crate) fn creation((name, on): (&str, &str)) -> String {
    format!("CREATE INDEX {name} ON @{on}")
}

/// What makes the tables those of a distributed schema. Everything of one resource is on one shard, and
/// its number says on which (`schema_type.rs`), so `arrival` gives the order. Numbers of names and terms
/// are on every node; the sequence of commits, and what commits leave for themselves, on the coordinator.
/// Tables without a primary key need another identity of their rows: else their shards can't be moved
/// while they are written.
const DISTRIBUTED: &str = "
DROP INDEX @resource_id, @resource_live;
ALTER TABLE @resource ADD COLUMN arrival bigint NOT NULL;
CREATE INDEX resource_live ON @resource(type, arrival) WHERE kind IN (1, 2);
ALTER TABLE @change DROP CONSTRAINT change_pkey, ADD CONSTRAINT change_pkey PRIMARY KEY (seq, r);
ALTER TABLE @value REPLICA IDENTITY FULL;
ALTER TABLE @reference REPLICA IDENTITY FULL;
SELECT create_distributed_table('@resource', 'r', colocate_with => 'none');
SELECT create_distributed_table('@history', 'r', colocate_with => '@resource');
SELECT create_distributed_table('@value', 'r', colocate_with => '@resource');
SELECT create_distributed_table('@words', 'r', colocate_with => '@resource');
SELECT create_distributed_table('@reference', 'r', colocate_with => '@resource');
SELECT create_distributed_table('@change', 'r', colocate_with => '@resource');
SELECT create_distributed_table('@index_pending', 'r', colocate_with => '@resource');
SELECT create_reference_table('@parameter');
SELECT create_reference_table('@term');
";

/// Makes the schema with its tables, unless they are there; whether it did. One process at a time does
/// so.
pub(crate) async fn make(
    connections: &Connections,
    names: &Names,
    kind: SchemaType,
    steps: &[Step],
) -> Outcome<bool> {
    let transaction = locked(connections, names).await?;
    let sql = "SELECT 1 FROM pg_namespace WHERE nspname = $1";
    let schema = names.schema();
    let found = transaction.rows("looking for a schema", sql, &[(&schema, Type::TEXT)]).await?;
    let is_missing = found.is_empty();
    if is_missing {
        let schema = format!("CREATE SCHEMA {};\n", names.schema());
        let distributed = kind == SchemaType::Distributed;
        let mut tables = TABLES.replace("$FORM", &FIRST_FORM.to_string());
        tables = tables.replace("$DISTRIBUTED", &distributed.to_string());
        for index in INDEXES {
            tables.push_str(&creation(index));
            tables.push(';');
        }
        if distributed {
            require_citus(&transaction).await?;
            tables.push_str(DISTRIBUTED);
        }
        let made = transaction.client()?.batch_execute(&(schema + &names.sql(&tables))).await;
        made.context("making the tables of a collection")?;
        migration::apply_all(&transaction, names, steps, distributed).await?;
    }
    transaction.commit().await?;
    Ok(is_missing)
}

async fn require_citus(transaction: &Transaction) -> Outcome<()> {
    let sql = "SELECT 1 FROM pg_extension WHERE extname = 'citus'";
    match transaction.rows("looking for Citus", sql, &[]).await?.is_empty() {
        false => Ok(()),
        true => Err(StoreError::Backend {
            context: "making the tables of a distributed schema",
            source: "the database has no extension citus: `CREATE EXTENSION citus` in it, or leave schema_type=DISTRIBUTED out of the URL".into(),
        }),
    }
}

/// Drops the schema with everything in it.
pub(crate) async fn drop_all(connections: &Connections, names: &Names) -> Outcome<()> {
    let transaction = locked(connections, names).await?;
    let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", names.schema());
    transaction.client()?.batch_execute(&sql).await.context("removing a collection")?;
    transaction.commit().await
}

/// A transaction in which nobody else makes, migrates or drops this schema.
pub(crate) async fn locked(connections: &Connections, names: &Names) -> Outcome<Transaction> {
    let client = connections.writer().await?;
    let begin = begin(connections.settings.lock_timeout);
    let transaction = Transaction::begin(client, &begin).await?;
    // A killed process gives its locks back soon, not when its statement has ended. PostgreSQL 13
    // doesn't have this.
    let notice = "SELECT set_config(name, '2s', true) FROM pg_settings WHERE name = 'client_connection_check_interval'";
    transaction.rows("beginning a transaction", notice, &[]).await?;
    lock(&transaction, names).await?;
    Ok(transaction)
}

fn begin(patience: Duration) -> String {
    format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL client_min_messages = warning; \
         SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = {}",
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

/// A collection whose tables are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opened {
    pub(crate) incarnation: Incarnation,
    pub(crate) schema_type: SchemaType,
    /// Whether another process ever had anything to index here.
    pub(crate) remote: bool,
}

/// A collection whose tables are there, of a form that goes with these steps and of the type that is
/// `wanted`; `None` without tables.
pub(crate) async fn opened(
    client: &Object,
    names: &Names,
    wanted: Option<SchemaType>,
    steps: &[Step],
) -> Outcome<Option<Opened>> {
    let sql =
        format!("SELECT {}, incarnation, distributed, remote FROM @setting", migration::OLDEST);
    let doing = "opening a collection";
    let rows = match client.query_typed(&names.sql(&sql), &[]).await.context(doing) {
        Err(error) if kind(&error) == Kind::NoTables => return Ok(None),
        rows => rows?,
    };
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    Forms::of(row, client, names).await?.check(steps)?;
    let incarnation: i64 = row.try_get(2).context(doing)?;
    let distributed: bool = row.try_get(3).context(doing)?;
    let remote: bool = row.try_get(4).context(doing)?;
    let schema_type = if distributed { SchemaType::Distributed } else { SchemaType::Plain };
    if wanted.is_some_and(|wanted| wanted != schema_type) {
        let is = schema_type.name();
        return Err(StoreError::Backend {
            context: doing,
            source: format!("the schema {} is {is}: say schema_type={is} or nothing; `cresset copy` moves a collection to one of another type", names.schema()).into(),
        });
    }
    Ok(Some(Opened { incarnation: Incarnation(incarnation.unsigned_abs()), schema_type, remote }))
}
