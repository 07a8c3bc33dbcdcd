//! A closed loop: each client sends its next request when it has the answer to the last.

use crate::BenchError;
use crate::connection::{Call, Connection, Reply};
use crate::latency::Latencies;
use crate::target::Target;
use std::collections::BTreeMap;
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

/// What came of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    successes: Vec<Success>,
    /// How often each status (or silence) came that is not a success.
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) elapsed: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Success {
    latency: Duration,
    finished: Duration,
    operations: u64,
}

/// Runs `script` with `clients` connections until it ends or `limit` is reached. The clock
/// starts when all connections stand and stops with the last answer.
pub(crate) async fn drive(
    target: &Target,
    clients: usize,
    limit: Limit,
    script: &dyn Script,
) -> Result<Tally, BenchError> {
    let mut connections = Vec::with_capacity(clients);
    for _ in 0..clients {
        let mut connection = Connection::new(target, limit.answer);
        connection.open().await.map_err(|e| BenchError::Server {
            request: format!("connect to {}", target.base()),
            reason: e.to_string(),
        })?;
        connections.push(connection);
    }
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
                tally.successes.push(Success {
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

impl Tally {
    fn failed(&mut self, how: String) {
        *self.errors.entry(how).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.successes.extend(other.successes);
        for (how, count) in other.errors {
            *self.errors.entry(how).or_default() += count;
        }
    }

    /// Requests that succeeded.
    pub(crate) fn requests(&self) -> u64 {
        self.successes.len() as u64
    }

    /// Operations that succeeded.
    pub(crate) fn operations(&self) -> u64 {
        self.successes.iter().map(|success| success.operations).sum()
    }

    /// The latencies of what succeeded: a refusal may come at once and would flatter them.
    pub(crate) fn latencies(&self) -> Latencies {
        self.successes.iter().map(|success| success.latency).collect()
    }

    /// Operations per second while the first and while the last tenth of the operations
    /// were done, which shows whether a store slows down as it grows.
    pub(crate) fn tenths(&self) -> Option<(f64, f64)> {
        let mut order = self.successes.clone();
        order.sort_unstable_by_key(|success| success.finished);
        let tenth = order.len() / 10;
        let end = order.len().checked_sub(1)?;
        if tenth == 0 {
            return None;
        }
        let rate = |part: &[Success], from: Duration| {
            let operations: u64 = part.iter().map(|success| success.operations).sum();
            let until = part.last().expect("a tenth holds one").finished;
            operations as f64 / (until - from).as_secs_f64().max(1e-9)
        };
        let first = rate(&order[..tenth], Duration::ZERO);
        let last = rate(&order[end + 1 - tenth..], order[end - tenth].finished);
        Some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_the_tenths() {
        // 20 successes: one a second, then one in two seconds.
        let finished = (1..=10).chain((12..=30).step_by(2));
        let successes = finished
            .map(|second| Success {
                latency: Duration::from_secs(1),
                finished: Duration::from_secs(second),
                operations: 100,
            })
            .collect();
        let tally = Tally { successes, ..Tally::default() };
        assert_eq!(tally.tenths(), Some((100.0, 50.0)));
        assert_eq!(tally.operations(), 2000);
        assert_eq!(Tally::default().tenths(), None);
    }

    #[test]
    fn a_budget_ends() {
        let budget = AtomicU64::new(2);
        assert_eq!([take(&budget), take(&budget), take(&budget)], [true, true, false]);
    }
}
