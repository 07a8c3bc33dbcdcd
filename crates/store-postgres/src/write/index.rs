//! Index keys that were announced by another process's commit.

use super::group::{Draft, Group};
use crate::error::{Outcome, corrupt};
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::{Announcement, ChangeKind, IndexKeys, Key, Verdict, Version};
use std::cmp::Ordering;

impl<'a> Group<'a> {
    /// Plans to enter the keys of those that are current.
    pub(super) fn index(&mut self, announcements: &'a [Announcement]) -> Outcome<Draft> {
        let verdicts = announcements.iter().map(|announced| {
            let verdict = self.verdict(announced);
            // Struck off, it has these keys or later ones: of another registry, say.
            if verdict == Verdict::Entered && self.waits(&announced.key) {
                self.rekey(&announced.key, &announced.keys)?;
            }
            Ok(verdict)
        });
        Ok(Draft::Verdicts(verdicts.collect::<Outcome<_>>()?))
    }

    fn waits(&self, key: &Key) -> bool {
        let state = self.prepared.rows.get(key);
        state.is_some_and(|state| self.prepared.pending.contains(&state.r))
    }

    fn verdict(&self, announced: &Announcement) -> Verdict {
        let Some(state) = self.prepared.rows.get(&announced.key) else { return Verdict::Early };
        let Some(current) = state.current else {
            let was_there = state.last_version >= announced.version.number();
            return if was_there { Verdict::Overtaken } else { Verdict::Early };
        };
        match current.version.cmp(&announced.version) {
            Ordering::Less => Verdict::Early,
            Ordering::Greater => Verdict::Overtaken,
            Ordering::Equal if current.kind == ChangeKind::Delete => Verdict::Foreign,
            Ordering::Equal if current.updated != announced.updated.milliseconds() => {
                Verdict::Foreign
            }
            Ordering::Equal => Verdict::Entered,
        }
    }

    /// Plans to replace the keys of current versions. What is gone meanwhile needs none.
    pub(super) fn reindex(&mut self, entries: &'a [(Key, Version, IndexKeys)]) -> Outcome<Draft> {
        let mut replaced = 0;
        for (key, version, index) in entries {
            let Some(state) = self.prepared.rows.get(key) else { continue };
            match state.live() {
                None => self.plan.settled.push(state.r),
                Some(live) if live.version != *version => {}
                Some(_) => {
                    replaced += 1;
                    self.rekey(key, index)?;
                }
            }
        }
        Ok(Draft::Count(replaced))
    }

    fn rekey(&mut self, key: &'a Key, index: &IndexKeys) -> Outcome<()> {
        let Some(state) = self.prepared.rows.get_mut(key) else { return Ok(()) };
        self.plan.settled.push(state.r);
        let new = physical(index, &self.known)?;
        let new = new.ok_or_else(|| corrupt("a number that was just given is gone"))?;
        let new = keys::encode(&new);
        if new == state.keys {
            return Ok(());
        }
        let before = std::mem::replace(&mut state.keys, new.clone());
        // Named twice, the last one counts.
        self.plan.rekeyed.entry(state.r).or_insert((before, Vec::new())).1 = new;
        self.plan.touched.insert(key);
        Ok(())
    }
}
