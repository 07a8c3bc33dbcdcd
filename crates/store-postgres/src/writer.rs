//! The task that writes a collection: group commit.
//!
//! It takes everything that waits into one transaction, so that many clients share one round of locks
//! and one flush of the log, and a lone one waits for nobody. Other processes have such a task too;
//! the database puts their commits in order.

use crate::collection::Shared;
use crate::error::{Kind, Outcome, given_up, kind, shared as told};
use crate::statistics::{self, Growth};
use crate::transaction::{attempts, retrying};
use crate::write::{Answer, Request, commit};
use cresset_store::{Key, StoreError};
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};

/// Requests that wait at most; whoever comes then waits to be let in.
const QUEUE: usize = 512;
/// Requests in one commit at most.
const GROUP: usize = 512;
/// Writes in a group beyond which no further request is taken in.
const HEAVY: usize = 20_000;
/// Bytes of a group beyond which no further request is taken in.
const BULKY: usize = 64 << 20;
/// How often a group may write at most: whatever depends on what the group itself has written – a
/// resource again, a guard – needs that to be written first.
const ROUNDS: usize = 16;

#[derive(Debug)]
struct Job {
    request: Request,
    answer: oneshot::Sender<Outcome<Answer>>,
}

/// The way to a collection's writer.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
}

impl Writer {
    /// Starts the task. It ends when the writer is dropped and everything accepted is done.
    pub(crate) fn start(shared: Arc<Shared>) -> Self {
        let (queue, jobs) = mpsc::channel(QUEUE);
        tokio::spawn(run(shared, jobs));
        Self { queue }
    }

    /// Waits until a request is durable, or refused.
    pub(crate) async fn submit(&self, request: Request) -> Outcome<Answer> {
        let (answer, answered) = oneshot::channel();
        self.queue.send(Job { request, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| StoreError::InDoubt)?
    }
}

fn stopped() -> StoreError {
    StoreError::Busy { reason: "the writer has stopped", retry_after: Duration::from_secs(5) }
}

async fn run(shared: Arc<Shared>, mut jobs: mpsc::Receiver<Job>) {
    let mut waiting = VecDeque::new();
    let mut growth = Growth::default();
    loop {
        if waiting.is_empty() {
            match jobs.recv().await {
                Some(job) => waiting.push_back(job),
                None => return,
            }
        }
        while waiting.len() < GROUP
            && let Ok(job) = jobs.try_recv()
        {
            waiting.push_back(job);
        }
        let count = together(&waiting);
        let group: Vec<Job> = waiting.drain(..count).collect();
        write(&shared, group, &mut growth).await;
    }
}

/// How many of those who wait go into one transaction.
fn together(waiting: &VecDeque<Job>) -> usize {
    let (mut writes, mut bytes, mut rounds) = (0, 0, 0);
    let mut keys: HashSet<&Key> = HashSet::new();
    for (place, job) in waiting.iter().enumerate() {
        let (weight, size) = job.request.weight();
        let again = job.request.keys().any(|key| keys.contains(key));
        rounds += usize::from(again || job.request.looks_back());
        if place > 0 && (writes >= HEAVY || bytes + size > BULKY || rounds > ROUNDS) {
            return place;
        }
        writes += weight;
        bytes += size;
        keys.extend(job.request.keys());
    }
    waiting.len()
}

async fn write(shared: &Arc<Shared>, group: Vec<Job>, growth: &mut Growth) {
    let requests: Vec<&Request> = group.iter().map(|job| &job.request).collect();
    let error = match attempts(|| commit(shared, &requests)).await {
        Ok(answers) => {
            let writes = requests.iter().map(|request| request.keys().count()).sum();
            statistics::after(shared, growth, writes).await;
            return answer(group, answers);
        }
        Err(error) => error,
    };
    let everybodys = match kind(&error) {
        Kind::Contention | Kind::Lost | Kind::NoTables => true,
        Kind::Locked | Kind::Timeout | Kind::Other => {
            matches!(
                error,
                StoreError::Busy { .. } | StoreError::InDoubt | StoreError::UnknownCollection(_)
            )
        }
    };
    if everybodys || group.len() == 1 {
        let error = match kind(&error) {
            Kind::NoTables => StoreError::UnknownCollection(shared.name.clone()),
            _ => given_up(error),
        };
        let mut answers: Vec<_> = group[1..].iter().map(|_| Err(told(&error))).collect();
        // One is told all of it.
        answers.push(Err(error));
        return answer(group, answers);
    }
    // Something about one of them: the others shall not suffer for it.
    tracing::warn!(%error, "a group couldn't be committed; its requests are committed one by one");
    for job in group {
        let request = [&job.request];
        let outcome = retrying(|| commit(shared, &request)).await;
        let outcome =
            outcome.and_then(|mut answers| answers.pop().unwrap_or_else(|| Err(stopped())));
        // A client that went away needs no answer.
        drop(job.answer.send(outcome));
    }
}

fn answer(group: Vec<Job>, answers: Vec<Outcome<Answer>>) {
    for (job, answer) in group.into_iter().zip(answers) {
        drop(job.answer.send(answer));
    }
}
