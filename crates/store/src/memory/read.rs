use super::collection::{Data, Resource};
use crate::position::Place;
use crate::*;
use std::collections::HashSet;

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

    pub(super) fn some_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> Result<Vec<Option<Stored>>, StoreError> {
        let mut found = Gathered::up_to(bytes);
        for (key, version) in versions {
            if !found.takes(self.version(scope, key, *version)?) {
                break;
            }
        }
        Ok(found.versions())
    }

    pub(super) fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> Result<Vec<Vec<Reference>>, StoreError> {
        let of = |key: &Key| {
            scope.may_read(key.resource_type)?;
            let resource = self.resource(key).filter(|resource| resource.live().is_some());
            let kept = resource.map_or(&[][..], |resource| &resource.index);
            let wanted = kept.iter().filter(|entry| parameters.contains(&entry.parameter));
            Ok(wanted.filter_map(reference).collect())
        };
        keys.iter().map(of).collect()
    }

    pub(super) fn history(
        &self,
        scope: &Scope,
        query: &HistoryQuery,
    ) -> Result<HistoryPage, StoreError> {
        let after = query.after.as_ref().map(|p| Place::decode(p, 0)).transpose()?;
        let (all, total) = match &query.range {
            HistoryRange::Instance(key) => {
                scope.may_read(key.resource_type)?;
                let versions = self.resource(key).map_or(&[][..], |r| &r.versions);
                let all = versions.iter().rev().map(|v| (v.version.number(), v)).collect();
                (all, Some(versions.len() as u64))
            }
            HistoryRange::Type(resource_type) => {
                scope.may_read(*resource_type)?;
                (self.versions(|key| key.resource_type == *resource_type), None)
            }
            HistoryRange::System => {
                (self.versions(|key| scope.may_read(key.resource_type).is_ok()), None)
            }
        };
        let mut found: Vec<(u64, &Stored)> = all;
        found.retain(|(arrival, stored)| {
            after.as_ref().is_none_or(|place| *arrival < place.arrival)
                && self.in_span(stored, query)
        });
        let more = found.len() > query.limit;
        found.truncate(query.limit);
        let last = found.last().filter(|_| more);
        let next =
            last.map(|(arrival, _)| Place { values: Vec::new(), arrival: *arrival }.encode());
        Ok(HistoryPage {
            versions: found.into_iter().map(|(_, v)| v.clone()).collect(),
            next,
            total,
        })
    }

    /// The versions that are there of all `wanted` resources, last come first, with their `seq`.
    fn versions(&self, wanted: impl Fn(&Key) -> bool) -> Vec<(u64, &Stored)> {
        let mut seen = HashSet::new();
        let mut versions = Vec::new();
        for change in self.changes.iter().rev().filter(|c| wanted(&c.key)) {
            // A version that was purged and taken over again has two changes.
            let first =
                change.kind != ChangeKind::Purge && seen.insert((&change.key, change.version));
            let of = self.resource(&change.key).map_or(&[][..], |r| &r.versions);
            let stored = of.iter().find(|v| v.version == change.version);
            versions.extend(stored.filter(|_| first).map(|stored| (change.seq.0, stored)));
        }
        versions
    }

    fn in_span(&self, stored: &Stored, query: &HistoryQuery) -> bool {
        let mut versions = self.resource(&stored.key).into_iter().flat_map(|r| &r.versions);
        let until = versions.find(|v| v.version > stored.version).map(|next| next.updated);
        let current = query
            .at
            .is_none_or(|(from, to)| stored.updated < to && until.is_none_or(|until| until > from));
        current && query.since.is_none_or(|since| stored.updated >= since)
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
            *arrival > after
                && resource.key.resource_type == resource_type
                && resource.live().is_some()
        });
        let page: Vec<_> = found.by_ref().take(limit).collect();
        let last = page.last().filter(|_| found.next().is_some());
        let next =
            last.map(|(arrival, _)| Place { values: Vec::new(), arrival: *arrival }.encode());
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
            resource.is_some_and(|r| !r.index.iter().cloned().eq(index.iter()))
        };
        entries.into_iter().filter(differs).map(|(key, ..)| key).collect()
    }

    pub(super) fn check(&self) -> Vec<Breach> {
        let mut breaches = Vec::new();
        for resource in &self.resources {
            for stored in &resource.versions {
                if stored.payload().is_some_and(|payload| payload.check().is_err()) {
                    let place = format!("{}/{}", stored.key.resource_type.0, stored.key.id);
                    let problem =
                        format!("the payload of version {} can't be decoded", stored.version);
                    breaches.push(Breach { place, problem, mended: false });
                }
            }
        }
        breaches
    }
}

fn reference(entry: &IndexKey) -> Option<Reference> {
    let (first, rest) = entry.value.split_first()?;
    let Segment::Resource(target) = first else { return None };
    let rest = match rest {
        [Segment::Ordered(bytes)] => bytes.clone(),
        _ => Vec::new(),
    };
    Some(Reference { parameter: entry.parameter.clone(), target: target.clone(), rest })
}
