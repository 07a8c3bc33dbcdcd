//! Transactions, and attempts at them.

use crate::connection::Object;
use crate::error::{Context, Kind, Outcome, cause, given_up, kind};
use futures::future::{join, join_all};
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

/// Attempts at a call that others stand in the way of.
const ATTEMPTS: u32 = 6;

/// A parameter of a statement and its type.
pub(crate) type Argument<'a> = (&'a (dyn ToSql + Sync), Type);

/// A statement that waits to be sent with others.
pub(crate) struct Statement<'a> {
    pub(crate) doing: &'static str,
    pub(crate) sql: String,
    pub(crate) arguments: Vec<Argument<'a>>,
}

/// A connection inside a transaction. Dropped before its end – the client went away, or something
/// failed –, it takes the connection along, since nobody knows what state that is in.
#[derive(Debug)]
pub(crate) struct Transaction {
    client: Option<Object>,
}

impl Transaction {
    /// Begins with `begin`, which may be several statements.
    pub(crate) async fn begin(client: Object, begin: &str) -> Outcome<Self> {
        let transaction = Self { client: Some(client) };
        transaction.client()?.batch_execute(begin).await.context("beginning a transaction")?;
        Ok(transaction)
    }

    /// One whose beginning is the caller's to send, together with what follows.
    pub(crate) fn unbegun(client: Object) -> Self {
        Self { client: Some(client) }
    }

    pub(crate) fn client(&self) -> Outcome<&Object> {
        self.client.as_ref().ok_or_else(|| crate::error::corrupt("a transaction that has ended"))
    }

    /// The rows of a statement. Statements aren't prepared: PgBouncer may give the next one to
    /// another session.
    pub(crate) async fn rows(
        &self,
        doing: &'static str,
        sql: &str,
        arguments: &[Argument<'_>],
    ) -> Outcome<Vec<Row>> {
        self.client()?.query_typed(sql, arguments).await.context(doing)
    }

    /// The rows of several statements that are sent one behind another without waiting: one round
    /// trip. `begin`, when there is one, goes first.
    pub(crate) async fn pipeline(
        &self,
        begin: Option<&str>,
        statements: &[Statement<'_>],
    ) -> Outcome<Vec<Vec<Row>>> {
        let client = self.client()?;
        // These poll, and so send, in order.
        let begun = async {
            match begin {
                Some(begin) => client.batch_execute(begin).await,
                None => Ok(()),
            }
        };
        let sent = statements.iter().map(|s| client.query_typed(&s.sql, &s.arguments));
        let (begun, answers) = join(begun, join_all(sent)).await;
        begun.context("beginning a transaction")?;
        let answers = answers.into_iter().zip(statements);
        // The first failure is the cause of those behind it.
        answers.map(|(rows, statement)| rows.context(statement.doing)).collect()
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Outcome<()> {
        self.client()?.batch_execute("COMMIT").await.context("committing")?;
        // Back to the pool.
        drop(self.client.take());
        Ok(())
    }

    /// Ends it without its writes.
    pub(crate) async fn rollback(mut self) {
        if let Some(client) = self.client.take() {
            let ended = client.batch_execute("ROLLBACK").await;
            if ended.is_err() {
                drop(Object::take(client));
            }
        }
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

/// Milliseconds for `SET LOCAL`, where 0 would mean "for ever".
pub(crate) fn milliseconds(duration: Duration) -> u128 {
    duration.as_millis().max(1)
}

/// Runs `attempt` again, after a random pause, while others stand in the way or connections are lost;
/// then the client is told that the store is busy.
pub(crate) async fn retrying<T, F>(attempt: impl FnMut() -> F) -> Outcome<T>
where
    F: Future<Output = Outcome<T>>,
{
    attempts(attempt).await.map_err(given_up)
}

/// The same, with the engine's own error in the end.
pub(crate) async fn attempts<T, F>(mut attempt: impl FnMut() -> F) -> Outcome<T>
where
    F: Future<Output = Outcome<T>>,
{
    let mut tries = 0;
    loop {
        let error = match attempt().await {
            Err(error) => error,
            done => return done,
        };
        tries += 1;
        if tries >= ATTEMPTS || !matches!(kind(&error), Kind::Contention | Kind::Lost) {
            return Err(error);
        }
        metrics::counter!("cresset_transaction_retries_total", "cause" => cause(&error))
            .increment(1);
        tracing::debug!(%error, tries, "trying again");
        pause(tries).await;
    }
}

/// A pause of random length, longer from time to time.
pub(crate) async fn pause(tries: u32) {
    let longest = 20u64 << tries.min(6);
    tokio::time::sleep(Duration::from_millis(longest / 4 + random() % longest)).await;
}

/// A number that nobody should rely on not knowing.
pub(crate) fn random() -> u64 {
    std::hash::RandomState::new().build_hasher().finish()
}
