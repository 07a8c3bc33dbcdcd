//! Many requests in one transaction.

use super::clock::Clock;
use super::doubt::{self, Fate, Identity, Mark};
use super::plan::{Moment, NewVersion, Plan};
use super::prepare::{Prepared, prepare};
use super::request::{Answer, Request};
use crate::collection::Shared;
use crate::error::{Context, Kind, Outcome, kind, unanswered};
use crate::transaction::Transaction;
use crate::vocabulary::{Known, Needed};
use cresset_store::{
    Announcement, ChangeKind, Committed, Deadline, Seq, StoreError, Timestamp, Verdict, Version,
    Written, fail_point,
};
use std::collections::HashSet;

/// Requests on their way, and what is known about their resources.
pub(super) struct Group<'a> {
    pub(super) transaction: &'a Transaction,
    pub(super) shared: &'a Shared,
    pub(super) prepared: Prepared,
    pub(super) known: Known,
    pub(super) plan: Plan<'a>,
    /// Whether nobody else can commit until this does.
    pub(super) sequence_locked: bool,
    last_change: Option<Mark>,
    /// The time at which this writes, unless somebody else commits a later one before it does.
    now: i64,
    drafts: Vec<(usize, Draft)>,
    answers: Vec<Option<Outcome<Answer>>>,
}

/// What a request is told once the time and the place in the sequence are known.
#[derive(Debug)]
pub(super) enum Draft {
    /// The ordinal is that of its last change, or of the last one before it.
    Committed {
        written: Vec<DraftWritten>,
        ordinal: i64,
    },
    Count(u64),
    Verdicts(Vec<Verdict>),
}

/// What a write did.
#[derive(Debug)]
pub(super) struct DraftWritten {
    pub(super) version: Option<Version>,
    pub(super) moment: Moment,
    pub(super) kind: Option<ChangeKind>,
}

/// Commits requests together. Each has its own outcome: one that is refused leaves the others alone.
/// When this fails, nothing of them was written.
pub(crate) async fn commit(
    shared: &Shared,
    requests: &[&Request],
) -> Outcome<Vec<Outcome<Answer>>> {
    let mut clock = Clock::start();
    let client = shared.connections.writer().await?;
    let mut needed = Needed::default();
    let mut referred = HashSet::new();
    for index in requests.iter().flat_map(|request| request.indexes()) {
        needed.add_keys(index, |key| {
            referred.insert(key);
        });
    }
    let mut known = shared.vocabulary.enter(&client, &shared.names, &needed).await?;
    let transaction = Transaction::unbegun(client);
    let prepared = prepare(&transaction, shared, requests, &referred, &mut known).await?;
    shared.note_remote(prepared.remote);
    clock.step("prepare");
    let number = prepared.transaction.clone();
    let mut group = Group {
        now: prepared.now,
        transaction: &transaction,
        shared,
        prepared,
        known,
        plan: Plan::default(),
        sequence_locked: false,
        last_change: None,
        drafts: Vec::new(),
        answers: requests.iter().map(|_| None).collect(),
    };
    for (place, request) in requests.iter().enumerate() {
        group.take(place, request).await?;
    }
    group.flush().await?;
    clock.step("write");
    let (answers, change) = (group.answers, group.last_change);
    finish(shared, transaction, number, change).await?;
    clock.end(requests.len());
    let lost = || Err(crate::error::corrupt("a request without an answer"));
    Ok(answers.into_iter().map(|answer| answer.unwrap_or_else(lost)).collect())
}

impl<'a> Group<'a> {
    async fn take(&mut self, place: usize, request: &'a Request) -> Outcome<()> {
        let again = request.keys().any(|key| self.plan.touched.contains(key));
        if again || (request.looks_back() && !self.plan.is_empty()) {
            self.flush().await?;
        }
        let draft = match request {
            Request::Commit(scope, batch, indexing) => self.commit(scope, batch, *indexing).await,
            Request::Replicate(batch) if !self.stands_at(batch.after).await? => {
                Err(StoreError::Guard(0))
            }
            Request::Replicate(batch) => match Deadline::kept(batch.deadline) {
                // Parts of it may be written when it fails: an error is everybody's.
                Ok(()) => Ok(self.replicate(batch).await?),
                Err(late) => Err(late),
            },
            Request::Purge(key, versions, provenance) => {
                self.purge(key, versions.as_deref(), provenance)
            }
            Request::Reindex(entries) => self.reindex(entries),
            Request::Index(announcements) => self.index(announcements),
        };
        match draft {
            Ok(draft) => self.drafts.push((place, draft)),
            // Here the engine or the data failed, and nobody's writes can be trusted.
            Err(error @ (StoreError::Backend { .. } | StoreError::Corrupt(_))) => {
                return Err(error);
            }
            Err(error) => self.answers[place] = Some(Err(error)),
        }
        Ok(())
    }

