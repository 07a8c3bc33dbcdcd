//! Answering a [`Query`] with one statement, from one snapshot: ids first, then the page's rows.

mod arguments;
mod columns;
mod compile;
mod needed;
mod ranges;
mod scan;
mod sort;
mod statement;
mod stream;
mod walk;
mod words;

use crate::collection::Shared;
use crate::error::{Context, Kind, Outcome, kind};
use crate::read::{Snapshot, of_surrogates};
use crate::rows::key;
use crate::transaction::Transaction;
use cresset_store::*;
pub(crate) use statement::Compiled;
use std::time::Duration;
use tokio_postgres::types::Type;

const DOING: &str = "searching";

/// The page that a query asks for.
pub(crate) async fn search(shared: &Shared, scope: &Scope, query: &Query) -> Outcome<Matches> {
    let limit = shared.connections.settings.search_timeout;
    let snapshot = Snapshot::take(shared, limit).await?;
    let found = found(&snapshot, shared, scope, query).await;
    snapshot.end(found).await.map_err(|error| too_costly(error, limit))
}

async fn found(
    snapshot: &Snapshot,
    shared: &Shared,
    scope: &Scope,
    query: &Query,
) -> Outcome<Matches> {
    let transaction = &snapshot.transaction;
    if snapshot.settled.deferred {
        let total = live(transaction, shared).await?;
        return Err(StoreError::Indexing { done: 0, total });
    }
    let compiled = Compiled::new(transaction, shared, scope, query).await?;
    let (page, total) = page(transaction, &compiled, query).await?;
    let resources = of_surrogates(transaction, shared, &page.resources).await?;
    Ok(Matches { resources, next: page.next, previous: page.previous, total })
}

/// The page's resources and the total, as far as they are asked for.
async fn page(
    transaction: &Transaction,
    compiled: &Compiled,
    query: &Query,
) -> Outcome<(Page, Option<u64>)> {
    let (places, count) = compiled.run(transaction, query).await?;
    let total = count.map(|row| row.try_get::<_, i64>(0)).transpose().context(DOING)?;
    Ok((Page::cut(places, query), total.map(i64::unsigned_abs)))
}

/// A page of surrogates.
#[derive(Debug, Default)]
struct Page {
    resources: Vec<i64>,
    next: Option<Position>,
    previous: Option<Position>,
}

impl Page {
    /// From places beyond the place where the page starts, up to one more than fit, in the order of
    /// the walk.
    fn cut(mut places: Vec<(i64, position::Place)>, query: &Query) -> Self {
        let more = places.len() > query.limit;
        places.truncate(query.limit);
        // Whoever has a place to start from has been on the other side of it.
        let (before, after) = match query.start {
            Start::First => (false, more),
            Start::After(_) => (true, more),
            Start::Before(_) => {
                places.reverse();
                (more, true)
            }
        };
        Self {
            next: places.last().filter(|_| after).map(|(_, place)| place.encode()),
            previous: places.first().filter(|_| before).map(|(_, place)| place.encode()),
            resources: places.iter().map(|(r, _)| *r).collect(),
        }
    }
}

/// The keys of the first `limit` resources that match: what a guard compares. What it needs to know
/// is looked up in the same transaction, behind whatever that has locked.
pub(crate) async fn keys(
    transaction: &Transaction,
    shared: &Shared,
    scope: &Scope,
    query: &Query,
) -> Outcome<Vec<Key>> {
    let compiled = Compiled::new(transaction, shared, scope, query).await?;
    let (page, _) = page(transaction, &compiled, query).await?;
    let sql = shared.names.sql("SELECT type, id FROM @resource WHERE r = ANY($1)");
    let rows = transaction.rows(DOING, &sql, &[(&page.resources, Type::INT8_ARRAY)]).await?;
    rows.iter().map(|row| key(row, 0)).collect()
}

/// Resources that are current and not deleted.
pub(crate) async fn live(transaction: &Transaction, shared: &Shared) -> Outcome<u64> {
    let sql = shared.names.sql("SELECT count(*) FROM @resource WHERE kind IN (1, 2)");
    let rows = transaction.rows("counting resources", &sql, &[]).await?;
    let count = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose();
    Ok(count.context("counting resources")?.unwrap_or_default().unsigned_abs())
}

/// A search that was ended because of the time it took.
pub(crate) fn too_costly(error: StoreError, limit: Duration) -> StoreError {
    if kind(&error) != Kind::Timeout {
        return error;
    }
    StoreError::TooCostly(format!(
        "the search was ended after {} s: name a type, add a parameter that few resources match, or ask for fewer values",
        limit.as_secs()
    ))
}
