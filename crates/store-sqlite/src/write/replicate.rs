//! Changes as they were elsewhere.

use super::Transaction;
use super::commit::NewVersion;
use super::row::{Row, kind_number};
use crate::error::{Context, Outcome};
use cresset_store::*;
use rusqlite::OptionalExtension;

/// By whom the last change was, and the number under which that is noted.
type Run<'r> = Option<(&'r Provenance, i64)>;

impl Transaction<'_> {
    /// Takes changes over; a version that is there already is left as it is.
    pub(crate) fn replicate(&mut self, scope: &Scope, batch: &ReplicaBatch) -> Outcome<Committed> {
        Deadline::kept(batch.deadline)?;
        for replica in &batch.replicas {
            scope.may_write(replica.key.resource_type)?;
        }
        if batch.after.is_some_and(|seq| seq.0 != self.state.last_seq) {
            return Err(StoreError::Guard(0));
        }
        let mut written = Vec::with_capacity(batch.replicas.len());
        let mut run = None;
        for replica in &batch.replicas {
            written.push(self.take_over(replica, &mut run)?);
        }
        self.set_bookmarks(&batch.bookmarks)?;
        Ok(Committed { seq: Seq(self.state.last_seq), written })
    }

    fn take_over<'r>(&mut self, replica: &'r Replica, run: &mut Run<'r>) -> Outcome<Written> {
        let row = self.row(&replica.key)?;
        let written =
            |kind| Written { version: Some(replica.version), updated: replica.updated, kind };
        let before = match &row {
            Some(row) if row.current.is_some() => self.before(row.resource, replica.version)?,
            _ => Before::default(),
        };
        let payload = match &replica.state {
            ReplicaState::Live(_) | ReplicaState::Deleted if before.is_there => {
                return Ok(written(None));
            }
            ReplicaState::Live(payload) => Some(payload),
            _ => None,
        };
        let batch = match run {
            Some((by, number)) if **by == *replica.provenance => *number,
            _ => {
                let number = self.enter_batch(&replica.provenance)?;
                *run = Some((&replica.provenance, number));
                number
            }
        };
        let Lineage { kind, previous } = replica.lineage(before.version.zip(Some(before.live)));
        let none = IndexKeys::default();
        let new = NewVersion {
            key: &replica.key,
            version: replica.version,
            updated: replica.updated.milliseconds(),
            kind,
            payload,
            // What has no contents is found by nothing, whatever came along with it.
            index: if payload.is_some() { &replica.index } else { &none },
        };
        match &replica.state {
            ReplicaState::Live(_) | ReplicaState::Deleted => {
                self.take_version(row, &new, previous, batch)?;
            }
            ReplicaState::Gone => self.note(row, &new, previous, batch)?,
            ReplicaState::Purge { kept } => {
                if let Some(row) = &row {
                    let of = replica.key.resource_type;
                    self.keep(row, of, |version| kept.contains(version))?;
                }
                self.note(row, &new, previous, batch)?;
            }
        }
        Ok(written(Some(kind)))
    }

    /// Enters a version, as the current one or a past one.
    fn take_version(
        &mut self,
        row: Option<Row>,
        new: &NewVersion<'_>,
        previous: Option<Version>,
        batch: i64,
    ) -> Outcome<()> {
        let current = row.as_ref().and_then(|row| row.current);
        let Some(Row { resource, last_version, .. }) = row else {
            return self.enter(None, new, previous, batch);
        };
        if current.is_some_and(|current| current.version > new.version) {
            let of = new.key.resource_type;
            let seq = self.enter_change(resource, of, new, previous, batch)?;
            return self.insert_history(resource, seq, new);
        }
        // The row of what was purged holds its last number where this one's goes.
        if last_version > new.version.number() {
            self.raise_highest(resource, last_version)?;
        }
        self.enter(row, new, previous, batch)
    }

    /// Enters a change of which nothing is kept but its version's number.
    fn note(
        &mut self,
        row: Option<Row>,
        new: &NewVersion<'_>,
        previous: Option<Version>,
        batch: i64,
    ) -> Outcome<()> {
        let resource = match &row {
            Some(row) => row.resource,
            None => self.state.enter_resource(self.connection, new.key)?,
        };
        if row.is_none_or(|row| row.last_version < new.version.number()) {
            self.raise_highest(resource, new.version.number())?;
        }
        self.enter_change(resource, new.key.resource_type, new, previous, batch).map(|_| ())
    }

    /// Keeps the number of a version that no row has.
    fn raise_highest(&self, resource: u64, highest: u64) -> Outcome<()> {
        self.connection
            .prepare_cached("UPDATE resource SET highest = ?2 WHERE r = ?1")
            .and_then(|mut s| s.execute((resource as i64, highest as i64)))
            .map(|_| ())
            .context("keeping the number of a purged version")
    }

    /// What came before a version, and whether it is there itself.
    fn before(&self, resource: u64, version: Version) -> Outcome<Before> {
        let newest = self
            .connection
            .prepare_cached(
                "SELECT version, kind FROM (
                   SELECT version, kind FROM history WHERE r = ?1 AND version <= ?2
                   UNION ALL SELECT version, kind FROM resource WHERE r = ?1 AND version <= ?2)
                 ORDER BY version DESC LIMIT 1",
            )
            .and_then(|mut s| {
                s.query_row((resource as i64, version.number() as i64), |row| {
                    Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
                })
                .optional()
            })
            .context("reading a resource's versions")?;
        Ok(newest.map_or_else(Before::default, |(number, kind)| Before {
            version: Version::new(number as u64),
            is_there: number as u64 == version.number(),
            live: kind != kind_number(ChangeKind::Delete),
        }))
    }

    fn insert_history(&mut self, resource: u64, seq: u64, new: &NewVersion<'_>) -> Outcome<()> {
        self.connection
            .prepare_cached("INSERT INTO history VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
            .and_then(|mut s| {
                s.execute((
                    resource as i64,
                    new.version.number() as i64,
                    seq as i64,
                    new.updated,
                    kind_number(new.kind),
                    new.payload.map(Payload::as_kept),
                ))
            })
            .map(|_| ())
            .context("writing a version to history")
    }
}

#[derive(Default)]
struct Before {
    version: Option<Version>,
    is_there: bool,
    live: bool,
}
