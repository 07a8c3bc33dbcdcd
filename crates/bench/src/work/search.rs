//! The search suite: each shape by itself, then all of them mixed; with `--rate`, in an open loop
//! as well.

mod at_rate;
mod bracket;
mod paging;
mod probe;
mod versions;

use super::read::AnyOf;
use crate::BenchError;
use crate::bench::{Bench, say};
use crate::closed_loop::Script;
use crate::facts::Facts;
use crate::report::{NotSupported, SearchResult};
use crate::suite::{Kind, Shape, suite};
use paging::Pages;
use probe::{Unfit, probe};

/// A shape with the requests that it is measured by.
struct Measured {
    shape: Shape,
    paths: Vec<String>,
}

pub(crate) async fn run(bench: &mut Bench, facts: &Facts) -> Result<(), BenchError> {
    if facts.patients.is_empty() {
        bench.report.left_out.push("searches: the server holds no patients".into());
        return Ok(());
    }
    let mut shapes = suite(facts);
    let all = shapes.len();
    leave_out(bench, &mut shapes);
    let mut measured = Vec::new();
    for shape in shapes {
        measured.extend(each(bench, shape).await?);
    }
    let work = format!("search, {} of {all} shapes mixed", measured.len());
    mix(bench, &work, &measured).await?;
    match bench.options.rate {
        Some(rate) if !measured.is_empty() => at_rate::run(bench, rate, &measured).await,
        _ => Ok(()),
    }
}

/// Takes away what `--without` names, and tells of names that no shape has.
fn leave_out(bench: &mut Bench, shapes: &mut Vec<Shape>) {
    for name in &bench.options.without {
        let before = shapes.len();
        shapes.retain(|shape| shape.name != name);
        if shapes.len() == before {
            let reason = format!("--without \"{name}\": there is no such shape");
            bench.report.left_out.push(reason);
        }
    }
}

/// Measures a shape by itself, where it can be; otherwise the report tells why not.
async fn each(bench: &mut Bench, shape: Shape) -> Result<Option<Measured>, BenchError> {
    if shape.kind == Kind::OwnHistory
        && let Err(error) = versions::make(bench).await
    {
        refuse(bench, &shape, error.to_string());
        return Ok(None);
    }
    let probed = match probe(bench, &shape).await {
        Ok(probed) => probed,
        Err(Unfit::Refused(answer)) => {
            refuse(bench, &shape, answer);
            return Ok(None);
        }
        Err(Unfit::Pages(pages)) => {
            let reason = format!("{}: the server's content ends after page {pages}", shape.name);
            bench.report.left_out.push(reason);
            return Ok(None);
        }
    };
    let measured = Measured { shape, paths: probed.paths };
    let script = measured.script(bench);
    let name = format!("search: {}", measured.shape.name);
    let mut runs = Vec::new();
    for clients in bench.options.search_clients.clone() {
        runs.push(bench.repeat(&name, usize::from(clients), &*script).await?);
    }
    bench.report.searches.push(SearchResult {
        shape: measured.shape.name.into(),
        example: measured.shape.queries[0].clone(),
        variants: measured.shape.queries.len(),
        hits: probed.hits,
        runs,
    });
    Ok(Some(measured))
}

fn refuse(bench: &mut Bench, shape: &Shape, answer: String) {
    say(&format!("{}: not supported, {answer}", shape.name));
    bench.report.not_supported.push(NotSupported {
        shape: shape.name.into(),
        example: shape.queries[0].clone(),
        answer,
    });
}

impl Measured {
    fn script(&self, bench: &Bench) -> Box<dyn Script> {
        match self.shape.kind {
            Kind::Pages => {
                let first = self.paths[0].clone();
                Box::new(Pages { target: bench.target.clone(), first })
            }
            _ => Box::new(any_of(bench, [self])),
        }
    }
}

/// Every supported query, picked at random. Which shapes these are depends on the server.
async fn mix(bench: &mut Bench, work: &str, measured: &[Measured]) -> Result<(), BenchError> {
    if measured.is_empty() {
        return Ok(());
    }
    let script = any_of(bench, measured);
    for clients in bench.options.clients.clone() {
        let runs = bench.repeat(work, usize::from(clients), &script).await?;
        bench.report.add(runs);
    }
    Ok(())
}

fn any_of<'a>(bench: &Bench, measured: impl IntoIterator<Item = &'a Measured>) -> AnyOf {
    let paths = measured.into_iter().flat_map(|measured| measured.paths.iter().cloned());
    AnyOf { paths: paths.collect(), seed: bench.options.seed }
}
