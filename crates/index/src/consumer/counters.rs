//! What became of announcements, and how far behind their entering is.

use cresset_store::Timestamp;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Something that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Tally {
    /// Keys that are in the index.
    Entered,
    /// Looks for a version that couldn't be seen yet.
    Early,
    /// Announcements of transactions that were given up.
    Aborted,
    /// Announcements of versions that other transactions wrote.
    Foreign,
    /// Announcements that something later has made void.
    Overtaken,
    /// Announcements given up after the longest time, also those with parts missing.
    Expired,
    /// Records of other installations.
    Ignored,
    /// Records kept for people.
    Buried,
    /// Attempts that failed and were repeated.
    Retried,
    /// Announcements for collections that aren't there.
    Unknown,
}

const NAMES: [&str; 10] = [
    "entered",
    "early",
    "aborted",
    "foreign",
    "overtaken",
    "expired",
    "ignored",
    "buried",
    "retried",
    "unknown",
];

/// How far behind it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lag {
    /// Records of each partition of this process that aren't finished.
    pub records: BTreeMap<i32, u64>,
    /// How long ago the oldest version was written that was taken and isn't entered.
    pub oldest: Option<Duration>,
}

/// What the members of a process have counted.
#[derive(Debug, Default)]
pub struct Counters {
    counts: [AtomicU64; NAMES.len()],
    members: AtomicUsize,
    lag: Mutex<Behind>,
}

#[derive(Debug, Default)]
struct Behind {
    /// By member and partition.
    records: BTreeMap<(usize, i32), u64>,
    /// By member.
    oldest: BTreeMap<usize, Timestamp>,
}

impl Counters {
    /// How often something has happened.
    pub fn get(&self, tally: Tally) -> u64 {
        self.counts[tally as usize].load(Ordering::Relaxed)
    }

    /// Everything by name.
    pub fn all(&self) -> [(&'static str, u64); NAMES.len()] {
        let count = |at: usize| self.counts[at].load(Ordering::Relaxed);
        std::array::from_fn(|at| (NAMES[at], count(at)))
    }

    /// How far behind it is: records as of the last second, the oldest as of now.
    pub fn lag(&self) -> Lag {
        let behind = self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        let records = behind.records.iter().map(|((_, partition), n)| (*partition, *n)).collect();
        let oldest = behind.oldest.values().min().map(|oldest| {
            let age = Timestamp::now().milliseconds() - oldest.milliseconds();
            Duration::from_millis(u64::try_from(age).unwrap_or(0))
        });
        Lag { records, oldest }
    }

    pub(super) fn count(&self, tally: Tally, more: u64) {
        self.counts[tally as usize].fetch_add(more, Ordering::Relaxed);
        metrics::counter!("cresset_index_announcements_total", "outcome" => NAMES[tally as usize])
            .increment(more);
    }

    /// A number for another member.
    pub(super) fn join(&self) -> usize {
        self.members.fetch_add(1, Ordering::Relaxed)
    }

    /// A member has ended.
    pub(super) fn leave(&self, member: usize) {
        self.records(member, BTreeMap::new());
        self.oldest(member, None);
    }

    /// How many records of its partitions a member hasn't finished.
    pub(super) fn records(&self, member: usize, records: BTreeMap<i32, u64>) {
        for (partition, records) in &records {
            let partition = partition.to_string();
            metrics::gauge!("cresset_index_lag_records", "partition" => partition)
                .set(*records as f64);
        }
        let mut behind = self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        behind.records.retain(|(of, _), _| *of != member);
        behind.records.extend(records.into_iter().map(|(partition, n)| ((member, partition), n)));
    }

    /// The oldest version that a member has to enter.
    pub(super) fn oldest(&self, member: usize, oldest: Option<Timestamp>) {
        let mut behind = self.lag.lock().unwrap_or_else(PoisonError::into_inner);
        match oldest {
            Some(oldest) => behind.oldest.insert(member, oldest),
            None => behind.oldest.remove(&member),
        };
        drop(behind);
        let oldest = self.lag().oldest.unwrap_or_default();
        metrics::gauge!("cresset_index_lag_seconds").set(oldest.as_secs_f64());
    }
}
