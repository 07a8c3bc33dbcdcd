//! Putting indexing off, and building the index from the keys that rows keep.

use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt, overtaken};
use crate::names::Names;
use crate::read::Snapshot;
use crate::schema_type::SchemaType;
use crate::search::live;
use crate::tables::{INDEXES, creation};
use crate::transaction::{Argument, Transaction, milliseconds};
use crate::write::{Entries, INSERT_REFERENCES, INSERT_VALUES, INSERT_WORDS};
use cresset_store::IndexState;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Resources whose keys are entered with one statement.
const PAGE: i64 = 5_000;

const DOING: &str = "building the index";

const EMPTY: [&str; 3] = ["DELETE FROM @value", "DELETE FROM @reference", "DELETE FROM @words"];

/// Searches come at once, and plans made without statistics are bad ones.
const READY: [&str; 2] = [
    "UPDATE @setting SET deferred = false, build = build + 1",
    "ANALYZE @resource, @value, @reference, @words",
];

/// Whether searches can be answered.
pub(crate) async fn state(shared: &Shared) -> Outcome<IndexState> {
    let snapshot = Snapshot::take(shared, shared.connections.settings.search_timeout).await?;
    let state = match snapshot.settled.deferred {
        false => Ok(IndexState::Ready),
        true => live(&snapshot.transaction, shared)
            .await
            .map(|total| IndexState::Building { done: 0, total }),
    };
    snapshot.end(state).await
}

/// From here on writes keep their keys and don't enter them. A commit that is under way begins again
/// and sees that.
pub(crate) async fn defer(shared: &Shared) -> Outcome<()> {
    let doing = "putting indexing off";
    let client = shared.connections.writer().await?;
    let sql = shared.names.sql(
        "UPDATE @setting SET deferred = true, build = build + 1 WHERE NOT deferred AND form <= $1",
    );
    client.query_typed(&sql, &[(&shared.form, Type::INT4)]).await.context(doing).map(|_| ())
}

/// Replaces the whole index with what the rows' keys give; returns how many keys that are.
pub(crate) async fn build(shared: &Shared) -> Outcome<u64> {
    let mut begin = format!(
        "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE; SET LOCAL statement_timeout = 0; \
         SET LOCAL lock_timeout = {}",
        milliseconds(shared.connections.settings.lock_timeout)
    );
    if shared.schema_type == SchemaType::Distributed {
        // Rows and tables are changed in one transaction, so over one connection to each node.
        begin.push_str(
            "; SET LOCAL citus.enable_local_execution = off; \
             SET LOCAL citus.multi_shard_modify_mode = 'sequential'",
        );
    }
    let transaction = Transaction::begin(shared.connections.writer().await?, &begin).await?;
    match rebuild(&transaction, shared).await {
        Ok(count) => {
            transaction.commit().await?;
            Ok(count)
        }
        Err(error) => {
            transaction.rollback().await;
            Err(error)
        }
    }
}

async fn rebuild(transaction: &Transaction, shared: &Shared) -> Outcome<u64> {
    let names = &shared.names;
    let look = names.sql("SELECT deferred FROM @setting");
    let deferred = flag(&transaction.rows(DOING, &look, &[]).await?)?;
    // Tables first, as commits do. Searches wait while it is deferred, so then they aren't in the
    // way; else they go on with the old index.
    let mode = if deferred { "ACCESS EXCLUSIVE" } else { "SHARE ROW EXCLUSIVE" };
    let lock = names.sql(&format!("LOCK TABLE @value, @reference, @words IN {mode} MODE"));
    transaction.rows(DOING, &lock, &[]).await?;
    let lock = names.sql("SELECT deferred, incarnation, form FROM @setting FOR UPDATE");
    let locked = transaction.rows(DOING, &lock, &[]).await?;
    if flag(&locked)? != deferred {
        return Err(overtaken());
    }
    let incarnation = locked[0].try_get(1).context(DOING)?;
    shared.is_still(incarnation, locked[0].try_get(2).context(DOING)?)?;
    // One sort instead of an insertion for each key.
    let anew = deferred && owns(transaction, shared).await?;
    let indexes: &[_] = if anew { &INDEXES } else { &[] };
    let drops: Vec<_> = indexes.iter().map(|(name, _)| format!("DROP INDEX @{name}")).collect();
    let creations: Vec<_> = indexes.iter().copied().map(creation).collect();
    each(transaction, shared, &drops).await?;
    each(transaction, shared, &EMPTY).await?;
    let mut count = 0;
    let mut last = 0;
    while let Some((entries, at)) = page(transaction, shared, last).await? {
        count += entries.len() as u64;
        enter(transaction, names, &entries).await?;
        last = at;
    }
    each(transaction, shared, &creations).await?;
    each(transaction, shared, &READY).await?;
    Ok(count)
}

/// Whether the role may drop and make indexes. One that may only serve fills those that are there: slower,
/// and without statistics until autovacuum has made them.
async fn owns(transaction: &Transaction, shared: &Shared) -> Outcome<bool> {
    let sql =
        "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('@value')";
    let owns = flag(&transaction.rows(DOING, &shared.names.sql(sql), &[]).await?)?;
    if !owns {
        tracing::warn!(
            "the tables belong to another role, so their indexes can't be made anew and this takes longer: build as their owner"
        );
    }
    Ok(owns)
}

/// Statements one by one: Citus doesn't take several tables' definitions at once.
async fn each(
    transaction: &Transaction,
    shared: &Shared,
    statements: &[impl AsRef<str>],
) -> Outcome<()> {
    for statement in statements {
        let sql = shared.names.sql(statement.as_ref());
        transaction.client()?.batch_execute(&sql).await.context(DOING)?;
    }
    Ok(())
}

fn flag(rows: &[Row]) -> Outcome<bool> {
    let row = rows.first().ok_or_else(|| corrupt("the collection has no settings"))?;
    row.try_get(0).context(DOING)
}

/// The index as the rows' keys give it, for the resources after `last`; and the last of them.
pub(crate) async fn page(
    transaction: &Transaction,
    shared: &Shared,
    last: i64,
) -> Outcome<Option<(Entries, i64)>> {
    let sql = shared.names.sql(
        "SELECT r, keys FROM @resource
         WHERE r > $1 AND kind IN (1, 2) AND keys IS NOT NULL ORDER BY r LIMIT $2",
    );
    let arguments: [Argument<'_>; 2] = [(&last, Type::INT8), (&PAGE, Type::INT8)];
    let rows = transaction.rows(DOING, &sql, &arguments).await?;
    let mut entries = Entries::default();
    for row in &rows {
        entries.push_all(row.try_get(0).context(DOING)?, row.try_get(1).context(DOING)?)?;
    }
    let last = rows.last().map(|row| row.try_get(0).context(DOING)).transpose()?;
    Ok(last.map(|last| (entries, last)))
}

/// Enters rows of the index into the tables of these names.
pub(crate) async fn enter(
    transaction: &Transaction,
    names: &Names,
    entries: &Entries,
) -> Outcome<()> {
    let values = names.sql(INSERT_VALUES);
    transaction.rows(DOING, &values, &entries.value_arguments()).await?;
    let references = names.sql(INSERT_REFERENCES);
    transaction.rows(DOING, &references, &entries.reference_arguments()).await?;
    let words = names.sql(INSERT_WORDS);
    transaction.rows(DOING, &words, &entries.words.arguments()).await?;
    Ok(())
}
