//! A batch of new versions.

use super::row::{Current, Row, kind_number};
use super::{PhysicalKey, Transaction, own_keys};
use crate::error::{Context, Outcome, corrupt};
use crate::physical::id_value;
use crate::vocabulary::reserved;
use cresset_store::physical::keys;
use cresset_store::*;

/// A version about to be written.
pub(super) struct NewVersion<'v> {
    pub(super) key: &'v Key,
    pub(super) version: Version,
    pub(super) updated: i64,
    pub(super) kind: ChangeKind,
    pub(super) payload: Option<&'v Payload>,
    pub(super) index: &'v IndexKeys,
}

impl Transaction<'_> {
    /// Writes a batch, or nothing of it.
    pub(crate) fn commit(&mut self, scope: &Scope, batch: &Batch) -> Outcome<Committed> {
        let rows = self.admit(scope, batch)?;
        let number = if rows.is_empty() { 0 } else { self.enter_batch(&batch.provenance)? };
        let mut written = Vec::with_capacity(batch.writes.len());
        for (write, row) in batch.writes.iter().zip(rows) {
            written.push(self.write(write, row, number)?);
        }
        self.set_bookmarks(&batch.bookmarks)?;
        Ok(Committed { seq: Seq(self.state.last_seq), written })
    }

    fn write(&mut self, write: &Write, row: Option<Row>, batch: i64) -> Outcome<Written> {
        // An earlier write of this batch may have entered a row, by referring to this resource.
        let row = match row {
            Some(row) => Some(row),
            None => self.row(&write.key)?,
        };
        let current = row.as_ref().and_then(|r| r.current);
        let live = row.as_ref().and_then(Row::live);
        let none = IndexKeys::default();
        let (payload, index, kind) = match &write.action {
            Action::Put { payload, index } => {
                let kind = if live.is_some() { ChangeKind::Update } else { ChangeKind::Create };
                (Some(payload), index, kind)
            }
            Action::Delete if live.is_none() => return Ok(self.nothing(current)),
            Action::Delete => (None, &none, ChangeKind::Delete),
        };
        let version = Row::next_version(row.as_ref());
        let version = version.ok_or_else(|| corrupt("versions have run out"))?;
        let updated =
            current.map_or(self.now.milliseconds(), |c| c.updated.max(self.now.milliseconds()));
        let new = NewVersion { key: &write.key, version, updated, kind, payload, index };
        self.enter(row, &new, current.map(|c| c.version), batch)?;
        let updated = Timestamp::from_milliseconds(updated);
        Ok(Written { version: Some(version), updated, kind: Some(kind) })
    }

    fn nothing(&self, current: Option<Current>) -> Written {
        Written {
            version: current.map(|c| c.version),
            updated: current.map_or(self.now, |c| Timestamp::from_milliseconds(c.updated)),
            kind: None,
        }
    }

    /// Makes a version current: moves the old one to history, writes row, index and change.
    pub(super) fn enter(
        &mut self,
        row: Option<Row>,
        new: &NewVersion<'_>,
        previous: Option<Version>,
        batch: i64,
    ) -> Outcome<()> {
        let of = new.key.resource_type;
        let (resource, known) = match &row {
            Some(row) => (row.resource, true),
            None => (self.state.next_resource(new.key), false),
        };
        if row.as_ref().is_some_and(|r| r.current.is_some()) {
            self.retire(resource)?;
        }
        let seq = self.enter_change(resource, of, new, previous, batch)?;
        let physical = self.physical(of, new.index)?;
        let kept = keys::encode(&physical);
        if known {
            self.update_row(resource, new, seq, &kept)?;
        } else {
            self.insert_row(resource, new, seq, &kept)?;
        }
        let old_own = row.as_ref().and_then(Row::live).map(|live| own_keys(of, live.updated));
        let new_own = (new.kind != ChangeKind::Delete).then(|| own_keys(of, new.updated));
        let old_kept = row.as_ref().map_or(&[][..], |r| &r.keys);
        let old_kept = keys::decode(old_kept).ok_or_else(|| corrupt("a row's index keys"))?;
        let old: Vec<_> = borrowed(old_own.iter().flatten()).chain(old_kept).collect();
        let new: Vec<_> =
            borrowed(new_own.iter().flatten()).chain(borrowed(physical.iter())).collect();
        self.difference(resource, &old, &new)
    }

    fn insert_row(
        &mut self,
        resource: u64,
        new: &NewVersion<'_>,
        seq: u64,
        kept: &[u8],
    ) -> Outcome<()> {
        self.connection
            .prepare_cached("INSERT INTO resource VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, NULL)")
            .and_then(|mut s| {
                s.execute((
                    resource as i64,
                    new.key.resource_type.0,
                    id_value(&new.key.id),
                    new.version.number() as i64,
                    seq as i64,
                    new.updated,
                    kind_number(new.kind),
                    (!kept.is_empty()).then_some(kept),
                    new.payload.map(Payload::as_kept),
                ))
            })
            .map(|_| ())
            .context("entering a resource")
    }

    fn update_row(
        &mut self,
        resource: u64,
        new: &NewVersion<'_>,
        seq: u64,
        kept: &[u8],
    ) -> Outcome<()> {
        self.connection
            .prepare_cached(
                "UPDATE resource SET version = ?2, seq = ?3, updated = ?4, kind = ?5, keys = ?6,
                 payload = ?7 WHERE r = ?1",
            )
            .and_then(|mut s| {
                s.execute((
                    resource as i64,
                    new.version.number() as i64,
                    seq as i64,
                    new.updated,
                    kind_number(new.kind),
                    (!kept.is_empty()).then_some(kept),
                    new.payload.map(Payload::as_kept),
                ))
            })
            .map(|_| ())
            .context("writing a resource's row")
    }

    /// Copies the current version to history.
    fn retire(&mut self, resource: u64) -> Outcome<()> {
        self.connection
            .prepare_cached(
                "INSERT INTO history SELECT r, version, seq, updated, kind, payload
                 FROM resource WHERE r = ?1",
            )
            .and_then(|mut s| s.execute([resource as i64]))
            .map(|_| ())
            .context("moving a version to history")
    }

    pub(super) fn enter_change(
        &mut self,
        resource: u64,
        of: TypeNumber,
        new: &NewVersion<'_>,
        previous: Option<Version>,
        batch: i64,
    ) -> Outcome<u64> {
        let seq = self.state.next_seq();
        self.connection
            .prepare_cached("INSERT INTO change VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .and_then(|mut s| {
                s.execute((
                    seq as i64,
                    resource as i64,
                    new.version.number() as i64,
                    previous.map(|v| v.number() as i64),
                    kind_number(new.kind),
                    new.updated,
                    batch,
                ))
            })
            .context("entering a change")?;
        self.delta(reserved::HISTORY, &of.0.to_be_bytes(), seq, true)?;
        Ok(seq)
    }

    pub(super) fn enter_batch(&mut self, provenance: &Provenance) -> Outcome<i64> {
        self.state.last_batch += 1;
        let number = self.state.last_batch;
        self.connection
            .prepare_cached("INSERT INTO batch VALUES(?1, ?2, ?3, ?4)")
            .and_then(|mut s| {
                s.execute((
                    number,
                    provenance.principal.as_deref(),
                    provenance.request.as_deref(),
                    provenance.origin.as_deref(),
                ))
            })
            .context("entering a batch")?;
        Ok(number)
    }

    pub(super) fn set_bookmarks(&mut self, bookmarks: &[Bookmark]) -> Outcome<()> {
        for bookmark in bookmarks {
            self.connection
                .prepare_cached("INSERT OR REPLACE INTO bookmark VALUES(?1, ?2)")
                .and_then(|mut s| s.execute((&bookmark.name, &bookmark.value)))
                .context("setting a bookmark")?;
        }
        Ok(())
    }
}

fn borrowed<'k>(
    keys: impl Iterator<Item = &'k PhysicalKey>,
) -> impl Iterator<Item = (u32, &'k [u8])> {
    keys.map(|(parameter, value)| (*parameter, value.as_slice()))
}
