//! One measurement: a tally beside what the server and this program used for it.

use crate::latency::Quantiles;
use crate::tally::Tally;
use crate::watch::Used;
use serde::Serialize;
use std::collections::BTreeMap;

/// One run of one work with one number of clients.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Measurement {
    pub(crate) work: String,
    pub(crate) clients: usize,
    pub(crate) operations: u64,
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) operations_per_second: f64,
    /// Operations per second during the first and the last tenth of the operations.
    pub(crate) tenths: Option<(f64, f64)>,
    pub(crate) latency_ms: Option<Quantiles>,
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) used: Used,
}

impl Measurement {
    pub(crate) fn new(work: &str, clients: usize, tally: &Tally, used: Used) -> Self {
        let seconds = tally.elapsed.as_secs_f64();
        let operations = tally.operations();
        Self {
            work: work.into(),
            clients,
            operations,
            requests: tally.requests(),
            seconds,
            operations_per_second: operations as f64 / seconds.max(1e-9),
            tenths: tally.tenths(),
            latency_ms: tally.latencies().summary(),
            errors: tally.errors.clone(),
            used,
        }
    }

    /// Operations per CPU-second of the server; nothing when it used less than can be told.
    pub(crate) fn per_cpu_second(&self) -> Option<f64> {
        let cpu = self.used.server?.cpu_seconds;
        (cpu >= 0.05).then(|| self.operations as f64 / cpu)
    }

    pub(crate) fn error_count(&self) -> u64 {
        self.errors.values().sum()
    }
}

/// The runs of one work with one number of clients.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Runs(pub(crate) Vec<Measurement>);

impl Runs {
    /// The run whose rate is in the middle (the lower of two).
    pub(crate) fn median(&self) -> Option<&Measurement> {
        let mut order: Vec<_> = self.0.iter().collect();
        order.sort_by(|a, b| a.operations_per_second.total_cmp(&b.operations_per_second));
        order.get(order.len().checked_sub(1)? / 2).copied()
    }

    /// The lowest and the highest rate.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let rates = || self.0.iter().map(|run| run.operations_per_second);
        (rates().fold(f64::INFINITY, f64::min), rates().fold(0.0, f64::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Usage;

    fn at(rate: f64) -> Measurement {
        let mut measurement = Measurement::new("read", 1, &Tally::default(), Used::default());
        measurement.operations_per_second = rate;
        measurement
    }

    #[test]
    fn the_median_is_a_run_that_took_place() {
        let runs = Runs(vec![at(30.0), at(10.0), at(20.0)]);
        let median = runs.median().expect("three runs");
        assert!((median.operations_per_second - 20.0).abs() < 1e-9);
        assert_eq!(runs.spread(), (10.0, 30.0));
        assert!(Runs(Vec::new()).median().is_none());
    }

    #[test]
    fn too_little_cpu_gives_no_rate() {
        let mut measurement = at(1.0);
        measurement.operations = 100;
        assert_eq!(measurement.per_cpu_second(), None);
        let usage = |cpu_seconds| Usage { cpu_seconds, peak_memory: None, bytes_written: None };
        measurement.used.server = Some(usage(0.01));
        assert_eq!(measurement.per_cpu_second(), None);
        measurement.used.server = Some(usage(2.0));
        assert_eq!(measurement.per_cpu_second(), Some(50.0));
    }
}
