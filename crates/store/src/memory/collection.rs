use crate::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

/// The last incarnation given: a collection that is removed and made again within one tick of the
/// clock must not accept its old cursors.
static INCARNATIONS: AtomicU64 = AtomicU64::new(0);

/// What one collection holds.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) incarnation: Incarnation,
    /// By order of arrival.
    pub(super) resources: Vec<Resource>,
    /// The place of a resource in `resources`.
    pub(super) places: HashMap<Key, usize>,
    pub(super) changes: Vec<Change>,
    pub(super) bookmarks: BTreeMap<String, Vec<u8>>,
    pub(super) deferred: bool,
    pub(super) clock: Timestamp,
}

/// All that is known of one resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) key: Key,
    /// Oldest first; empty when all were purged.
    pub(super) versions: Vec<Stored>,
    pub(super) index: Vec<IndexKey>,
    /// The newest version that was purged: its number is not given again.
    pub(super) purged: Option<Version>,
}

impl Resource {
    pub(super) fn current(&self) -> Option<&Stored> {
        self.versions.last()
    }

    /// Removes all versions but those that stay; all, when the current one doesn't: what an older
    /// one was found by isn't kept. Returns how many are gone.
    pub(super) fn keep(&mut self, stays: impl Fn(&Version) -> bool) -> u64 {
        let before = self.versions.len();
        let Some(newest) = self.current().map(|v| v.version) else { return 0 };
        if stays(&newest) {
            self.versions.retain(|v| stays(&v.version));
        } else {
            self.purged = self.purged.max(Some(newest));
            self.index = Vec::new();
            self.versions.clear();
        }
        (before - self.versions.len()) as u64
    }

    /// The current version when it isn't a deletion.
    pub(super) fn live(&self) -> Option<&Stored> {
        self.current().filter(|v| v.state != State::Deleted)
    }
}

impl Default for Data {
    fn default() -> Self {
        let now = Timestamp::now();
        let number = now.milliseconds().unsigned_abs();
        let later = |last: u64| Some(number.max(last + 1));
        let last = INCARNATIONS.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        let last = last.unwrap_or_else(|last| last);
        Self {
            incarnation: Incarnation(number.max(last + 1)),
            resources: Vec::new(),
            places: HashMap::new(),
            changes: Vec::new(),
            bookmarks: BTreeMap::new(),
            deferred: false,
            clock: now,
        }
    }
}

impl Data {
    pub(super) fn resource(&self, key: &Key) -> Option<&Resource> {
        self.places.get(key).map(|at| &self.resources[*at])
    }

    /// The resource, entered if it is new.
    pub(super) fn entered(&mut self, key: &Key) -> &mut Resource {
        let at = *self.places.entry(key.clone()).or_insert(self.resources.len());
        if at == self.resources.len() {
            let key = key.clone();
            let (versions, index) = (Vec::new(), Vec::new());
            self.resources.push(Resource { key, versions, index, purged: None });
        }
        &mut self.resources[at]
    }

    /// The time of a commit: the machine's, but never before the last one.
    pub(super) fn tick(&mut self) -> Timestamp {
        self.clock = self.clock.max(Timestamp::now());
        self.clock
    }

    pub(super) fn index_state(&self) -> IndexState {
        match self.deferred {
            true => IndexState::Building { done: 0, total: self.resources.len() as u64 },
            false => IndexState::Ready,
        }
    }
}
