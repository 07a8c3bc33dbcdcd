//! The thread that writes a collection: group commit.
//!
//! It takes everything that waits, applies it in one transaction and commits once, so that many
//! clients share one fsync and a lone one waits for nobody. A job that can't be applied (a version
//! conflict, say) is found out before it has written anything, so its neighbours go on.

use crate::connection::{self, Role};
use crate::error::{Context, Outcome};
use crate::write::Transaction;
use crate::write::state::State;
use cresset_store::{StoreError, fail_point};
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Jobs that wait at most; whoever comes then waits to be let in.
const QUEUE: usize = 512;
/// Jobs in one commit at most.
const GROUP: usize = 512;
/// Weight (writes) of a group beyond which no further job is taken in.
const HEAVY: usize = 20_000;
/// Pages of the log after which it is copied into the file: 64 MiB.
const CHECKPOINT_PAGES: i64 = 8192;

/// What a job does inside the group's transaction. What it returns is called once that is durable,
/// or with the error that undid it.
pub(crate) type Work = Box<dyn FnOnce(&mut Transaction<'_>) -> Reply + Send>;
/// Tells the waiting client.
pub(crate) type Reply = Box<dyn FnOnce(Result<(), &StoreError>) + Send>;

/// A job and its number of writes.
pub(crate) struct Job {
    pub(crate) weight: usize,
    pub(crate) work: Work,
}

/// The way to a collection's writer.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Opens the file for writing and starts the thread.
    pub(crate) fn start(path: &Path, cache: u64, incarnation: u64) -> Outcome<Self> {
        let connection = connection::open(path, Role::Writer, cache)?;
        crate::schema::prepare(&connection, incarnation)?;
        let state = State::load(&connection)?;
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("cresset-writer".to_owned())
            .spawn(move || run(connection, state, jobs))
            .context("starting the writer")?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in a commit and waits until that is durable.
    pub(crate) async fn submit<T: Send + 'static>(
        &self,
        weight: usize,
        work: impl FnOnce(&mut Transaction<'_>) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |transaction| {
            let outcome = transaction.attempt(work);
            Box::new(move |durable| {
                let outcome = match durable {
                    Ok(()) => outcome,
                    Err(error) => outcome.and(Err(undone(error))),
                };
                // A client that went away needs no answer.
                drop(answer.send(outcome));
            })
        });
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Job { weight, work }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| StoreError::InDoubt)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Closing the queue lets the thread finish what it accepted, and end.
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer of a collection had panicked");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Busy { reason: "the writer has stopped", retry_after: Duration::from_secs(5) }
}

/// The same failure, told to one of those whom it concerns.
fn undone(error: &StoreError) -> StoreError {
    if let StoreError::InDoubt = error {
        return StoreError::InDoubt;
    }
    StoreError::Backend {
        context: "committing together with others",
        source: error.to_string().into(),
    }
}

fn run(connection: Connection, mut state: State, mut jobs: mpsc::Receiver<Job>) {
    while let Some(first) = jobs.blocking_recv() {
        let mut weight = first.weight;
        let mut group = vec![first];
        while group.len() < GROUP && weight < HEAVY {
            let Ok(job) = jobs.try_recv() else { break };
            weight += job.weight;
            group.push(job);
        }
        metrics::histogram!("cresset_commit_batch_jobs").record(group.len() as f64);
        metrics::gauge!("cresset_writer_queue_depth").set(jobs.len() as f64);
        commit(&connection, &mut state, group);
        checkpoint(&connection, CHECKPOINT_PAGES);
    }
    checkpoint(&connection, 0);
}

fn commit(connection: &Connection, state: &mut State, group: Vec<Job>) {
    let mut replies = Vec::with_capacity(group.len());
    let outcome = transact(connection, state, group, &mut replies);
    if let Err(error) = &outcome {
        tracing::error!(%error, "a commit was undone");
        if !connection.is_autocommit() {
            let undone = connection.execute_batch("ROLLBACK");
            if let Err(error) = undone {
                tracing::error!(%error, "a rollback failed");
            }
        }
        if let Err(error) = state.reload(connection) {
            tracing::error!(%error, "the writer's state can't be read again");
        }
    }
    for reply in replies {
        reply(outcome.as_ref().map(|_| ()));
    }
}

fn transact(
    connection: &Connection,
    state: &mut State,
    group: Vec<Job>,
    replies: &mut Vec<Reply>,
) -> Outcome<()> {
    let started = std::time::Instant::now();
    let begun = connection.execute_batch("BEGIN IMMEDIATE").context("beginning a commit");
    let mut transaction = Transaction::new(connection, state, begun);
    for job in group {
        // Every job is asked, even when beginning failed, since only it can answer its client.
        replies.push((job.work)(&mut transaction));
    }
    transaction.finish()?;
    fail_point("before-commit");
    // What reached the disk of a commit that failed may be found there after a crash.
    connection.execute_batch("COMMIT").map_err(|error| {
        tracing::error!(%error, "committing failed");
        StoreError::InDoubt
    })?;
    fail_point("after-commit");
    metrics::histogram!("cresset_commit_seconds").record(started.elapsed().as_secs_f64());
    metrics::counter!("cresset_commits_total").increment(1);
    // One for the log; with `synchronous=FULL` each commit waits for it.
    metrics::counter!("cresset_fsyncs_total").increment(1);
    Ok(())
}

/// Copies the log into the file when it has grown to `pages`. Readers that still need the log keep
/// it: then the next time does it.
fn checkpoint(connection: &Connection, pages: i64) {
    let log = connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], |row| row.get::<_, i64>(1));
    let length = match log {
        Ok(length) => length,
        Err(error) => return tracing::error!(%error, "the log can't be looked at"),
    };
    metrics::gauge!("cresset_wal_pages").set(length as f64);
    if length < pages.max(1) {
        return;
    }
    let mode = if pages == 0 { "TRUNCATE" } else { "RESTART" };
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    // Readers hold a restart up; the busy handler would wait for them, and clients with it.
    let outcome = connection
        .busy_timeout(Duration::ZERO)
        .and_then(|()| connection.query_row(&sql, [], |_| Ok(())))
        .and_then(|()| connection.busy_timeout(Duration::from_secs(10)));
    match outcome {
        // The log before it is copied, and the file after.
        Ok(()) => metrics::counter!("cresset_fsyncs_total").increment(2),
        Err(error) => tracing::error!(%error, "the log can't be copied into the file"),
    }
}
