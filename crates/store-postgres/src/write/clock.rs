//! How long a commit takes.

use std::time::Instant;

/// Runs while a commit does.
pub(super) struct Clock {
    start: Instant,
    step: Instant,
}

impl Clock {
    pub(super) fn start() -> Self {
        let now = Instant::now();
        Self { start: now, step: now }
    }

    /// Notes the end of a step.
    pub(super) fn step(&mut self, step: &'static str) {
        let took = self.step.elapsed();
        metrics::histogram!("cresset_commit_step_seconds", "step" => step).record(took);
        self.step += took;
    }

    /// Notes the end of the last step, and how many requests shared the commit.
    pub(super) fn end(mut self, requests: usize) {
        self.step("commit");
        metrics::counter!("cresset_commits_total").increment(1);
        metrics::histogram!("cresset_commit_seconds").record(self.start.elapsed());
        metrics::histogram!("cresset_commit_batch_jobs").record(requests as f64);
    }
}
