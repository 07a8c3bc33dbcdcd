//! Versions as they were elsewhere.

use super::group::{Draft, DraftWritten, Group};
use super::plan::{Moment, NewVersion};
use super::row_state::RowState;
use crate::error::{Outcome, corrupt};
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::*;

impl<'a> Group<'a> {
    /// Plans to take versions over; one that is there already is left as it is.
    pub(super) fn replicate(&mut self, batch: &'a ReplicaBatch) -> Outcome<Draft> {
        let first = self.plan.next_ordinal();
        let mut written = Vec::with_capacity(batch.replicas.len());
        for replica in &batch.replicas {
            written.push(self.take_over(replica, &batch.provenance, first)?);
        }
        for bookmark in &batch.bookmarks {
            self.plan.bookmarks.insert(&bookmark.name, &bookmark.value);
        }
        Ok(Draft::Committed { written, ordinal: self.plan.next_ordinal() - 1 })
    }

    fn take_over(
        &mut self,
        replica: &'a Replica,
        provenance: &'a Provenance,
        batch: i64,
    ) -> Outcome<DraftWritten> {
        let state = self.prepared.rows.get_mut(&replica.key);
        let state = state.ok_or_else(|| corrupt("a row that was just entered is gone"))?;
        let moment = Moment::Given(replica.updated.milliseconds());
        let told = |kind| DraftWritten { version: Some(replica.version), moment, kind };
        let before = Before::of(state, replica.version);
        if before.is_there {
            return Ok(told(None));
        }
        let (payload, kind) = match &replica.state {
            State::Deleted => (None, ChangeKind::Delete),
            State::Live(payload) if before.live => (Some(payload), ChangeKind::Update),
            State::Live(payload) => (Some(payload), ChangeKind::Create),
        };
        let ordinal = self.plan.next_ordinal();
        let (r, key, version) = (state.r, &replica.key, replica.version);
        let new = NewVersion { r, key, version, moment, kind, payload, ordinal };
        self.plan.change(&new, before.version, provenance, batch);
        if state.current.is_some_and(|current| current.version > version) {
            if let Some(history) = &mut state.history {
                history.insert(version, kind != ChangeKind::Delete);
            }
            self.plan.touched.insert(key);
            self.plan.past.push(new);
            return Ok(told(Some(kind)));
        }
        let keys = match kind {
            // A deletion is found by nothing, whatever came along with it.
            ChangeKind::Delete => Vec::new(),
            _ => {
                let keys = physical(&replica.index, &self.known)?;
                let keys = keys.ok_or_else(|| corrupt("a number that was just given is gone"))?;
                keys::encode(&keys)
            }
        };
        self.plan.make_current(state, new, keys);
        Ok(told(Some(kind)))
    }
}

/// What came before a version, and whether it is there itself.
#[derive(Debug, Default)]
struct Before {
    version: Option<Version>,
    is_there: bool,
    live: bool,
}

impl Before {
    fn of(state: &RowState, version: Version) -> Self {
        let past = state.history.iter().flatten().map(|(version, live)| (*version, *live));
        let current = state.current.map(|c| (c.version, c.kind != ChangeKind::Delete));
        let newest = past.chain(current).filter(|(number, _)| *number <= version).max();
        newest.map_or_else(Self::default, |(number, live)| Self {
            version: Some(number),
            is_there: number == version,
            live,
        })
    }
}
