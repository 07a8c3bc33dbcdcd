//! A closed loop: each client sends its next request when it has the answer to the last.

use crate::BenchError;
use crate::connection::{Call, Connection, Reply};
use crate::tally::{Success, Tally};
use crate::target::Target;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// The requests of one work, client by client.
pub(crate) trait Script: Send + Sync {
    /// What client number `client` does.
    fn player(&self, client: usize) -> Box<dyn Player>;
}

/// What one client does.
pub(crate) trait Player: Send {
    /// Its next request, or nothing when the work is done.
    fn next(&mut self) -> Option<Call>;

    /// Takes note of a successful answer to the last request.
    fn heard(&mut self, _reply: &Reply) {}
}

/// When a measurement ends, whatever comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    /// No request begins after this.
    pub(crate) time: Duration,
    pub(crate) requests: u64,
    /// How long one answer may take.
    pub(crate) answer: Duration,
}

/// Runs `script` with `clients` connections until it ends or `limit` is reached. The clock
/// starts when all connections stand and stops with the last answer.
pub(crate) async fn drive(
    target: &Target,
    clients: usize,
    limit: Limit,
    script: &dyn Script,
) -> Result<Tally, BenchError> {
    let connections = open(target, clients, limit.answer).await?;
    let budget = Arc::new(AtomicU64::new(limit.requests));
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for (client, connection) in connections.into_iter().enumerate() {
        let player = script.player(client);
        tasks.spawn(play(connection, player, budget.clone(), begun, limit.time));
    }
    let mut total = Tally::default();
    while let Some(joined) = tasks.join_next().await {
        total.add(joined.expect("no client panics"));
    }
    total.elapsed = begun.elapsed();
    Ok(total)
}

/// Connections that stand, each of which waits `answer` for an answer.
pub(crate) async fn open(
    target: &Target,
    count: usize,
    answer: Duration,
) -> Result<Vec<Connection>, BenchError> {
    let mut connections = Vec::with_capacity(count);
    for _ in 0..count {
        let mut connection = Connection::new(target, answer);
        connection.open().await.map_err(|e| BenchError::Server {
            request: format!("connect to {}", target.base()),
            reason: e.to_string(),
        })?;
        connections.push(connection);
    }
    Ok(connections)
}

async fn play(
    mut connection: Connection,
    mut player: Box<dyn Player>,
    budget: Arc<AtomicU64>,
    begun: Instant,
    time: Duration,
) -> Tally {
    let mut tally = Tally::default();
    while begun.elapsed() < time && take(&budget) {
        let Some(call) = player.next() else { break };
        let start = Instant::now();
        match connection.send(&call).await {
            Ok(reply) if reply.status.is_success() => {
                tally.succeeded(Success {
                    latency: start.elapsed(),
                    finished: begun.elapsed(),
                    operations: call.operations,
                });
                player.heard(&reply);
            }
            Ok(reply) => tally.failed(reply.status.as_u16().to_string()),
            Err(silence) => tally.failed(silence.to_string()),
        }
    }
    tally
}

fn take(budget: &AtomicU64) -> bool {
    budget.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends() {
        let budget = AtomicU64::new(2);
        assert_eq!([take(&budget), take(&budget), take(&budget)], [true, true, false]);
    }
}
