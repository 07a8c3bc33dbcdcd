//! What has come through a proxy.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The numbers of one proxy.
#[derive(Debug, Default)]
pub(crate) struct Tally(Mutex<Numbers>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// Requests that came, by method.
    pub(crate) came: BTreeMap<String, usize>,
    /// Those of them that the server has answered.
    pub(crate) forwarded: BTreeMap<String, usize>,
    pub(crate) struck: usize,
    pub(crate) stalled: usize,
    pub(crate) under_way: usize,
    pub(crate) most_at_once: usize,
}

/// A request, until it is dropped.
pub(crate) struct Counted<'a> {
    tally: &'a Tally,
    leave: fn(&mut Numbers),
}

impl Tally {
    pub(crate) fn now(&self) -> MutexGuard<'_, Numbers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request comes.
    pub(crate) fn arrive(&self, method: &str) -> Counted<'_> {
        let mut now = self.now();
        *now.came.entry(method.to_owned()).or_default() += 1;
        now.under_way += 1;
        now.most_at_once = now.most_at_once.max(now.under_way);
        Counted { tally: self, leave: |numbers| numbers.under_way -= 1 }
    }

    /// The server has answered a request.
    pub(crate) fn forwarded(&self, method: &str) {
        *self.now().forwarded.entry(method.to_owned()).or_default() += 1;
    }

    /// A request waits to be released.
    pub(crate) fn stall(&self) -> Counted<'_> {
        self.now().stalled += 1;
        Counted { tally: self, leave: |numbers| numbers.stalled -= 1 }
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        (self.leave)(&mut self.tally.now());
    }
}
