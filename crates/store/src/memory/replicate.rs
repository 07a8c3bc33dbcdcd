use super::collection::Data;
use crate::*;

impl Data {
    pub(super) fn replicate(
        &mut self,
        scope: &Scope,
        batch: ReplicaBatch,
    ) -> Result<Committed, StoreError> {
        Deadline::kept(batch.deadline)?;
        for replica in &batch.replicas {
            scope.may_write(replica.key.resource_type)?;
        }
        if batch.after.is_some_and(|seq| seq != self.seq()) {
            return Err(StoreError::Guard(0));
        }
        let written = batch.replicas.into_iter().map(|replica| self.take_over(replica)).collect();
        self.set_bookmarks(batch.bookmarks);
        Ok(Committed { seq: self.seq(), written })
    }

    fn take_over(&mut self, replica: Replica) -> Written {
        let versions = self.resource(&replica.key).map_or(&[][..], |r| &r.versions);
        let version = Some(replica.version);
        let is_there = versions.iter().any(|v| v.version == replica.version);
        let before = versions.iter().rfind(|v| v.version < replica.version);
        let before = before.map(|v| (v.version, v.state != State::Deleted));
        let Lineage { kind, previous } = replica.lineage(before);
        let Replica { key, version: number, updated, state, index, provenance, .. } = replica;
        let state = match state {
            ReplicaState::Live(_) | ReplicaState::Deleted if is_there => {
                return Written { version, updated, kind: None };
            }
            ReplicaState::Live(payload) => State::Live(payload),
            ReplicaState::Deleted => State::Deleted,
            ReplicaState::Gone | ReplicaState::Purge { .. } => {
                let resource = self.entered(&key);
                resource.purged = resource.purged.max(Some(number));
                if let ReplicaState::Purge { kept } = state {
                    resource.keep(|version| kept.contains(version));
                }
                let seq = Seq(self.changes.len() as u64 + 1);
                let provenance = (*provenance).clone();
                let (time, version) = (updated, number);
                self.changes.push(Change { seq, key, version, previous, kind, time, provenance });
                return Written { version: Some(number), updated, kind: Some(kind) };
            }
        };
        let stored = Stored { key, version: number, updated, state, kind };
        self.enter(stored, index, previous, &provenance);
        Written { version, updated, kind: Some(kind) }
    }
}
