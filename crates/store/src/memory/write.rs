use super::collection::Data;
use crate::*;

impl Data {
    pub(super) fn commit(&mut self, scope: &Scope, batch: Batch) -> Result<Committed, StoreError> {
        Deadline::kept(batch.deadline)?;
        self.admit(scope, &batch)?;
        let now = self.tick();
        let mut written = Vec::with_capacity(batch.writes.len());
        for write in batch.writes {
            written.push(self.write(write, now, &batch.provenance));
        }
        self.set_bookmarks(batch.bookmarks);
        Ok(Committed { seq: self.seq(), written })
    }

    /// Checks everything that can stand against a batch before anything of it is written.
    fn admit(&self, scope: &Scope, batch: &Batch) -> Result<(), StoreError> {
        if let Some(write) = batch.twice() {
            return Err(StoreError::Conflict { write, conflict: Conflict::Twice });
        }
        for (index, guard) in batch.guards.iter().enumerate() {
            let matches = self.search(scope, &guard.query)?;
            let mut found: Vec<_> = matches.resources.into_iter().map(|r| r.key).collect();
            let mut expected = guard.found.clone();
            found.sort();
            expected.sort();
            if found != expected {
                return Err(StoreError::Guard(index));
            }
        }
        for (index, write) in batch.writes.iter().enumerate() {
            scope.may_write(write.key.resource_type)?;
            let current = self.resource(&write.key).and_then(|r| r.current());
            let current = current.map(|v| (v.version, v.state == State::Deleted));
            write
                .precondition
                .check(current)
                .and_then(|()| write.fits(Some(self.next_version(&write.key))))
                .map_err(|conflict| StoreError::Conflict { write: index, conflict })?;
        }
        let moved = batch.expected.iter().find(|e| self.bookmarks.get(&e.name) != e.value.as_ref());
        moved.map_or(Ok(()), |expected| Err(StoreError::Moved(expected.name.clone())))
    }

    pub(super) fn next_version(&self, key: &Key) -> Version {
        let resource = self.resource(key);
        let current = resource.and_then(|r| r.current()).map(|v| v.version);
        let purged = resource.and_then(|r| r.purged);
        current.max(purged).map_or(Version::FIRST, Version::next)
    }

    fn write(&mut self, write: Write, now: Timestamp, provenance: &Provenance) -> Written {
        let current = self.resource(&write.key).and_then(|r| r.current());
        let previous = current.map(|v| v.version);
        let live = current.is_some_and(|v| v.state != State::Deleted);
        let (state, index, kind) = match write.action {
            Action::Put { payload, index } => {
                let kind = if live { ChangeKind::Update } else { ChangeKind::Create };
                (State::Live(payload), index, kind)
            }
            Action::Delete if !live => {
                let updated = current.map_or(now, |v| v.updated);
                return Written { version: previous, updated, kind: None };
            }
            Action::Delete => (State::Deleted, IndexKeys::default(), ChangeKind::Delete),
        };
        let version = self.next_version(&write.key);
        let updated = current.map_or(now, |v| v.updated.max(now));
        let stored = Stored { key: write.key, version, updated, state, kind };
        self.enter(stored, index, previous, provenance);
        Written { version: Some(version), updated, kind: Some(kind) }
    }

    pub(super) fn enter(
        &mut self,
        stored: Stored,
        index: IndexKeys,
        previous: Option<Version>,
        provenance: &Provenance,
    ) {
        self.changes.push(Change {
            seq: Seq(self.changes.len() as u64 + 1),
            key: stored.key.clone(),
            version: stored.version,
            previous,
            kind: stored.kind,
            time: stored.updated,
            provenance: provenance.clone(),
        });
        let resource = self.entered(&stored.key);
        let at = resource.versions.partition_point(|v| v.version < stored.version);
        if at == resource.versions.len() {
            resource.index = index.iter().collect();
        }
        resource.versions.insert(at, stored);
    }

    pub(super) fn purge(
        &mut self,
        scope: &Scope,
        key: &Key,
        versions: Option<&[Version]>,
        provenance: Provenance,
    ) -> Result<u64, StoreError> {
        scope.may_write(key.resource_type)?;
        let now = self.tick();
        let Some(at) = self.places.get(key).copied() else {
            return Ok(0);
        };
        let resource = &mut self.resources[at];
        let Some(newest) = resource.current().map(|v| v.version) else {
            return Ok(0);
        };
        let stays = |v: &Version| versions.is_some_and(|list| !list.contains(v));
        let removed = resource.keep(stays);
        if removed > 0 {
            let seq = Seq(self.changes.len() as u64 + 1);
            let (key, kind) = (key.clone(), ChangeKind::Purge);
            let previous = None;
            self.changes.push(Change {
                seq,
                key,
                version: newest,
                previous,
                kind,
                time: now,
                provenance,
            });
        }
        Ok(removed)
    }

    pub(super) fn reindex(&mut self, entries: Vec<(Key, Version, IndexKeys)>) -> u64 {
        let mut replaced = 0;
        for (key, version, index) in entries {
            let Some(at) = self.places.get(&key) else {
                continue;
            };
            let resource = &mut self.resources[*at];
            if resource.live().is_some_and(|v| v.version == version) {
                resource.index = index.iter().collect();
                replaced += 1;
            }
        }
        replaced
    }

    pub(super) fn set_bookmarks(&mut self, bookmarks: Vec<Bookmark>) {
        self.bookmarks.extend(bookmarks.into_iter().map(|b| (b.name, b.value)));
    }

    pub(super) fn seq(&self) -> Seq {
        Seq(self.changes.len() as u64)
    }
}
