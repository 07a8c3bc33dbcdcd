//! What all works share: the server, the limits, the watch, the report so far.

use crate::closed_loop::{Limit, Script, drive};
use crate::connection::Connection;
use crate::measurement::{Measurement, Runs};
use crate::open_loop::{self, Arrivals};
use crate::report::Report;
use crate::target::Target;
use crate::watch::Watch;
use crate::{BenchError, Options};
use std::io::Write;
use std::time::Duration;

/// A benchmark under way.
pub(crate) struct Bench {
    pub(crate) options: Options,
    pub(crate) target: Target,
    pub(crate) report: Report,
    watch: Watch,
}

impl Bench {
    pub(crate) fn new(options: Options, target: Target, report: Report) -> Self {
        Self { watch: Watch::new(options.pid), options, target, report }
    }

    /// A connection for what is not measured.
    pub(crate) fn connection(&self) -> Connection {
        Connection::new(&self.target, self.options.request_timeout())
    }

    /// Measures a work that can go on for as long as one likes: a warm-up, then the runs.
    pub(crate) async fn repeat(
        &self,
        work: &str,
        clients: usize,
        script: &dyn Script,
    ) -> Result<Runs, BenchError> {
        let time = Duration::from_secs(self.options.seconds);
        let warm_up = time.min(Duration::from_secs(5)) / 5;
        drive(&self.target, clients, self.limit(warm_up), script).await?;
        let mut runs = Vec::new();
        for _ in 0..self.options.runs.max(1) {
            runs.push(self.once(work, clients, time, script).await?);
        }
        Ok(Runs(runs))
    }

    /// Measures a work once.
    pub(crate) async fn once(
        &self,
        work: &str,
        clients: usize,
        time: Duration,
        script: &dyn Script,
    ) -> Result<Measurement, BenchError> {
        let before = self.watch.now()?;
        let tally = drive(&self.target, clients, self.limit(time), script).await?;
        let used = self.watch.now()?.since(&before);
        let measurement = Measurement::new(work, clients, &tally, used);
        say(&format!(
            "{work}, {clients} clients: {:.0}/s, {} errors",
            measurement.operations_per_second,
            measurement.error_count(),
        ));
        Ok(measurement)
    }

    /// Measures a work once at a rate, in requests per second over the connections of `--rate`.
    pub(crate) async fn at_rate(
        &self,
        work: &str,
        rate: f64,
        script: &dyn Script,
    ) -> Result<Measurement, BenchError> {
        let connections = usize::from(self.options.connections);
        let arrivals = Arrivals {
            rate,
            time: Duration::from_secs(self.options.seconds),
            most: self.options.max_requests,
            connections,
            answer: self.options.request_timeout(),
        };
        let before = self.watch.now()?;
        let tally = open_loop::drive(&self.target, arrivals, script).await?;
        let used = self.watch.now()?.since(&before);
        let measurement = Measurement::new(work, connections, &tally, used);
        let p99 = measurement.latency_ms.map_or("none".into(), |q| format!("{:.1} ms", q.p99));
        let errors = measurement.error_count();
        say(&format!("{work} at {rate:.0}/s: p99 {p99}, {errors} errors"));
        Ok(measurement)
    }

    fn limit(&self, time: Duration) -> Limit {
        Limit { time, requests: self.options.max_requests, answer: self.options.request_timeout() }
    }
}

/// Tells on standard error how far it is. That nobody reads it is no reason to stop.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "bench: {line}");
}
