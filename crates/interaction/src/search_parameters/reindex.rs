//! The background job: walks over all resources of a type and indexes them by the parameters in force.
//!
//! It keeps its place with each batch, so a process that is killed loses one batch. Work that comes
//! while a walk is under way waits for the next walk over that type; the one under way goes on.

use super::{KIND, Known, SearchParameters, keep};
use crate::extract::extract;
use crate::job::{JobStatus, Pass};
use cresset_search::Registry;
use cresset_store::{Filter, Query, Start, StoreError, Stored, TypeNumber};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Failures in a row after which a job is given up until something changes or the server starts anew.
const MOST_FAILURES: u32 = 6;
/// The first pause after a failure; it doubles with each.
const PAUSE: Duration = Duration::from_millis(250);
/// The longest rest between two batches that follows from their work.
const LONGEST_REST: Duration = Duration::from_secs(2);

/// How fast the job may be.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Resources in one batch.
    pub batch: usize,
    /// Rest for each unit of time that was worked: 1 leaves half of a core, and half of the writer's
    /// time, to requests.
    pub rest: f64,
    /// The least rest between two batches.
    pub pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { batch: 500, rest: 1.0, pause: Duration::ZERO }
    }
}

impl Pace {
    fn after(&self, worked: Duration) -> Duration {
        worked.mul_f64(self.rest.clamp(0.0, 100.0)).min(LONGEST_REST).max(self.pause)
    }
}

impl SearchParameters {
    /// Does what there is to do, and waits for more; ends by being dropped.
    pub async fn run(&self, pace: Pace) {
        let mut failures = 0;
        let mut begun = false;
        loop {
            let started = Instant::now();
            match self.step(pace, &mut begun).await {
                Ok(true) => {
                    failures = 0;
                    tokio::time::sleep(pace.after(started.elapsed())).await;
                }
                Ok(false) => {
                    (failures, begun) = (0, false);
                    self.work.notified().await;
                }
                Err(error) => {
                    failures += 1;
                    tracing::error!(%error, failures, "indexing by search parameters failed");
                    let is_last = failures >= MOST_FAILURES;
                    self.note_failure(&error, is_last).await;
                    if is_last {
                        (failures, begun) = (0, false);
                        self.work.notified().await;
                    } else {
                        tokio::time::sleep(PAUSE * (1 << failures)).await;
                    }
                }
            }
        }
    }

    /// One batch; `false` when there is nothing to do. `begun`: this process has taken the job on.
    async fn step(&self, pace: Pace, begun: &mut bool) -> Result<bool, StoreError> {
        let Some(pass) = self.pass(begun).await? else { return Ok(false) };
        let registry = self.in_force.registry();
        let of = pass.resource_type;
        let page = self.store.list(&self.scope, of, pass.position, pace.batch.max(1)).await?;
        let seen = page.resources.len() as u64;
        let entries = extracted(registry, page.resources).await?;
        let skipped = seen - entries.len() as u64;
        if !entries.is_empty() {
            // A resource that has changed since was indexed by this registry or a later one.
            self.store.reindex(&self.scope, entries).await?;
        }
        let known = &mut *self.known.lock().await;
        let job = known.jobs.active_or_new(KIND);
        (job.done, job.skipped) = (job.done + seen, job.skipped + skipped);
        job.total = job.total.max(job.done);
        job.beat();
        match page.next {
            Some(next) => {
                job.pass = Some(Pass { resource_type: of, position: Some(next) });
                keep(&*self.store, &self.scope, None, &known.jobs).await?;
            }
            None => self.end_pass(known, of).await?,
        }
        Ok(true)
    }

