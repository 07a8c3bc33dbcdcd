//! Versions as they were elsewhere.

use super::Transaction;
use super::commit::NewVersion;
use super::row::kind_number;
use crate::error::{Context, Outcome};
use cresset_store::*;
use rusqlite::OptionalExtension;

impl Transaction<'_> {
    /// Takes versions over; one that is there already is left as it is.
    pub(crate) fn replicate(&mut self, scope: &Scope, batch: &ReplicaBatch) -> Outcome<Committed> {
        for replica in &batch.replicas {
            scope.may_write(replica.key.resource_type)?;
        }
        let number = self.enter_batch(&batch.provenance)?;
        let mut written = Vec::with_capacity(batch.replicas.len());
        for replica in &batch.replicas {
            written.push(self.take_over(replica, number)?);
        }
        self.set_bookmarks(&batch.bookmarks)?;
        Ok(Committed { seq: Seq(self.state.last_seq), written })
    }

    fn take_over(&mut self, replica: &Replica, batch: i64) -> Outcome<Written> {
        let row = self.row(&replica.key)?;
        let current = row.as_ref().and_then(|r| r.current);
        let written =
            |kind| Written { version: Some(replica.version), updated: replica.updated, kind };
        let before = match &row {
            Some(row) if current.is_some() => self.before(row.resource, replica.version)?,
            _ => Before::default(),
        };
        if before.is_there {
            return Ok(written(None));
        }
        let kind = match &replica.state {
            State::Deleted => ChangeKind::Delete,
            State::Live(_) if before.live => ChangeKind::Update,
            State::Live(_) => ChangeKind::Create,
        };
        let new = NewVersion {
            key: &replica.key,
            version: replica.version,
            updated: replica.updated.milliseconds(),
            kind,
            payload: match &replica.state {
                State::Live(payload) => Some(payload),
                State::Deleted => None,
            },
            index: &replica.index,
        };
        match (&row, current) {
            (Some(row), Some(current)) if current.version > replica.version => {
                let seq = self.enter_change(
                    row.resource,
                    replica.key.resource_type,
                    &new,
                    before.version,
                    batch,
                )?;
                self.insert_history(row.resource, seq, &new)?;
            }
            _ => self.enter(row, &new, before.version, batch)?,
        }
        Ok(written(Some(kind)))
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
