//! Searches at a given rate, and where that breaks.

use super::cells::{cell, errors, latency, or_dash, others, rate};
use crate::measurement::Measurement;
use crate::report::OpenLoop;
use std::fmt::{self, Formatter};

pub(super) fn write(f: &mut Formatter<'_>, found: &OpenLoop) -> fmt::Result {
    writeln!(
        f,
        "\n### Searches at {}/s over {} connections, open loop\n\n\
         | shape | /s | CPU ms each | p50 ms | p95 | p99 | max | errors | others' CPU s |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|",
        rate(f64::from(found.rate)),
        found.connections
    )?;
    for at_rate in &found.shapes {
        if let Some(median) = at_rate.runs.median() {
            writeln!(f, "| {} | {} |", cell(&at_rate.shape), figures(median))?;
        }
    }
    if found.steps.is_empty() {
        return Ok(());
    }
    breaking(f, found)
}

fn breaking(f: &mut Formatter<'_>, found: &OpenLoop) -> fmt::Result {
    let or_none =
        |found: Option<f64>| found.map_or("none".into(), |found| format!("{}/s", rate(found)));
    writeln!(
        f,
        "\n### Where the mix breaks\n\n\
         With p99 over {} ms, or an error, twice in a row. The highest rate that held: {}; the lowest that \
         broke: {}.\n\n\
         | asked /s | held | /s | CPU ms each | p50 ms | p95 | p99 | max | errors | others' CPU s |\n\
         |--:|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        found.most_p99_ms,
        or_none(found.holds),
        or_none(found.breaks)
    )?;
    for step in &found.steps {
        let held = if step.held { "yes" } else { "no" };
        writeln!(f, "| {} | {held} | {} |", rate(step.rate), figures(&step.run))?;
    }
    Ok(())
}

fn figures(run: &Measurement) -> String {
    let each = run.per_cpu_second().map(|rate| format!("{:.2}", 1e3 / rate));
    format!(
        "{} | {} | {} | {} | {}",
        rate(run.operations_per_second),
        or_dash(each),
        latency(run.latency_ms),
        errors(run),
        others(run),
    )
}
