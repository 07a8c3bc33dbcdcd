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
        let Some(current) = state.current else { return Ok(Draft::Count(0)) };
        let whole = versions.is_none_or(|list| list.contains(&current.version));
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
            for version in versions.unwrap_or_default() {
                if history.remove(version).is_some() {
                    self.plan.purged_versions.push((state.r, *version));
                }
            }
            before - history.len()
        };
        state.history = Some(history);
        if removed > 0 {
            let (r, version, kind) = (state.r, current.version, ChangeKind::Purge);
            let (moment, ordinal) = (Moment::Now(i64::MIN), self.plan.next_ordinal());
            let new = NewVersion { r, key, version, moment, kind, payload: None, ordinal };
            self.plan.change(&new, None, provenance, ordinal);
            self.plan.touched.insert(key);
        }
        Ok(Draft::Count(removed as u64))
    }
}
