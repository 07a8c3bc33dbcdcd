//! Reads of more than one statement: from one snapshot.

use crate::collection::Shared;
use crate::error::{Context, Outcome, corrupt};
use crate::transaction::{Statement, Transaction, milliseconds};
use cresset_store::Incarnation;
use std::time::Duration;

/// A transaction that sees one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) transaction: Transaction,
    pub(crate) settled: Settled,
}

/// The collection's settings at that moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settled {
    pub(crate) incarnation: Incarnation,
    /// Whether index keys wait to be entered.
    pub(crate) deferred: bool,
}

impl Snapshot {
    /// Takes a snapshot whose statements may take so long, each.
    pub(crate) async fn take(shared: &Shared, limit: Duration) -> Outcome<Self> {
        Self::begin(shared, limit, "READ ONLY").await
    }

    /// One in which temporary tables can be made.
    pub(crate) async fn take_writable(shared: &Shared, limit: Duration) -> Outcome<Self> {
        Self::begin(shared, limit, "READ WRITE").await
    }

    async fn begin(shared: &Shared, limit: Duration, access: &str) -> Outcome<Self> {
        let transaction = Transaction::unbegun(shared.connections.reader().await?);
        let lock_timeout = milliseconds(shared.connections.settings.lock_timeout);
        let begin = format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ, {access}; SET LOCAL statement_timeout = {}; \
             SET LOCAL lock_timeout = {lock_timeout}; SET LOCAL jit = off; \
             SET LOCAL max_parallel_workers_per_gather = 0; \
             SET LOCAL idle_in_transaction_session_timeout = 60000",
            milliseconds(limit)
        );
        let doing = "reading a collection's settings";
        let sql = shared.names.sql("SELECT incarnation, deferred, form FROM @setting");
        let look = [Statement { doing, sql, arguments: Vec::new() }];
        let answers = transaction.pipeline(Some(&begin), &look).await?;
        let row = answers[0].first().ok_or_else(|| corrupt("the collection has no settings"))?;
        let incarnation: i64 = row.try_get(0).context(doing)?;
        shared.is_still(incarnation, row.try_get(2).context(doing)?)?;
        let settled =
            Settled { incarnation: shared.incarnation, deferred: row.try_get(1).context(doing)? };
        Ok(Self { transaction, settled })
    }

    /// Gives the snapshot up and passes an outcome on.
    pub(crate) async fn end<T>(self, outcome: Outcome<T>) -> Outcome<T> {
        match outcome {
            Ok(value) => {
                self.transaction.commit().await?;
                Ok(value)
            }
            Err(error) => {
                self.transaction.rollback().await;
                Err(error)
            }
        }
    }
}
