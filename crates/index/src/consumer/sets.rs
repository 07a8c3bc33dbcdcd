//! Messages that come in several records.

use super::item::{Item, Taken};
use super::progress::Progress;
use crate::message::{MessageError, Share, assemble};
use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// More than this in parts, and the oldest set is given up.
const MOST_BYTES: usize = 128 << 20;

/// So many complete sets are remembered, of which parts may come once more.
const REMEMBERED: usize = 256;

/// A set's partition, the time that this has been ours, and the set's name.
type Name = (i32, u64, String);

/// Sets with parts missing.
#[derive(Default)]
pub(super) struct Sets {
    sets: BTreeMap<Name, Set>,
    complete: VecDeque<Name>,
    bytes: usize,
}

struct Set {
    since: Instant,
    parts: BTreeMap<usize, (Share, Taken)>,
    bytes: usize,
}

/// What a part has led to.
pub(super) enum Added {
    /// Others are missing.
    Waiting,
    /// It was there already.
    Repeated(Taken),
    /// It was the last one.
    Complete(Box<Item>),
    /// It was the last one, and together they are no message.
    Unreadable(Vec<Taken>, MessageError),
}

impl Sets {
    /// Adds a part.
    pub(super) fn add(&mut self, share: Share, taken: Taken) -> Added {
        let ticket = taken.ticket;
        let key = (ticket.partition, ticket.assignment, share.set.clone());
        if self.complete.contains(&key) {
            return Added::Repeated(taken);
        }
        let since = taken.since;
        let (part, parts) = (share.part, share.parts);
        let set = self.sets.entry(key.clone()).or_insert_with(|| Set {
            since,
            parts: BTreeMap::new(),
            bytes: 0,
        });
        if set.parts.contains_key(&part) {
            return Added::Repeated(taken);
        }
        let bytes = share.size() + taken.payload.len();
        set.bytes += bytes;
        self.bytes += bytes;
        set.parts.insert(part, (share, taken));
        if set.parts.len() < parts {
            return Added::Waiting;
        }
        let Some(set) = self.sets.remove(&key) else { return Added::Waiting };
        self.bytes -= set.bytes;
        self.complete.truncate(REMEMBERED - 1);
        self.complete.push_front(key);
        let (shares, records): (Vec<Share>, Vec<Taken>) = set.parts.into_values().unzip();
        match assemble(&shares) {
            Ok(message) => Added::Complete(Box::new(Item { message, records })),
            Err(error) => Added::Unreadable(records, error),
        }
    }

    /// Takes out sets that waited for too long, and the oldest while they are too much; the records of
    /// each. Forgets those of partitions that were lost.
    pub(super) fn expired(&mut self, patience: Duration, progress: &Progress) -> Vec<Vec<Taken>> {
        let is_held = |set: &Set| set.parts.values().any(|(_, taken)| progress.holds(taken.ticket));
        self.sets.retain(|_, set| is_held(set));
        self.bytes = self.sets.values().map(|set| set.bytes).sum();
        let mut expired = Vec::new();
        while let Some((key, oldest)) = self.sets.iter().min_by_key(|(_, set)| set.since) {
            if self.bytes <= MOST_BYTES && oldest.since.elapsed() < patience {
                break;
            }
            let key = key.clone();
            let Some(set) = self.sets.remove(&key) else { break };
            self.bytes -= set.bytes;
            expired.push(set.parts.into_values().map(|(_, taken)| taken).collect());
        }
        expired
    }
}
