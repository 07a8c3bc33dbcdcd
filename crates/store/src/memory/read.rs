use super::collection::{Data, Resource};
use crate::position::Place;
use crate::*;

impl Data {
    pub(super) fn current(&self, scope: &Scope, key: &Key) -> Result<Option<Stored>, StoreError> {
        scope.may_read(key.resource_type)?;
        Ok(self.resource(key).and_then(Resource::current).cloned())
    }

    pub(super) fn version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> Result<Option<Stored>, StoreError> {
        scope.may_read(key.resource_type)?;
        let mut versions = self.resource(key).into_iter().flat_map(|r| &r.versions);
        Ok(versions.find(|v| v.version == version).cloned())
    }

    pub(super) fn history(
        &self,
        scope: &Scope,
        query: &HistoryQuery,
    ) -> Result<HistoryPage, StoreError> {
        let after = query.after.as_ref().map(|p| Place::decode(p, 0)).transpose()?;
        let mut versions = Vec::new();
        for change in self.changes.iter().rev() {
            let of = &change.key;
            let wanted = match &query.range {
                HistoryRange::Instance(key) => of == key,
                HistoryRange::Type(resource_type) => of.resource_type == *resource_type,
                HistoryRange::System => scope.may_read(of.resource_type).is_ok(),
            };
            let beyond = after.as_ref().is_none_or(|place| change.seq.0 < place.arrival);
            if wanted && change.kind != ChangeKind::Purge && beyond {
                scope.may_read(of.resource_type)?;
                versions.extend(self.in_span(change, query).map(|stored| (change.seq, stored)));
            }
        }
        let more = versions.len() > query.limit;
        versions.truncate(query.limit);
        let last = versions.last().filter(|_| more);
        let next = last.map(|(seq, _)| Place { values: Vec::new(), arrival: seq.0 }.encode());
        let total = match &query.range {
            HistoryRange::Instance(key) => self.resource(key).map(|r| r.versions.len() as u64),
            HistoryRange::Type(_) | HistoryRange::System => None,
        };
        Ok(HistoryPage { versions: versions.into_iter().map(|(_, v)| v).collect(), next, total })
    }

    /// The change's version, if it isn't purged and lies in the query's spans.
    fn in_span(&self, change: &Change, query: &HistoryQuery) -> Option<Stored> {
        let versions = &self.resource(&change.key)?.versions;
        let at = versions.iter().position(|v| v.version == change.version)?;
        let stored = &versions[at];
        let until = versions.get(at + 1).map(|next| next.updated);
        let current = query.at.is_none_or(|(from, to)| {
            stored.updated < to && until.is_none_or(|until| until > from)
        });
        let since = query.since.is_none_or(|since| stored.updated >= since);
        (current && since).then(|| stored.clone())
    }

    pub(super) fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> Result<Listing, StoreError> {
        scope.may_read(resource_type)?;
        let after = after.map(|p| Place::decode(&p, 0)).transpose()?.map_or(0, |p| p.arrival);
        let all = self.resources.iter().enumerate().map(|(at, r)| (at as u64 + 1, r));
        let mut found = all.filter(|(arrival, resource)| {
            *arrival > after && resource.key.resource_type == resource_type && resource.live().is_some()
        });
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let last = page.last().filter(|_| found.next().is_some());
        let next = last.map(|(arrival, _)| Place { values: Vec::new(), arrival: *arrival }.encode());
        let resources = page.iter().filter_map(|(_, r)| r.live().cloned()).collect();
        Ok(Listing { resources, next })
    }

    pub(super) fn changes(&self, cursor: Cursor, limit: usize) -> Result<Changes, StoreError> {
        if cursor.incarnation != self.incarnation {
            return Err(StoreError::Incarnation);
        }
        let rest = self.changes.iter().skip_while(|c| c.seq <= cursor.seq);
        let mut changes: Vec<Change> = rest.take(limit.saturating_add(1)).cloned().collect();
        let more = changes.len() > limit;
        changes.truncate(limit);
        let seq = changes.last().map_or(cursor.seq, |c| c.seq);
        Ok(Changes { changes, cursor: Cursor { seq, ..cursor }, more })
    }

    pub(super) fn compare_index(&self, entries: Vec<(Key, Version, IndexKeys)>) -> Vec<Key> {
        let differs = |(key, version, index): &(Key, Version, IndexKeys)| {
            let resource = self.resource(key);
            let resource = resource.filter(|r| r.live().is_some_and(|v| v.version == *version));
            resource.is_some_and(|r| r.index != *index)
        };
        entries.into_iter().filter(differs).map(|(key, ..)| key).collect()
    }

    pub(super) fn check(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for resource in &self.resources {
            for stored in &resource.versions {
                if stored.body().is_err() {
                    let place = format!("{}/{}", stored.key.resource_type.0, stored.key.id);
                    let problem = format!("the payload of version {} can't be decoded", stored.version);
                    breaches.push(Breach { place, problem, mended: false });
                }
            }
        }
        breaches
    }
}
