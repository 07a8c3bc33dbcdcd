//! Looking for what must not be.

use crate::build;
use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::names::Names;
use crate::read::Snapshot;
use crate::rows;
use crate::transaction::Argument;
use cresset_store::{Breach, Payload};
use std::time::Duration;
use tokio_postgres::types::Type;

/// Problems listed at most; the last one says that there are more.
const LISTED: usize = 1_000;
/// Bodies looked at with one statement.
const PAGE: i64 = 500;
/// How long a statement of a check may take.
const PATIENCE: Duration = Duration::from_secs(24 * 3600);

const DOING: &str = "checking a collection";

/// Compares the index with the keys that the rows keep, and looks at versions and payloads.
pub(crate) async fn check(shared: &Shared) -> Outcome<Vec<Breach>> {
    // What must be in the index goes into temporary tables, which end with the transaction.
    let snapshot = Snapshot::take_writable(shared, PATIENCE).await?;
    let checked = all(&snapshot, shared).await;
    snapshot.end(checked).await
}

async fn all(snapshot: &Snapshot, shared: &Shared) -> Outcome<Vec<Breach>> {
    let mut breaches = Vec::new();
    payloads(snapshot, shared, &mut breaches).await?;
    versions(snapshot, shared, &mut breaches).await?;
    match snapshot.settled.deferred {
        true => {
            breaches.push(breach("the index", "indexing is deferred: the index has to be built"))
        }
        false => index(snapshot, shared, &mut breaches).await?,
    }
    if breaches.len() > LISTED {
        breaches.truncate(LISTED);
        breaches.push(breach("the store", "there is more that is wrong"));
    }
    Ok(breaches)
}

fn breach(place: &str, problem: &str) -> Breach {
    Breach { place: place.to_owned(), problem: problem.to_owned(), mended: false }
}

/// Every body decodes.
async fn payloads(snapshot: &Snapshot, shared: &Shared, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let sources = [
        "SELECT x.type, x.id, x.r, x.version, x.payload FROM @resource x
         WHERE x.kind IN (1, 2) AND x.r > $1 AND $2::bigint IS NOT NULL ORDER BY x.r LIMIT $3",
        "SELECT x.type, x.id, h.r, h.version, h.payload FROM @history h JOIN @resource x ON x.r = h.r
         WHERE h.kind IN (1, 2) AND (h.r, h.version) > ($1, $2) ORDER BY h.r, h.version LIMIT $3",
    ];
    for source in sources {
        let sql = shared.names.sql(source);
        let (mut r, mut version) = (0_i64, 0_i64);
        loop {
            let arguments: [Argument<'_>; 3] =
                [(&r, Type::INT8), (&version, Type::INT8), (&PAGE, Type::INT8)];
            let rows = snapshot.transaction.rows(DOING, &sql, &arguments).await?;
            for row in &rows {
                r = row.try_get(2).context(DOING)?;
                version = row.try_get(3).context(DOING)?;
                let payload: Option<Vec<u8>> = row.try_get(4).context(DOING)?;
                let decodes = payload.is_some_and(|b| Payload::from_kept(b).check().is_ok());
                if !decodes && breaches.len() <= LISTED {
                    let key = rows::key(row, 0)?;
                    let place = format!("{}/{}, version {version}", key.resource_type.0, key.id);
                    breaches.push(breach(&place, "its payload is missing or can't be decoded"));
                }
            }
            if rows.is_empty() {
                break;
            }
        }
    }
    Ok(())
}

/// Versions rise, each with its change, and the sequence ends where the settings say.
async fn versions(snapshot: &Snapshot, shared: &Shared, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let checks = [
        (
            "SELECT c.r, c.version FROM @change c JOIN (
               SELECT r, version, seq FROM @resource WHERE kind IN (1, 2, 3)
               UNION ALL SELECT r, version, seq FROM @history) v
               ON v.r = c.r AND v.version = c.version
             WHERE c.kind < 4 AND c.seq > v.seq LIMIT 1000",
            "a later change made the same version again",
        ),
        (
            "SELECT v.r, v.version FROM (
               SELECT r, version, seq FROM @resource WHERE kind IN (1, 2, 3)
               UNION ALL SELECT r, version, seq FROM @history) v
             LEFT JOIN @change c ON c.seq = v.seq AND c.r = v.r AND c.version = v.version
             WHERE c.seq IS NULL LIMIT 1000",
            "a version has no change",
        ),
        (
            "SELECT h.r, h.version FROM @history h JOIN @resource x ON x.r = h.r
             WHERE h.version >= x.version LIMIT 1000",
            "a version in history is not older than the current one",
        ),
        (
            "SELECT 0::bigint, c.seq FROM @change c, @setting s WHERE c.seq > s.seq LIMIT 1000",
            "a change is beyond the end of the sequence",
        ),
    ];
    for (sql, problem) in checks {
        for row in snapshot.transaction.rows(DOING, &shared.names.sql(sql), &[]).await? {
            let number = |at| row.try_get::<_, i64>(at).context(DOING);
            let place = format!("resource {}, version {}", number(0)?, number(1)?);
            breaches.push(breach(&place, problem));
        }
    }
    Ok(())
}

/// The index has what the rows' keys give, and nothing else.
async fn index(snapshot: &Snapshot, shared: &Shared, breaches: &mut Vec<Breach>) -> Outcome<()> {
    let transaction = &snapshot.transaction;
    let tables = "
        CREATE TEMPORARY TABLE value(r bigint, k bytea, more bytea) ON COMMIT DROP;
        CREATE TEMPORARY TABLE words(r bigint PRIMARY KEY, words tsvector) ON COMMIT DROP;
        CREATE TEMPORARY TABLE reference(p int, target bigint, more bytea, r bigint) ON COMMIT DROP";
    transaction.client()?.batch_execute(tables).await.context(DOING)?;
    let temporary = Names::new("pg_temp".to_owned());
    let mut last = 0;
    while let Some((entries, at)) = build::page(transaction, shared, last).await? {
        build::enter(transaction, &temporary, &entries).await?;
        last = at;
    }
    for (table, columns) in
        [("value", "r, k, more"), ("reference", "p, target, more, r"), ("words", "r, words")]
    {
        let found = format!("@{table}");
        let expected = temporary.sql(&found);
        let difference = |of: &str, but: &str| {
            format!("SELECT {columns} FROM {of} EXCEPT ALL SELECT {columns} FROM {but}")
        };
        let missing = shared.names.sql(&format!(
            "SELECT x.type, x.id FROM ({}) d JOIN @resource x ON x.r = d.r LIMIT 1000",
            difference(&expected, &found)
        ));
        for row in transaction.rows(DOING, &missing, &[]).await? {
            let key = rows::key(&row, 0)?;
            let place = format!("{}/{}", key.resource_type.0, key.id);
            breaches
                .push(breach(&place, &format!("a key of it is not in the index table {table}")));
        }
        let wrong = format!("SELECT count(*) FROM ({}) d", difference(&found, &expected));
        let rows = transaction.rows(DOING, &shared.names.sql(&wrong), &[]).await?;
        let wrong = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose();
        let wrong = wrong.context(DOING)?.unwrap_or_default();
        if wrong > 0 {
            let problem = format!("{wrong} index keys belong to no current resource");
            breaches.push(breach(&format!("the index table {table}"), &problem));
        }
    }
    Ok(())
}
