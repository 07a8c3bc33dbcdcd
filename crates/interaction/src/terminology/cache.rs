//! Code systems and value sets that have been read. What is kept belongs to one version of one
//! resource, and is asked for by whoever has just got that version from the store: so it is never
//! stale, and nobody sees what the store wouldn't show. Expansions are not kept.

use cresset_store::{Collection, Key, Scope, Stored, Timestamp, Version};
use cresset_terminology::{CodeSystem, ValueSet};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of JSON text whose readings are kept; in memory they take about three times as much.
const MOST_BYTES: usize = 32 << 20;

/// A resource, read.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    CodeSystem(Arc<CodeSystem>),
    ValueSet(Arc<ValueSet>),
}

/// A version of a resource. Its time is part of it, since a collection can be removed and made again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    collection: Arc<Collection>,
    key: Key,
    version: Version,
    updated: Timestamp,
}

impl Place {
    pub(super) fn of(scope: &Scope, stored: &Stored) -> Self {
        Self {
            collection: Arc::clone(scope.collection()),
            key: stored.key.clone(),
            version: stored.version,
            updated: stored.updated,
        }
    }
}

/// The cache of a service.
#[derive(Debug, Default)]
pub(crate) struct TerminologyCache(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    items: HashMap<Place, Item>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Item {
    known: Known,
    bytes: usize,
    used: u64,
}

impl TerminologyCache {
    pub(super) fn get(&self, place: &Place) -> Option<Known> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let clock = kept.clock;
        let item = kept.items.get_mut(place)?;
        item.used = clock;
        Some(item.known.clone())
    }

    /// Keeps it, in the place of what has gone unused for longest.
    pub(super) fn keep(&self, place: Place, known: Known, bytes: usize) {
        // Even a tiny resource has its place in the table.
        let bytes = bytes + 1_000;
        if bytes > MOST_BYTES / 2 {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clock += 1;
        let used = kept.clock;
        let before = kept.items.insert(place, Item { known, bytes, used });
        kept.bytes = kept.bytes + bytes - before.map_or(0, |item| item.bytes);
        while kept.bytes > MOST_BYTES {
            let oldest = kept.items.iter().min_by_key(|(_, item)| item.used);
            let Some(place) = oldest.map(|(place, _)| place.clone()) else {
                return;
            };
            kept.bytes -= kept.items.remove(&place).map_or(0, |item| item.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cresset_fhir::json::{Json, Object};
    use cresset_store::{CollectionKind, CollectionName, ResourceId, TypeNumber};

    fn place(tenant: &str, id: &str) -> Place {
        let name = CollectionName::new(tenant, "default", "fhir").unwrap();
        let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
        Place {
            collection: Arc::new(Collection { name, generation: 1, kind, fhir_version }),
            key: Key::new(TypeNumber(1), ResourceId::new(id).unwrap()),
            version: Version::FIRST,
            updated: Timestamp::from_milliseconds(0),
        }
    }

    fn known() -> Known {
        Known::ValueSet(Arc::new(ValueSet::read(&Json::from(Object::new()))))
    }

    #[test]
    fn what_has_gone_unused_for_longest_makes_room() {
        let cache = TerminologyCache::default();
        for id in ["a", "b", "c"] {
            cache.keep(place("one", id), known(), MOST_BYTES / 3 - 2_000);
        }
        assert!(cache.get(&place("one", "a")).is_some());
        cache.keep(place("one", "d"), known(), MOST_BYTES / 3 - 2_000);
        let kept = ["a", "b", "c", "d"].map(|id| cache.get(&place("one", id)).is_some());
        assert_eq!(kept, [true, false, true, true]);
    }

    #[test]
    fn a_large_resource_is_not_kept_and_the_same_one_counts_once() {
        let cache = TerminologyCache::default();
        cache.keep(place("one", "large"), known(), MOST_BYTES);
        assert!(cache.get(&place("one", "large")).is_none());
        for _ in 0..100 {
            cache.keep(place("one", "a"), known(), MOST_BYTES / 4);
        }
        cache.keep(place("one", "b"), known(), MOST_BYTES / 4);
        assert!(cache.get(&place("one", "a")).is_some());
    }

    #[test]
    fn collections_share_nothing() {
        let cache = TerminologyCache::default();
        cache.keep(place("one", "a"), known(), 10);
        assert!(cache.get(&place("two", "a")).is_none());
    }
}
