//! Searches at a given rate: each shape, the mix of pages, and the rate at which the mix breaks.

use super::bracket::Bracket;
use super::{Measured, any_of};
use crate::BenchError;
use crate::bench::{Bench, say};
use crate::closed_loop::Script;
use crate::measurement::{Measurement, Runs};
use crate::report::{AtRate, OpenLoop, Step};

pub(super) async fn run(
    bench: &mut Bench,
    rate: u32,
    measured: &[Measured],
) -> Result<(), BenchError> {
    let mut shapes = Vec::new();
    for one in measured {
        let script = one.script(bench);
        shapes.push(repeat(bench, one.shape.name, rate, &*script).await?);
    }
    // What is as long as the resource that it is about has no rate that means anything.
    let pages: Vec<_> = measured.iter().filter(|one| !one.shape.whole).collect();
    let mut found = OpenLoop::new(rate, bench.options.connections, bench.options.most_p99, shapes);
    if !pages.is_empty() {
        let script = any_of(bench, pages.iter().copied());
        let name = format!("{} shapes mixed", pages.len());
        found.shapes.push(repeat(bench, &name, rate, &script).await?);
        break_it(bench, &mut found, &script).await?;
    }
    bench.report.open_loop = Some(found);
    Ok(())
}

async fn repeat(
    bench: &Bench,
    shape: &str,
    rate: u32,
    script: &dyn Script,
) -> Result<AtRate, BenchError> {
    let mut runs = Vec::new();
    for _ in 0..bench.options.runs.max(1) {
        runs.push(bench.at_rate(shape, f64::from(rate), script).await?);
    }
    Ok(AtRate { shape: shape.into(), runs: Runs(runs) })
}

async fn break_it(
    bench: &Bench,
    found: &mut OpenLoop,
    script: &dyn Script,
) -> Result<(), BenchError> {
    let mut bracket = Bracket::default();
    while let Some(rate) = bracket.next(f64::from(found.rate)) {
        // Somebody else may have been busy, so a rate is broken when it breaks twice.
        let held =
            step(bench, found, rate, script).await? || step(bench, found, rate, script).await?;
        bracket.tried(rate, held);
    }
    (found.holds, found.breaks) = (bracket.holds, bracket.breaks);
    say(&format!("the mix holds at {:?}/s and breaks at {:?}/s", found.holds, found.breaks));
    Ok(())
}

/// Tries a rate, and tells whether it held.
async fn step(
    bench: &Bench,
    found: &mut OpenLoop,
    rate: f64,
    script: &dyn Script,
) -> Result<bool, BenchError> {
    let run = bench.at_rate("mix", rate, script).await?;
    let held = holds(&run, found.most_p99_ms);
    found.steps.push(Step { rate, held, run });
    Ok(held)
}

/// Whether a rate was kept up with: no errors, and few answers late.
fn holds(run: &Measurement, most_p99_ms: u32) -> bool {
    let quick = run.latency_ms.is_some_and(|q| q.p99 <= f64::from(most_p99_ms));
    quick && run.error_count() == 0
}

impl OpenLoop {
    fn new(rate: u32, connections: u16, most_p99_ms: u32, shapes: Vec<AtRate>) -> Self {
        let (steps, holds, breaks) = (Vec::new(), None, None);
        Self { rate, connections, shapes, most_p99_ms, steps, holds, breaks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::latency::Quantiles;
    use crate::tally::Tally;
    use crate::watch::Used;

    #[test]
    fn lateness_and_errors_break() {
        let at = |p99, errors: u64| {
            let mut run = Measurement::new("mix", 16, &Tally::default(), Used::default());
            run.latency_ms = Some(Quantiles { p50: 1.0, p95: 2.0, p99, max: 900.0 });
            if errors > 0 {
                run.errors = [("503".to_owned(), errors)].into();
            }
            holds(&run, 20)
        };
        assert!(at(20.0, 0), "a slow maximum alone doesn't matter");
        assert!(!at(20.1, 0));
        assert!(!at(1.0, 1));
        let nothing = Measurement::new("mix", 16, &Tally::default(), Used::default());
        assert!(!holds(&nothing, 20));
    }
}