    /// Writes the plan, and answers those who are in it.
    pub(super) async fn flush(&mut self) -> Outcome<()> {
        if self.drafts.is_empty() && self.plan.is_empty() {
            return Ok(());
        }
        let mut plan = std::mem::take(&mut self.plan);
        let count = plan.changes.len() as i64;
        let announced = self.announce(&plan).await?;
        let (seq, now) = self.write_plan(&mut plan, announced).await?;
        self.now = now;
        if announced.is_some_and(|announced| announced != now) {
            // Somebody committed a later time meanwhile: nobody will find the versions that were
            // announced.
            self.announce(&plan).await?;
        }
        self.last_change = Mark::of(&plan, seq, now).or(self.last_change);
        for row in &plan.rows {
            let state = self.prepared.rows.get_mut(row.version.key);
            if let Some(current) = state.and_then(|state| state.current.as_mut()) {
                current.updated = row.version.moment.at(now);
            }
        }
        for (place, draft) in std::mem::take(&mut self.drafts) {
            self.answers[place] = Some(Ok(draft.answer(seq - count, now)));
        }
        Ok(())
    }

    /// Tells another process what to index of a plan, with the time that its versions get: which time.
    /// Nobody else is kept waiting for it, unless this has written before.
    async fn announce(&mut self, plan: &Plan<'_>) -> Outcome<Option<i64>> {
        let (transaction, now) = (self.prepared.transaction.parse().ok(), self.now);
        let announced = plan.rows.iter().filter_map(|row| {
            let NewVersion { r, key, version, moment, .. } = row.version;
            let updated = Timestamp::from_milliseconds(moment.at(now));
            let (key, keys) = (key.clone(), row.announced?.clone());
            Some(Announcement { key, number: r, version, updated, transaction, keys })
        });
        let announced: Vec<Announcement> = announced.collect();
        let (Some(announcer), false) = (&self.shared.announcer, announced.is_empty()) else {
            return Ok(None);
        };
        announcer.announce(&self.shared.collection, &announced).await?;
        fail_point("index-announced");
        Ok(Some(now))
    }

    /// Whether the sequence ends at this place, and does so until this commits.
    async fn stands_at(&mut self, place: Option<Seq>) -> Outcome<bool> {
        let Some(place) = place else { return Ok(true) };
        self.flush().await?;
        self.lock_sequence().await?;
        let doing = "reading the change sequence";
        let sql = self.shared.names.sql("SELECT seq FROM @setting");
        let rows = self.transaction.rows(doing, &sql, &[]).await?;
        let seq = rows.first().map(|row| row.try_get::<_, i64>(0)).transpose().context(doing)?;
        Ok(seq.is_some_and(|seq| seq.unsigned_abs() == place.0))
    }

    /// Keeps everybody else from committing until this does.
    pub(super) async fn lock_sequence(&mut self) -> Outcome<()> {
        if self.sequence_locked {
            return Ok(());
        }
        let sql = self.shared.names.sql("SELECT build FROM @setting FOR NO KEY UPDATE");
        let rows = self.transaction.rows("locking the change sequence", &sql, &[]).await?;
        let build = rows.first().map(|row| row.try_get::<_, i64>(0));
        let build = build.transpose().context("locking the change sequence")?;
        if build != Some(self.prepared.build) {
            return Err(crate::error::overtaken());
        }
        self.sequence_locked = true;
        Ok(())
    }
}

impl Draft {
    fn answer(self, before: i64, now: i64) -> Answer {
        let (written, ordinal) = match self {
            Self::Count(count) => return Answer::Count(count),
            Self::Verdicts(verdicts) => return Answer::Verdicts(verdicts),
            Self::Committed { written, ordinal } => (written, ordinal),
        };
        let told = |draft: DraftWritten| Written {
            version: draft.version,
            updated: Timestamp::from_milliseconds(draft.moment.at(now)),
            kind: draft.kind,
        };
        let seq = Seq((before + ordinal).unsigned_abs());
        Answer::Committed(Committed { seq, written: written.into_iter().map(told).collect() })
    }
}

/// Commits. A connection that dies meanwhile leaves it open whether that happened: then the database
/// is asked.
async fn finish(
    shared: &Shared,
    transaction: Transaction,
    number: String,
    change: Option<Mark>,
) -> Outcome<()> {
    let identity = Identity { number, change };
    let limit = shared.connections.settings.write_timeout;
    let error = match tokio::time::timeout(limit, transaction.commit()).await {
        Ok(Err(error)) if kind(&error) == Kind::Lost => error,
        Ok(outcome) => return outcome,
        // A standby that has to have it is away, say.
        Err(_) => unanswered(),
    };
    tracing::warn!(%error, "a commit is in doubt");
    match doubt::fate(shared, &identity).await {
        Fate::Committed => Ok(()),
        // Tried again as after any lost connection.
        Fate::Aborted => Err(error),
        Fate::Unknown => Err(StoreError::InDoubt),
    }
}
