//! Background jobs, as they are kept in a bookmark of their collection and shown to operators.

use crate::record::{Record, moment, number, optional, text};
use cresset_fhir::json::{Json, Object};
use cresset_store::{Position, Scope, Store, StoreError, Timestamp, TypeNumber};

/// The bookmark that holds a collection's jobs.
pub(crate) const BOOKMARK: &str = "jobs";
/// How many jobs are kept; the oldest that have ended are forgotten.
const MOST: usize = 20;

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// Nobody has begun it.
    Queued,
    /// It is being done, or was when the process that did it ended.
    Running,
    /// It is done.
    Completed,
    /// It was given up; `error` says why.
    Failed,
    /// Somebody has stopped it.
    Cancelled,
}

/// A background job.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its name in `/admin/jobs/{id}`.
    pub id: String,
    /// What it does: `search-parameters`.
    pub kind: String,
    /// How far it is.
    pub status: JobStatus,
    /// Resources that are done.
    pub done: u64,
    /// Resources in all, as far as is known.
    pub total: u64,
    /// Resources that could not be read and were left as they are.
    pub skipped: u64,
    /// How often somebody has begun or gone on with it.
    pub attempts: u64,
    /// The last thing that went wrong.
    pub error: Option<String>,
    /// Who does it: `process 4711`.
    pub owner: Option<String>,
    /// When it was asked for.
    pub queued: Timestamp,
    /// When it was begun.
    pub started: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// When it last got further.
    pub heartbeat: Option<Timestamp>,
    /// Where it is.
    pub(crate) pass: Option<Pass>,
}

/// A walk over all resources of a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pass {
    pub(crate) resource_type: TypeNumber,
    /// The place after which to go on.
    pub(crate) position: Option<Position>,
}

/// The jobs of a collection, the newest first.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn jobs(store: &dyn Store, scope: &Scope) -> Result<Vec<Job>, StoreError> {
    let mut jobs = Jobs::load(store, scope).await?.0;
    jobs.reverse();
    Ok(jobs)
}

/// A collection's jobs, the newest last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jobs(Vec<Job>);

impl Jobs {
    pub(crate) async fn load(store: &dyn Store, scope: &Scope) -> Result<Self, StoreError> {
        match store.bookmark(scope, BOOKMARK).await? {
            None => Ok(Self::default()),
            Some(bytes) => Self::decode(&bytes).ok_or_else(|| crate::record::unreadable(BOOKMARK)),
        }
    }

    /// The job of this kind that hasn't ended.
    pub(crate) fn active(&mut self, kind: &str) -> Option<&mut Job> {
        self.0.iter_mut().rev().find(|job| job.kind == kind && job.is_active())
    }

    /// The job of this kind that hasn't ended, or a new one.
    pub(crate) fn active_or_new(&mut self, kind: &str) -> &mut Job {
        if self.active(kind).is_none() {
            while self.0.len() >= MOST {
                let ended = self.0.iter().position(|job| !job.is_active());
                self.0.remove(ended.unwrap_or(0));
            }
            self.0.push(Job::new(kind));
        }
        let at = self.0.iter().rposition(|job| job.kind == kind && job.is_active());
        &mut self.0[at.unwrap_or(0)]
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let jobs: Vec<Json> = self.0.iter().map(Job::encode).collect();
        Record::encode("jobs", jobs)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        Record::decode(bytes, "jobs")?.iter().map(Job::decode).collect::<Option<_>>().map(Self)
    }
}

impl JobStatus {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    fn named(name: &str) -> Option<Self> {
        let all = [Self::Queued, Self::Running, Self::Completed, Self::Failed, Self::Cancelled];
        all.into_iter().find(|status| status.name() == name)
    }
}

