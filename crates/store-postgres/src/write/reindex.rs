//! Other index keys for versions that stay as they are.

use super::group::{Draft, Group};
use crate::error::{Outcome, corrupt};
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::{IndexKeys, Key, Version};

impl<'a> Group<'a> {
    /// Plans to replace the keys of current versions.
    pub(super) fn reindex(&mut self, entries: &'a [(Key, Version, IndexKeys)]) -> Outcome<Draft> {
        let mut replaced = 0;
        for (key, version, index) in entries {
            let Some(state) = self.prepared.rows.get_mut(key) else { continue };
            if state.live().is_none_or(|live| live.version != *version) {
                continue;
            }
            replaced += 1;
            let new = physical(index, &self.known)?;
            let new = new.ok_or_else(|| corrupt("a number that was just given is gone"))?;
            let new = keys::encode(&new);
            if new == state.keys {
                continue;
            }
            let before = std::mem::replace(&mut state.keys, new.clone());
            // Named twice, the last one counts.
            self.plan.rekeyed.entry(state.r).or_insert((before, Vec::new())).1 = new;
            self.plan.touched.insert(key);
        }
        Ok(Draft::Count(replaced))
    }
}
