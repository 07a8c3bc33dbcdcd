//! The task that writes a collection: group commit.
//!
//! It takes everything that waits into one transaction, so that many clients share one round of locks
//! and one flush of the log, and a lone one waits for nobody. Other processes have such a task too;
//! the database puts their commits in order.

mod waiting;

use crate::collection::Shared;
use crate::error::{Kind, Outcome, given_up, kind, shared as told};
use crate::statistics::{self, Growth};
use crate::transaction::{attempts, retrying};
use crate::write::{Answer, Request, commit};
use cresset_store::StoreError;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{self, JoinSet};
use waiting::{Claim, Waiting};

/// Requests that wait at most; whoever comes then waits to be let in.
const QUEUE: usize = 512;
/// Transactions of one collection that are on their way at once. While one waits for the disk or for a
/// message's acknowledgement, the next is prepared; more would only make them smaller.
const SIDE_BY_SIDE: usize = 2;

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
    let growth = Arc::new(Growth::default());
    let mut waiting = Waiting::default();
    let mut under_way = JoinSet::new();
    let mut claims: HashMap<task::Id, Claim> = HashMap::new();
    let mut is_open = true;
    while is_open || !waiting.is_empty() || !under_way.is_empty() {
        while !waiting.is_full()
            && let Ok(job) = jobs.try_recv()
        {
            waiting.push(job);
        }
        if under_way.len() < SIDE_BY_SIDE
            && let Some(group) = waiting.take(&claims.values().collect::<Vec<_>>())
        {
            let (shared, growth) = (Arc::clone(&shared), Arc::clone(&growth));
            let task = under_way.spawn(async move { write(&shared, group.jobs, &growth).await });
            claims.insert(task.id(), group.claim);
            continue;
        }
        tokio::select! {
            job = jobs.recv(), if is_open && !waiting.is_full() => match job {
                Some(job) => waiting.push(job),
                None => is_open = false,
            },
            Some(ended) = under_way.join_next_with_id() => {
                // Whose task panics, answers nobody: their commit is in doubt.
                claims.remove(&ended.map_or_else(|error| error.id(), |(id, ())| id));
            }
        }
    }
}

async fn write(shared: &Arc<Shared>, group: Vec<Job>, growth: &Growth) {
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
