use cresset_store::{ChangeKind, Key};
use std::collections::HashMap;

/// Resources looked after at most; beyond, nothing new is noted.
const MOST: usize = 100_000;

/// Versions without contents whose purge is still to come. One that never comes means that the source
/// has lost something, and nobody must take that for a purge.
#[derive(Debug, Default)]
pub(crate) struct Unexplained(HashMap<Key, u64>);

impl Unexplained {
    /// A version of this resource has no contents.
    pub(crate) fn gone(&mut self, key: &Key) {
        if self.0.len() < MOST || self.0.contains_key(key) {
            *self.0.entry(key.clone()).or_default() += 1;
        }
    }

    /// What happened to a resource.
    pub(crate) fn change(&mut self, key: &Key, kind: ChangeKind) {
        if kind == ChangeKind::Purge {
            self.0.remove(key);
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> u64 {
        self.0.values().sum()
    }
}