impl Job {
    fn new(kind: &str) -> Self {
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            kind: kind.to_owned(),
            status: JobStatus::Queued,
            done: 0,
            total: 0,
            skipped: 0,
            attempts: 0,
            error: None,
            owner: None,
            queued: Timestamp::now(),
            started: None,
            ended: None,
            heartbeat: None,
            pass: None,
        }
    }

    fn is_active(&self) -> bool {
        matches!(self.status, JobStatus::Queued | JobStatus::Running)
    }

    /// This process takes it on.
    pub(crate) fn begin(&mut self) {
        let now = Timestamp::now();
        self.status = JobStatus::Running;
        self.attempts += 1;
        self.owner = Some(format!("process {}", std::process::id()));
        self.started.get_or_insert(now);
        self.heartbeat = Some(now);
    }

    /// It got further.
    pub(crate) fn beat(&mut self) {
        self.heartbeat = Some(Timestamp::now());
    }

    pub(crate) fn end(&mut self, status: JobStatus) {
        let now = Timestamp::now();
        (self.status, self.pass, self.owner) = (status, None, None);
        (self.ended, self.heartbeat) = (Some(now), Some(now));
        if status == JobStatus::Completed {
            // Resources come and go while a job counts them.
            self.total = self.done;
        }
    }

    fn encode(&self) -> Json {
        let mut object = Object::new()
            .with("id", self.id.as_str())
            .with("kind", self.kind.as_str())
            .with("status", self.status.name())
            .with("done", self.done)
            .with("total", self.total)
            .with("skipped", self.skipped)
            .with("attempts", self.attempts)
            .with("queued", self.queued.to_string());
        let texts = [("error", &self.error), ("owner", &self.owner)];
        for (name, value) in texts {
            if let Some(value) = value {
                object.insert(name, value.as_str());
            }
        }
        let moments =
            [("started", self.started), ("ended", self.ended), ("heartbeat", self.heartbeat)];
        for (name, value) in moments {
            if let Some(value) = value {
                object.insert(name, value.to_string());
            }
        }
        if let Some(pass) = &self.pass {
            object.insert("type", u64::from(pass.resource_type.0));
            if let Some(Position(bytes)) = &pass.position {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                object.insert("position", hex);
            }
        }
        object.into()
    }

    fn decode(json: &Json) -> Option<Self> {
        let owned = |name: &str| text(json, name).map(str::to_owned);
        Some(Self {
            id: owned("id")?,
            kind: owned("kind")?,
            status: JobStatus::named(text(json, "status")?)?,
            done: number(json, "done")?,
            total: number(json, "total")?,
            skipped: number(json, "skipped")?,
            attempts: number(json, "attempts")?,
            error: owned("error"),
            owner: owned("owner"),
            queued: moment(json, "queued")?,
            started: moment(json, "started"),
            ended: moment(json, "ended"),
            heartbeat: moment(json, "heartbeat"),
            pass: optional(json, "type", |_| pass(json))?,
        })
    }
}

fn pass(json: &Json) -> Option<Pass> {
    let resource_type = TypeNumber(u16::try_from(number(json, "type")?).ok()?);
    let position = optional(json, "position", |value| {
        let hex = value.as_str()?;
        let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
        (0..hex.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>().map(Position)
    })?;
    Some(Pass { resource_type, position })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A newer binary must go on with the jobs of an older one.
    #[test]
    fn a_job_is_kept_as_in_the_golden_file() {
        let at = Timestamp::from_milliseconds;
        let job = Job {
            id: "0b0e7a4e-7f0c-4d5e-9a51-3f0f6a1f2b3c".to_owned(),
            kind: "search-parameters".to_owned(),
            status: JobStatus::Running,
            done: 500,
            total: 1200,
            skipped: 1,
            attempts: 2,
            error: Some("the store is busy".to_owned()),
            owner: Some("process 7".to_owned()),
            queued: at(1_700_000_000_000),
            started: Some(at(1_700_000_000_100)),
            ended: None,
            heartbeat: Some(at(1_700_000_000_200)),
            pass: Some(Pass {
                resource_type: TypeNumber(97),
                position: Some(Position(vec![0, 255, 16])),
            }),
        };
        let golden = include_str!("../tests/golden/jobs.json").trim_end();
        let jobs = Jobs(vec![job]);
        assert_eq!(String::from_utf8_lossy(&jobs.encode()), golden);
        assert_eq!(Jobs::decode(golden.as_bytes()).map(|read| read.0), Some(jobs.0));
        assert!(Jobs::decode(golden.replace("Running", "Flying").as_bytes()).is_none());
        assert!(Jobs::decode(golden.replace("\"format\":1", "\"format\":2").as_bytes()).is_none());
    }

    #[test]
    fn old_jobs_are_forgotten() {
        let mut jobs = Jobs::default();
        for _ in 0..100 {
            jobs.active_or_new("a").end(JobStatus::Completed);
        }
        jobs.active_or_new("a");
        assert_eq!(jobs.0.len(), MOST);
        assert!(jobs.active("a").is_some() && jobs.active("b").is_none());
    }
}
