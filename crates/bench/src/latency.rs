//! Exact latencies: every sample is kept and sorted, nothing is put into buckets.

use serde::Serialize;
use std::time::Duration;

/// The latencies of one measurement, sorted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Latencies(Vec<Duration>);

impl Latencies {
    /// The smallest sample that at least `share` of all samples do not exceed (the nearest
    /// rank); nothing without samples.
    pub(crate) fn quantile(&self, share: f64) -> Option<Duration> {
        let count = self.0.len();
        let rank = (share * count as f64).ceil() as usize;
        self.0.get(rank.clamp(1, count.max(1)) - 1).copied()
    }

    pub(crate) fn summary(&self) -> Option<Quantiles> {
        let milliseconds = |share| Some(self.quantile(share)?.as_secs_f64() * 1e3);
        Some(Quantiles {
            p50: milliseconds(0.50)?,
            p95: milliseconds(0.95)?,
            p99: milliseconds(0.99)?,
            max: milliseconds(1.0)?,
        })
    }
}

impl FromIterator<Duration> for Latencies {
    fn from_iter<I: IntoIterator<Item = Duration>>(samples: I) -> Self {
        let mut sorted: Vec<_> = samples.into_iter().collect();
        sorted.sort_unstable();
        Self(sorted)
    }
}

/// The latencies that a report shows, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Quantiles {
    pub(crate) p50: f64,
    pub(crate) p95: f64,
    pub(crate) p99: f64,
    pub(crate) max: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(milliseconds: impl IntoIterator<Item = u64>) -> Latencies {
        milliseconds.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn takes_the_nearest_rank() {
        let hundred = of((1..=100).rev()).summary().expect("samples");
        assert_eq!(hundred, Quantiles { p50: 50.0, p95: 95.0, p99: 99.0, max: 100.0 });
        let three = of([30, 10, 20]).summary().expect("samples");
        assert_eq!(three, Quantiles { p50: 20.0, p95: 30.0, p99: 30.0, max: 30.0 });
    }

    #[test]
    fn of_one_sample_and_of_none() {
        assert_eq!(of([7]).quantile(0.5), Some(Duration::from_millis(7)));
        assert_eq!(of([7]).quantile(0.0), Some(Duration::from_millis(7)));
        assert_eq!(of([]).quantile(0.5), None);
        assert!(of([]).summary().is_none());
    }
}
