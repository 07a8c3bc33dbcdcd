//! Durable creates of small Observations.

use super::own;
use crate::BenchError;
use crate::bench::Bench;
use crate::closed_loop::{Player, Script};
use crate::connection::Call;
use http::Method;
use std::sync::Arc;

pub(crate) async fn run(bench: &mut Bench) -> Result<(), BenchError> {
    let subjects = own::patients(bench, &mut bench.connection()).await?;
    let script = Create { path: bench.target.path("Observation"), subjects: subjects.into() };
    for clients in bench.options.clients.clone() {
        let runs = bench.repeat("create", usize::from(clients), &script).await?;
        bench.report.add(runs);
    }
    Ok(())
}

struct Create {
    path: String,
    subjects: Arc<[String]>,
}

impl Script for Create {
    fn player(&self, client: usize) -> Box<dyn Player> {
        Box::new(Creator {
            path: self.path.clone(),
            subjects: self.subjects.clone(),
            // Clients begin far apart, so that no two send the same resource at once.
            number: client as u64 * 1_000_003,
        })
    }
}

struct Creator {
    path: String,
    subjects: Arc<[String]>,
    number: u64,
}

impl Player for Creator {
    fn next(&mut self) -> Option<Call> {
        self.number += 1;
        let subject = &self.subjects[self.number as usize % self.subjects.len()];
        let body = own::body(&own::observation(subject, None, self.number));
        Some(Call::with_body(Method::POST, self.path.clone(), body))
    }
}
