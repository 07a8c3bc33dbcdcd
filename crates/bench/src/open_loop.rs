//! An open loop: requests have their times, whether the server keeps up or not.
//!
//! A closed loop asks a slow server less often and so measures it kindly. Here request number
//! `n` is due at `n / rate` seconds, and its latency counts from then, also when it had to wait
//! because all connections were still busy.

use crate::BenchError;
use crate::closed_loop::{Player, Script, open};
use crate::connection::Connection;
use crate::tally::{Success, Tally};
use crate::target::Target;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How many requests, when, and over how many connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrivals {
    /// Requests per second in all.
    pub(crate) rate: f64,
    /// For how long requests become due.
    pub(crate) time: Duration,
    /// Requests at which it ends before its time.
    pub(crate) most: u64,
    pub(crate) connections: usize,
    /// How long one answer may take.
    pub(crate) answer: Duration,
}

/// A request that a server too slow for the rate left no connection for.
const NOT_SENT: &str = "not sent in time";

impl Arrivals {
    fn requests(&self) -> u64 {
        ((self.time.as_secs_f64() * self.rate) as u64).clamp(1, self.most.max(1))
    }

    /// When a request is due, since the beginning.
    fn due(&self, request: u64) -> Duration {
        Duration::from_secs_f64(request as f64 / self.rate)
    }
}

/// What the connections share.
struct Schedule {
    arrivals: Arrivals,
    begun: Instant,
    /// A permit for each request that is due, and one for each connection at the end.
    due: Semaphore,
    next: AtomicU64,
    /// Set when somebody else than the clock ends it.
    abandoned: AtomicBool,
}

/// Sends the requests of `script` at their times. What is still unsent when as much time again
/// has passed as they were due in is given up, and counted as errors.
pub(crate) async fn drive(
    target: &Target,
    arrivals: Arrivals,
    script: &dyn Script,
) -> Result<Tally, BenchError> {
    let connections = open(target, arrivals.connections, arrivals.answer).await?;
    let schedule = Arc::new(Schedule {
        arrivals,
        begun: Instant::now(),
        due: Semaphore::new(0),
        next: AtomicU64::new(0),
        abandoned: AtomicBool::new(false),
    });
    let stop = Abandon(schedule.clone());
    let clock = {
        let schedule = schedule.clone();
        tokio::task::spawn_blocking(move || schedule.tick())
    };
    let mut tasks = JoinSet::new();
    for (number, connection) in connections.into_iter().enumerate() {
        tasks.spawn(play(connection, script.player(number), schedule.clone()));
    }
    let mut total = Tally::default();
    while let Some(joined) = tasks.join_next().await {
        total.add(joined.expect("no client panics"));
    }
    // The last request is due a moment before the end; the time up to that counts as well.
    total.elapsed = schedule.begun.elapsed().max(arrivals.due(arrivals.requests()));
    drop(stop);
    clock.await.expect("the clock doesn't panic");
    let answered = total.requests() + total.errors.values().sum::<u64>();
    total.failed_often(NOT_SENT.into(), arrivals.requests().saturating_sub(answered));
    Ok(total)
}

/// Ends the clock's thread when a measurement is dropped before its end.
struct Abandon(Arc<Schedule>);

impl Drop for Abandon {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Schedule {
    /// Gives the permits. On a thread of its own, since the runtime's timers are only exact to a
    /// millisecond, which is as long as many an answer takes.
    fn tick(&self) {
        for request in 0..self.arrivals.requests() {
            let due = self.begun + self.arrivals.due(request);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if self.abandoned.load(Ordering::Relaxed) {
                return;
            }
            self.due.add_permits(1);
        }
        self.due.add_permits(self.arrivals.connections);
    }

    /// The next request that is due, when it is; nothing after the last, or when it is too late.
    async fn next(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let request = self.next.fetch_add(1, Ordering::Relaxed);
        let late = self.begun.elapsed() > self.arrivals.time * 2;
        (request < self.arrivals.requests() && !late)
            .then(|| self.begun + self.arrivals.due(request))
    }
}

async fn play(
    mut connection: Connection,
    mut player: Box<dyn Player>,
    schedule: Arc<Schedule>,
) -> Tally {
    let mut tally = Tally::default();
    while let Some(due) = schedule.next().await {
        let Some(call) = player.next() else { break };
        match connection.send(&call).await {
            Ok(reply) if reply.status.is_success() => {
                tally.succeeded(Success {
                    latency: due.elapsed(),
                    finished: schedule.begun.elapsed(),
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

#[cfg(test)]
mod tests;
