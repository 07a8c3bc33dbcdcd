//! What PostgreSQL's planner knows of a collection that grows quickly.
//!
//! Autovacuum looks at a table once a minute at most. Until then a table that was just filled counts as
//! nearly empty, and a search that takes milliseconds is planned to take minutes. So whoever fills one has
//! it looked at: after the first thousand writes, and whenever it has doubled.

use crate::collection::Shared;
use crate::error::{Context, Outcome};
use crate::transaction::{Transaction, milliseconds};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::types::Type;

/// Writes after which the planner should know more than that there was nothing.
const FIRST: u64 = 1_000;
/// How long it may take; it reads a sample of each table, whatever its size.
const LIMIT: Duration = Duration::from_secs(60);
/// How long it may wait for somebody who does the same, or more.
const PATIENCE: Duration = Duration::from_secs(1);

/// What one process has written to a collection.
#[derive(Debug)]
pub(crate) struct Growth(Mutex<Written>);

#[derive(Debug)]
struct Written {
    written: u64,
    next: u64,
}

impl Default for Growth {
    fn default() -> Self {
        Self(Mutex::new(Written { written: 0, next: FIRST }))
    }
}

impl Growth {
    /// Counts writes; how many there were when it's time to look.
    fn add(&self, writes: usize) -> Option<u64> {
        let mut growth = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        growth.written = growth.written.saturating_add(u64::try_from(writes).unwrap_or(u64::MAX));
        if growth.written < growth.next {
            return None;
        }
        growth.next = growth.written.saturating_mul(2);
        Some(growth.written)
    }
}

/// Counts what was just committed, and has the tables looked at when it's time. Who commits so much at once
/// is an import, which waits for it, since its process may end with the answer; others don't.
pub(crate) async fn after(shared: &Arc<Shared>, growth: &Growth, writes: usize) {
    let Some(written) = growth.add(writes) else { return };
    let shared = Arc::clone(shared);
    let refreshing = tokio::spawn(async move { refresh(&shared, written).await });
    if writes >= usize::try_from(FIRST).unwrap_or(usize::MAX) {
        // It tells its failures itself.
        drop(refreshing.await);
    }
}

/// Has the tables looked at, unless the planner knows already that at least so much is in them.
async fn refresh(shared: &Shared, written: u64) {
    if let Err(error) = try_refresh(shared, written).await {
        // Autovacuum will do it.
        tracing::debug!(%error, "the planner's statistics weren't refreshed");
    }
}

async fn try_refresh(shared: &Shared, written: u64) -> Outcome<()> {
    let doing = "refreshing the planner's statistics";
    let client = shared.connections.writer().await?;
    let begin = format!(
        "BEGIN; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}",
        milliseconds(LIMIT),
        milliseconds(PATIENCE)
    );
    let transaction = Transaction::begin(client, &begin).await?;
    let table = shared.names.sql("@resource");
    let sql = "SELECT reltuples::float8 FROM pg_class WHERE oid = to_regclass($1)";
    let rows = transaction.rows(doing, sql, &[(&table, Type::TEXT)]).await?;
    let known: f64 = rows.first().map_or(Ok(0.0), |row| row.try_get(0)).context(doing)?;
    if known < written as f64 {
        let sql = shared.names.sql("ANALYZE @resource, @value, @reference, @term, @parameter");
        transaction.rows(doing, &sql, &[]).await?;
    }
    transaction.commit().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_time_after_a_thousand_writes_and_after_each_doubling() {
        let growth = Growth::default();
        let times: Vec<u64> = (0..100).filter_map(|_| growth.add(100)).collect();
        assert_eq!(times, [1_000, 2_000, 4_000, 8_000]);
    }
}