    /// The walk to go on with, or the next one.
    async fn pass(&self, begun: &mut bool) -> Result<Option<Pass>, StoreError> {
        loop {
            let generation = {
                let known = &mut *self.known.lock().await;
                if known.is_stale {
                    self.refresh(known).await?;
                }
                let Some(first) = known.indexes.unsettled().first().copied() else {
                    return self.end_job(known).await.map(|()| None);
                };
                let job = known.jobs.active_or_new(KIND);
                if !*begun || job.status == JobStatus::Queued {
                    job.begin();
                    *begun = true;
                    tracing::info!(attempts = job.attempts, "indexing by search parameters");
                }
                if let Some(passing) = known.indexes.passing() {
                    let fresh = Pass { resource_type: passing, position: None };
                    let kept = job.pass.clone().filter(|pass| pass.resource_type == passing);
                    return Ok(Some(kept.unwrap_or(fresh)));
                }
                tracing::debug!(resource_type = first.0, "waiting for requests before it");
                known.generation
            };
            self.all_have_seen().await;
            // Writes under way were indexed by older parameters; they must be there to be seen.
            self.in_force.drained().await;
            let known = &mut *self.known.lock().await;
            if known.generation == generation && !known.is_stale {
                self.begin_pass(known).await?;
            }
        }
    }

    /// Begins a walk. Its commit comes after all that the writer has accepted before, such as writes
    /// whose clients went away.
    async fn begin_pass(&self, known: &mut Known) -> Result<(), StoreError> {
        let types = known.indexes.unsettled();
        let Some(resource_type) = types.first().copied() else { return Ok(()) };
        let mut left = 0;
        for of in types {
            left += self.count(of).await?;
        }
        let job = known.jobs.active_or_new(KIND);
        job.total = job.done + left;
        job.pass = Some(Pass { resource_type, position: None });
        job.beat();
        self.reload(known).await?;
        known.indexes.begin(resource_type);
        let kept = keep(&*self.store, &self.scope, Some(&known.indexes), &known.jobs).await;
        known.is_stale |= kept.is_err();
        kept
    }

    async fn end_pass(&self, known: &mut Known, of: TypeNumber) -> Result<(), StoreError> {
        self.reload(known).await?;
        if known.indexes.passing() == Some(of) {
            known.indexes.end(of);
        }
        known.jobs.active_or_new(KIND).pass = None;
        let kept = keep(&*self.store, &self.scope, Some(&known.indexes), &known.jobs).await;
        if kept.is_err() {
            known.is_stale = true;
            return kept;
        }
        self.put_in_force(known).await
    }

    async fn end_job(&self, known: &mut Known) -> Result<(), StoreError> {
        let Some(job) = known.jobs.active(KIND) else { return Ok(()) };
        job.error = (job.skipped > 0).then(|| {
            let skipped = job.skipped;
            format!(
                "{skipped} resources can't be read as valid and were left out; see `cresset verify`"
            )
        });
        job.end(JobStatus::Completed);
        tracing::info!(done = job.done, skipped = job.skipped, "indexed by search parameters");
        keep(&*self.store, &self.scope, None, &known.jobs).await
    }

    async fn note_failure(&self, error: &StoreError, is_last: bool) {
        let known = &mut *self.known.lock().await;
        // What failed may have been half done: read what the store has.
        known.is_stale = true;
        let Some(job) = known.jobs.active(KIND) else { return };
        job.error = Some(error.to_string());
        if is_last {
            job.end(JobStatus::Failed);
        } else {
            job.attempts += 1;
        }
        if let Err(error) = keep(&*self.store, &self.scope, None, &known.jobs).await {
            tracing::error!(%error, "the job's failure can't be kept");
        }
    }

    /// How many resources of a type there are; 0 while the index is being built.
    async fn count(&self, of: TypeNumber) -> Result<u64, StoreError> {
        let query = Query {
            types: vec![of],
            filter: Filter::All,
            sort: Vec::new(),
            start: Start::First,
            limit: 0,
            total: true,
        };
        match self.store.search(&self.scope, query).await {
            Ok(found) => Ok(found.total.unwrap_or(0)),
            Err(StoreError::Indexing { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }
}

type Entries = Vec<(cresset_store::Key, cresset_store::Version, cresset_store::IndexKeys)>;

/// Off the threads that answer requests.
async fn extracted(registry: Arc<Registry>, page: Vec<Stored>) -> Result<Entries, StoreError> {
    let work = move || page.iter().filter_map(|stored| extract(&registry, stored)).collect();
    tokio::task::spawn_blocking(work).await.map_err(|source| StoreError::Backend {
        context: "indexing by search parameters",
        source: source.into(),
    })
}
