//! The report as markdown.

mod cells;
mod open_loop;
mod searches;

use crate::measurement::{Measurement, Runs};
use crate::report::Report;
use cells::{bytes, cell, cpu, errors, latency, or_dash, others, rate, shortened};
use std::fmt::{self, Display, Formatter};

/// A report, written as markdown.
pub(crate) struct Markdown<'a>(pub(crate) &'a Report);

impl Display for Markdown<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let report = self.0;
        heading(f, report)?;
        if !report.works.is_empty() {
            works(f, &report.works)?;
        }
        if !report.searches.is_empty() {
            searches::write(f, &report.searches)?;
        }
        if let Some(open_loop) = &report.open_loop {
            open_loop::write(f, open_loop)?;
        }
        if !report.not_supported.is_empty() {
            writeln!(f, "\n### Not supported\n\n| shape | example | answer |\n|---|---|---|")?;
            for refused in &report.not_supported {
                let example = shortened(&refused.example);
                writeln!(f, "| {} | `{example}` | {} |", refused.shape, cell(&refused.answer))?;
            }
        }
        if !report.left_out.is_empty() {
            writeln!(f, "\n### Left out\n")?;
            for reason in &report.left_out {
                writeln!(f, "- {reason}")?;
            }
        }
        Ok(())
    }
}

fn heading(f: &mut Formatter<'_>, report: &Report) -> fmt::Result {
    let machine = &report.machine;
    let settings = &report.settings;
    writeln!(f, "## {}\n", report.software)?;
    writeln!(f, "- Date: {}; base: {}", report.date, report.base)?;
    let memory = bytes(machine.memory_bytes);
    writeln!(f, "- Machine: {} cores, {}, {memory}", machine.cores, machine.cpu)?;
    match machine.fdatasync_ms {
        Some(median) => writeln!(f, "- Disk: fdatasync of 4 KiB, p50 {median:.2} ms")?,
        None => writeln!(f, "- Disk: not measured")?,
    }
    writeln!(
        f,
        "- Closed loop, {} runs of {} s each after a warm-up; the median run is shown; seed {}",
        settings.runs, settings.seconds, settings.seed
    )?;
    if !settings.process_watched {
        writeln!(f, "- No --pid was given, so the server's own use is unknown")?;
    }
    let content: Vec<_> = report.content.iter().map(|(name, n)| format!("{name} {n}")).collect();
    if !content.is_empty() {
        writeln!(f, "- Content before reading: {}", content.join(", "))?;
    }
    Ok(())
}

fn works(f: &mut Formatter<'_>, works: &[Runs]) -> fmt::Result {
    writeln!(
        f,
        "\n### Works\n\n\
         | work | clients | /s | lowest–highest | server CPU s | per CPU s | \
         p50 ms | p95 | p99 | max | errors | peak RSS | written | load's CPU s | others' CPU s |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
    )?;
    for runs in works {
        let Some(median) = runs.median() else {
            continue;
        };
        let (low, high) = runs.spread();
        writeln!(
            f,
            "| {}{} | {} | {} | {}–{} | {} | {} | {} | {} | {} | {} | {:.2} | {} |",
            median.work,
            tenths(median),
            median.clients,
            rate(median.operations_per_second),
            rate(low),
            rate(high),
            cpu(median),
            or_dash(median.per_cpu_second().map(rate)),
            latency(median.latency_ms),
            errors(median),
            or_dash(median.used.server.and_then(|used| used.peak_memory).map(bytes)),
            or_dash(median.used.server.and_then(|used| used.bytes_written).map(bytes)),
            median.used.load_cpu_seconds,
            others(median),
        )?;
    }
    Ok(())
}

/// Only the load is measured over the growth of a store.
fn tenths(measurement: &Measurement) -> String {
    match measurement.tenths.filter(|_| measurement.work.starts_with("load")) {
        Some((first, last)) => {
            format!(" (first tenth {}/s, last {}/s)", rate(first), rate(last))
        }
        None => String::new(),
    }
}

#[cfg(test)]
mod tests;
