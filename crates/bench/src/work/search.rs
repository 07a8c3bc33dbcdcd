//! The search suite: each shape by itself, then all of them mixed.

mod paging;
mod probe;

use super::read::AnyOf;
use crate::BenchError;
use crate::bench::{Bench, say};
use crate::closed_loop::Script;
use crate::facts::Facts;
use crate::measurement::Runs;
use crate::report::{NotSupported, SearchResult};
use crate::suite::{Kind, Shape, suite};
use paging::Pages;
use probe::probe;

pub(crate) async fn run(bench: &mut Bench, facts: &Facts) -> Result<(), BenchError> {
    if facts.patients.is_empty() {
        bench.report.left_out.push("searches: the server holds no patients".into());
        return Ok(());
    }
    let mut shapes = suite(facts);
    let all = shapes.len();
    leave_out(bench, &mut shapes);
    let mut mixed = Vec::new();
    for shape in shapes {
        match probe(bench, &shape).await {
            Ok(hits) => {
                let runs = measure(bench, &shape).await?;
                bench.report.searches.push(SearchResult {
                    shape: shape.name.into(),
                    example: shape.queries[0].clone(),
                    variants: shape.queries.len(),
                    hits,
                    runs,
                });
                mixed.extend(shape.queries);
            }
            Err(answer) => {
                say(&format!("{}: not supported, {answer}", shape.name));
                bench.report.not_supported.push(NotSupported {
                    shape: shape.name.into(),
                    example: shape.queries[0].clone(),
                    answer,
                });
            }
        }
    }
    let measured = bench.report.searches.len();
    let work = format!("search, {measured} of {all} shapes mixed");
    mix(bench, &work, mixed).await
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

async fn measure(bench: &Bench, shape: &Shape) -> Result<Runs, BenchError> {
    let clients = usize::from(bench.options.search_clients.max(1));
    let name = format!("search: {}", shape.name);
    let script: Box<dyn Script> = match shape.kind {
        Kind::Pages => Box::new(Pages {
            target: bench.target.clone(),
            first: bench.target.path(&shape.queries[0]),
        }),
        Kind::Search | Kind::Other => Box::new(any_of(bench, &shape.queries)),
    };
    bench.repeat(&name, clients, &*script).await
}

/// Every supported query, picked at random. Which shapes these are depends on the server.
async fn mix(bench: &mut Bench, work: &str, queries: Vec<String>) -> Result<(), BenchError> {
    if queries.is_empty() {
        return Ok(());
    }
    let script = any_of(bench, &queries);
    for clients in bench.options.clients.clone() {
        let clients = usize::from(clients);
        let runs = bench.repeat(work, clients, &script).await?;
        bench.report.add(runs);
    }
    Ok(())
}

fn any_of(bench: &Bench, queries: &[String]) -> AnyOf {
    AnyOf {
        paths: queries.iter().map(|query| bench.target.path(query)).collect(),
        seed: bench.options.seed,
    }
}
