//! Removing versions for good.

use super::group::{Draft, Group};
use super::plan::{Moment, NewVersion};
use crate::error::Outcome;
use cresset_store::*;

impl<'a> Group<'a> {
    /// Plans to remove versions, all of them when the current one is among them: what an older
    /// version was found by isn't kept. The row stays, with the number of the last version, so that
    /// versions never go back.
    pub(super) fn purge(
        &mut self,
        key: &'a Key,
        versions: Option<&[Version]>,
        provenance: &'a Provenance,
    ) -> Outcome<Draft> {
        let Some(state) = self.prepared.rows.get_mut(key) else { return Ok(Draft::Count(0)) };
        let (r, Some(current)) = (state.r, state.current) else { return Ok(Draft::Count(0)) };
        let stays = |v: &Version| versions.is_some_and(|list| !list.contains(v));
        let removed = self.keep(key, stays)?;
        if removed > 0 {
            let (version, kind) = (current.version, ChangeKind::Purge);
            let (moment, ordinal) = (Moment::Now(i64::MIN), self.plan.next_ordinal());
            let new = NewVersion { r, key, version, moment, kind, payload: None, ordinal };
            self.plan.change(&new, None, provenance, ordinal);
        }
        Ok(Draft::Count(removed))
    }

    /// Plans to remove all versions but those that stay; all, when the current one doesn't. Nothing
    /// else about the resource may be in the plan.
    pub(super) fn keep(&mut self, key: &'a Key, stays: impl Fn(&Version) -> bool) -> Outcome<u64> {
        let Some(state) = self.prepared.rows.get_mut(key) else { return Ok(0) };
        let Some(current) = state.current else { return Ok(0) };
        let whole = !stays(&current.version);
        let mut history = state.history.take().unwrap_or_default();
        let before = history.len();
        let removed = if whole {
            self.plan.difference.push(state.r, &state.keys, &[])?;
            self.plan.purged.push(state.r);
            state.current = None;
            state.keys = Vec::new();
            history.clear();
            before + 1
        } else {
            let goes = history.keys().filter(|version| !stays(version));
            self.plan.purged_versions.extend(goes.map(|version| (state.r, *version)));
            history.retain(|version, _| stays(version));
            before - history.len()
        };
        state.history = Some(history);
        self.plan.touched.insert(key);
        Ok(removed as u64)
    }
}
