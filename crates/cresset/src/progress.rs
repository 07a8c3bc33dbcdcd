//! Progress of long work: a bar on a terminal, a line every few seconds elsewhere.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Seconds between lines where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// How far something has got.
pub(crate) struct Progress {
    what: &'static str,
    bar: Option<ProgressBar>,
    done: u64,
    started: Instant,
    told: Instant,
}

impl Progress {
    /// Starts to count; `what` is what is counted, such as `resources`.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style =
                ProgressStyle::with_template("{spinner} {human_pos} {msg} ({per_sec}, {elapsed})");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_message(what);
            bar
        });
        let now = Instant::now();
        Self { what, bar, done: 0, started: now, told: now }
    }

    /// So many more are done.
    pub(crate) fn add(&mut self, more: u64) {
        self.done += more;
        match &self.bar {
            Some(bar) => bar.set_position(self.done),
            None if self.told.elapsed() >= EVERY => {
                self.told = Instant::now();
                tracing::info!(done = self.done, per_second = self.rate() as u64, "{}", self.what);
            }
            None => {}
        }
    }

    /// How many were done each second.
    pub(crate) fn rate(&self) -> f64 {
        self.done as f64 / self.started.elapsed().as_secs_f64().max(1e-9)
    }

    /// Takes the bar away; returns the seconds that it took.
    pub(crate) fn finish(&self) -> f64 {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        self.started.elapsed().as_secs_f64()
    }
}
