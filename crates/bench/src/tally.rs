//! What came of a measurement: each success with its latency, and what failed.

use crate::latency::Latencies;
use std::collections::BTreeMap;
use std::time::Duration;

/// What came of the requests of one measurement.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    successes: Vec<Success>,
    /// How often each status (or silence) came that is not a success.
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) elapsed: Duration,
}

/// A request that succeeded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Success {
    pub(crate) latency: Duration,
    /// Since the measurement began.
    pub(crate) finished: Duration,
    pub(crate) operations: u64,
}

impl Tally {
    pub(crate) fn succeeded(&mut self, success: Success) {
        self.successes.push(success);
    }

    pub(crate) fn failed(&mut self, how: String) {
        self.failed_often(how, 1);
    }

    /// Takes note of `count` failures of the same kind.
    pub(crate) fn failed_often(&mut self, how: String, count: u64) {
        if count > 0 {
            *self.errors.entry(how).or_default() += count;
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.successes.extend(other.successes);
        for (how, count) in other.errors {
            self.failed_often(how, count);
        }
    }

    /// Requests that succeeded.
    pub(crate) fn requests(&self) -> u64 {
        self.successes.len() as u64
    }

    /// Operations that succeeded.
    pub(crate) fn operations(&self) -> u64 {
        self.successes.iter().map(|success| success.operations).sum()
    }

    /// The latencies of what succeeded: a refusal may come at once and would flatter them.
    pub(crate) fn latencies(&self) -> Latencies {
        self.successes.iter().map(|success| success.latency).collect()
    }

    /// Operations per second while the first and while the last tenth of the operations
    /// were done, which shows whether a store slows down as it grows.
    pub(crate) fn tenths(&self) -> Option<(f64, f64)> {
        let mut order = self.successes.clone();
        order.sort_unstable_by_key(|success| success.finished);
        let tenth = order.len() / 10;
        let end = order.len().checked_sub(1)?;
        if tenth == 0 {
            return None;
        }
        let rate = |part: &[Success], from: Duration| {
            let operations: u64 = part.iter().map(|success| success.operations).sum();
            let until = part.last().expect("a tenth holds one").finished;
            operations as f64 / (until - from).as_secs_f64().max(1e-9)
        };
        let first = rate(&order[..tenth], Duration::ZERO);
        let last = rate(&order[end + 1 - tenth..], order[end - tenth].finished);
        Some((first, last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_of_the_tenths() {
        // 20 successes: one a second, then one in two seconds.
        let finished = (1..=10).chain((12..=30).step_by(2));
        let successes = finished
            .map(|second| Success {
                latency: Duration::from_secs(1),
                finished: Duration::from_secs(second),
                operations: 100,
            })
            .collect();
        let tally = Tally { successes, ..Tally::default() };
        assert_eq!(tally.tenths(), Some((100.0, 50.0)));
        assert_eq!(tally.operations(), 2000);
        assert_eq!(Tally::default().tenths(), None);
    }
}
