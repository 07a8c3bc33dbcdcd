//! Changes as they were elsewhere.

use super::group::{Draft, DraftWritten, Group};
use super::plan::{Moment, NewVersion};
use super::row_state::RowState;
use crate::error::{Outcome, corrupt};
use crate::write::physical;
use cresset_store::physical::keys;
use cresset_store::*;
use std::collections::HashSet;

/// By whom the last change was, and the number under which that is noted.
type Run<'a> = Option<(&'a Provenance, i64)>;

impl<'a> Group<'a> {
    /// Plans to take changes over; a version that is there already is left as it is. A purge and what
    /// stands before or after it about the same resource are written one after another.
    pub(super) async fn replicate(&mut self, batch: &'a ReplicaBatch) -> Outcome<Draft> {
        let (mut written, mut run) = (Vec::with_capacity(batch.replicas.len()), None);
        let mut purged: HashSet<&Key> = HashSet::new();
        for replica in &batch.replicas {
            let purges = matches!(replica.state, ReplicaState::Purge { .. });
            let waits = match purges {
                true => self.plan.touched.contains(&replica.key),
                false => purged.contains(&replica.key),
            };
            if waits {
                self.flush().await?;
                (run, purged) = (None, HashSet::new());
            }
            if purges {
                purged.insert(&replica.key);
            }
            written.push(self.take_over(replica, &mut run)?);
        }
        for bookmark in &batch.bookmarks {
            self.plan.bookmarks.insert(&bookmark.name, &bookmark.value);
        }
        Ok(Draft::Committed { written, ordinal: self.plan.next_ordinal() - 1 })
    }

    fn take_over(&mut self, replica: &'a Replica, run: &mut Run<'a>) -> Outcome<DraftWritten> {
        let lost = || corrupt("a row that was just entered is gone");
        let state = self.prepared.rows.get(&replica.key).ok_or_else(lost)?;
        let moment = Moment::Given(replica.updated.milliseconds());
        let told = |kind| DraftWritten { version: Some(replica.version), moment, kind };
        let before = Before::of(state, replica.version);
        let payload = match &replica.state {
            ReplicaState::Live(_) | ReplicaState::Deleted if before.is_there => {
                return Ok(told(None));
            }
            ReplicaState::Live(payload) => Some(payload),
            _ => None,
        };
        let ordinal = self.plan.next_ordinal();
        let batch = match run {
            Some((by, number)) if **by == *replica.provenance => *number,
            _ => {
                *run = Some((&replica.provenance, ordinal));
                ordinal
            }
        };
        let Lineage { kind, previous } = replica.lineage(before.version.zip(Some(before.live)));
        let (r, key, version) = (state.r, &replica.key, replica.version);
        let new = NewVersion { r, key, version, moment, kind, payload, ordinal };
        if let ReplicaState::Purge { kept } = &replica.state {
            self.keep(key, |version| kept.contains(version))?;
        }
        self.plan.change(&new, previous, &replica.provenance, batch);
        self.plan.touched.insert(key);
        let state = self.prepared.rows.get_mut(key).ok_or_else(lost)?;
        match &replica.state {
            ReplicaState::Gone | ReplicaState::Purge { .. } => {
                // Nothing of it is kept but the number.
                if state.last_version < version.number() {
                    state.last_version = version.number();
                    self.plan.raised.insert(r, version.number());
                }
            }
            _ if state.current.is_some_and(|current| current.version > version) => {
                if let Some(history) = &mut state.history {
                    history.insert(version, kind != ChangeKind::Delete);
                }
                self.plan.past.push(new);
            }
            _ => {
                let keys = match payload {
                    // What has no contents is found by nothing, whatever came along with it.
                    None => Vec::new(),
                    Some(_) => {
                        let keys = physical(&replica.index, &self.known)?;
                        let gone = || corrupt("a number that was just given is gone");
                        keys::encode(&keys.ok_or_else(gone)?)
                    }
                };
                self.plan.make_current(state, new, keys, None);
            }
        }
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
