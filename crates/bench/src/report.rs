//! Everything that a benchmark found, as it is written to the JSON file.

use crate::machine::Machine;
use crate::measurement::{Measurement, Runs};
use serde::Serialize;

/// A whole benchmark of one server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) date: String,
    pub(crate) base: String,
    pub(crate) software: String,
    pub(crate) machine: Machine,
    pub(crate) settings: Settings,
    /// What the server held when the reading began, by resource type.
    pub(crate) content: Vec<(String, u64)>,
    pub(crate) works: Vec<Runs>,
    pub(crate) searches: Vec<SearchResult>,
    /// With `--rate`.
    pub(crate) open_loop: Option<OpenLoop>,
    pub(crate) not_supported: Vec<NotSupported>,
    /// Works that were left out, and why.
    pub(crate) left_out: Vec<String>,
}

/// What the figures depend on besides the server.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Settings {
    pub(crate) seconds: u64,
    pub(crate) runs: u16,
    pub(crate) seed: u64,
    pub(crate) process_watched: bool,
}

/// One shape of the search suite by itself.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SearchResult {
    pub(crate) shape: String,
    pub(crate) example: String,
    pub(crate) variants: usize,
    pub(crate) hits: Hits,
    /// For each number of clients.
    pub(crate) runs: Vec<Runs>,
}

/// Searches at given rates.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct OpenLoop {
    /// Requests per second in all, over so many connections.
    pub(crate) rate: u32,
    pub(crate) connections: u16,
    /// Each shape, then all of them mixed, at this rate.
    pub(crate) shapes: Vec<AtRate>,
    /// Milliseconds of p99 over which a rate counts as broken.
    pub(crate) most_p99_ms: u32,
    /// The rates that the mix was tried at, in that order.
    pub(crate) steps: Vec<Step>,
    /// The highest rate tried that held.
    pub(crate) holds: Option<f64>,
    /// The lowest rate tried that broke.
    pub(crate) breaks: Option<f64>,
}

/// One shape, or the mix, at a rate.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct AtRate {
    pub(crate) shape: String,
    pub(crate) runs: Runs,
}

/// One rate that the mix was tried at.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Step {
    pub(crate) rate: f64,
    pub(crate) held: bool,
    pub(crate) run: Measurement,
}

/// What the variants of a shape found, to be compared with another server's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Hits {
    /// The total of each query, or the matches on its first page where there is no total.
    pub(crate) each: Vec<(String, u64)>,
    /// Whether there are more than these: a page had no total, and a next page.
    pub(crate) more: bool,
    /// Entries on the first pages, included resources too.
    pub(crate) entries: u64,
    /// Parameters that the server's own link leaves out, so that it may have ignored them.
    pub(crate) ignored: Vec<String>,
}

impl Hits {
    /// What all the queries found together.
    pub(crate) fn total(&self) -> u64 {
        self.each.iter().map(|(_, hits)| hits).sum()
    }
}

/// A shape that the server refused.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NotSupported {
    pub(crate) shape: String,
    pub(crate) example: String,
    pub(crate) answer: String,
}

impl Report {
    /// Takes the runs of a work, and notes when none of them got anything done.
    pub(crate) fn add(&mut self, runs: Runs) {
        if let Some(all) = runs.median().filter(|median| median.operations == 0) {
            self.left_out.push(failed(all));
        }
        self.works.push(runs);
    }
}

fn failed(measurement: &Measurement) -> String {
    let errors: Vec<_> = measurement.errors.keys().map(String::as_str).collect();
    format!(
        "{} with {} clients: nothing succeeded ({})",
        measurement.work,
        measurement.clients,
        errors.join(", ")
    )
}
