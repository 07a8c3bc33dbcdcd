//! A batch of new versions: what can stand against it, and what it writes.

use super::group::{Draft, DraftWritten, Group};
use super::plan::{Moment, NewVersion};
use super::request::Indexing;
use crate::error::{Context, Outcome, corrupt};
use crate::search;
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::*;
use tokio_postgres::types::Type;

impl<'a> Group<'a> {
    /// Plans a batch when nothing stands against it; else it has planned nothing.
    pub(super) async fn commit(
        &mut self,
        scope: &Scope,
        batch: &'a Batch,
        indexing: Indexing,
    ) -> Outcome<Draft> {
        Deadline::kept(batch.deadline)?;
        self.check_guards(scope, &batch.guards).await?;
        self.check_bookmarks(&batch.expected).await?;
        for (write, next) in batch.writes.iter().enumerate() {
            let row = self.prepared.rows.get(&next.key);
            next.precondition
                .check(row.and_then(|row| row.state()))
                .and_then(|()| next.fits(row.map_or(Ok(Version::FIRST), |r| r.next_version()).ok()))
                .map_err(|conflict| StoreError::Conflict { write, conflict })?;
        }
        let first = self.plan.next_ordinal();
        let mut written = Vec::with_capacity(batch.writes.len());
        for write in &batch.writes {
            written.push(self.write(write, &batch.provenance, first, indexing)?);
        }
        for bookmark in &batch.bookmarks {
            self.plan.bookmarks.insert(&bookmark.name, &bookmark.value);
        }
        Ok(Draft::Committed { written, ordinal: self.plan.next_ordinal() - 1 })
    }

    /// Guards see all that was committed and nothing of this plan, which is empty.
    async fn check_guards(&mut self, scope: &Scope, guards: &[Guard]) -> Outcome<()> {
        if guards.is_empty() {
            return Ok(());
        }
        if self.prepared.deferred {
            let total = search::live(self.transaction, self.shared).await?;
            return Err(StoreError::Indexing { done: 0, total });
        }
        self.lock_sequence().await?;
        for (index, guard) in guards.iter().enumerate() {
            let mut found =
                search::keys(self.transaction, self.shared, scope, &guard.query).await?;
            let mut expected = guard.found.clone();
            found.sort_unstable();
            expected.sort_unstable();
            if found != expected {
                return Err(StoreError::Guard(index));
            }
        }
        Ok(())
    }

    /// As guards: nobody else moves them until this commits.
    async fn check_bookmarks(&mut self, expected: &[Expected]) -> Outcome<()> {
        if expected.is_empty() {
            return Ok(());
        }
        self.lock_sequence().await?;
        let doing = "reading a bookmark";
        let sql = self.shared.names.sql("SELECT value FROM @bookmark WHERE name = $1");
        for Expected { name, value } in expected {
            let rows = self.transaction.rows(doing, &sql, &[(name, Type::TEXT)]).await?;
            let found = rows.first().map(|row| row.try_get::<_, Vec<u8>>(0));
            if found.transpose().context(doing)? != *value {
                return Err(StoreError::Moved(name.clone()));
            }
        }
        Ok(())
    }

    fn write(
        &mut self,
        write: &'a Write,
        provenance: &'a Provenance,
        batch: i64,
        indexing: Indexing,
    ) -> Outcome<DraftWritten> {
        let state = self.prepared.rows.get_mut(&write.key);
        let current = state.as_ref().and_then(|row| row.current);
        let live = state.as_ref().and_then(|row| row.live());
        let nothing = DraftWritten {
            version: current.map(|c| c.version),
            moment: current.map_or(Moment::Now(i64::MIN), |c| Moment::Given(c.updated)),
            kind: None,
        };
        let (payload, keys, kind) = match &write.action {
            Action::Put { payload, .. } if indexing == Indexing::Announced => {
                // The row goes on telling what is in the index.
                let keys = state.as_ref().map(|row| row.keys.clone()).unwrap_or_default();
                let kind = if live.is_some() { ChangeKind::Update } else { ChangeKind::Create };
                (Some(payload), keys, kind)
            }
            Action::Put { payload, index } => {
                let keys = physical(index, &self.known)?;
                let keys = keys.ok_or_else(|| corrupt("a number that was just given is gone"))?;
                let kind = if live.is_some() { ChangeKind::Update } else { ChangeKind::Create };
                (Some(payload), keys::encode(&keys), kind)
            }
            Action::Delete if live.is_none() => return Ok(nothing),
            Action::Delete => (None, Vec::new(), ChangeKind::Delete),
        };
        let state = state.ok_or_else(|| corrupt("a row that was just entered is gone"))?;
        let version = state.next_version()?;
        let moment = Moment::Now(current.map_or(i64::MIN, |c| c.updated));
        let ordinal = self.plan.next_ordinal();
        let new =
            NewVersion { r: state.r, key: &write.key, version, moment, kind, payload, ordinal };
        self.plan.change(&new, current.map(|c| c.version), provenance, batch);
        let announced = match &write.action {
            Action::Put { index, .. } => Some(index).filter(|_| indexing == Indexing::Announced),
            Action::Delete => None,
        };
        self.plan.make_current(state, new, keys, announced);
        Ok(DraftWritten { version: Some(version), moment, kind: Some(kind) })
    }
}
