//! Updates: of one hot resource by all clients, and of random resources.
//!
//! Only Observations that this program made are updated: what a server held before a
//! benchmark, it holds unchanged after it.

use super::own;
use crate::BenchError;
use crate::bench::Bench;
use crate::closed_loop::{Player, Script};
use crate::connection::Call;
use crate::random::Random;
use http::Method;
use std::sync::Arc;

/// Observations that random updates are spread over.
const RESOURCES: u64 = 1_000;

pub(crate) async fn run(bench: &mut Bench) -> Result<(), BenchError> {
    let made = make(bench).await?;
    let works: [(&str, Arc<[Own]>); 2] = [
        ("update, one hot resource", made[..1].into()),
        ("update, random resources", made[1..].into()),
    ];
    for (work, resources) in works {
        let script = Update { resources, seed: bench.options.seed };
        for clients in bench.options.clients.clone() {
            let runs = bench.repeat(work, usize::from(clients), &script).await?;
            bench.report.add(runs);
        }
    }
    Ok(())
}

/// An Observation that was made to be updated.
#[derive(Clone, Debug)]
struct Own {
    path: String,
    id: String,
    subject: String,
}

async fn make(bench: &Bench) -> Result<Vec<Own>, BenchError> {
    let mut connection = bench.connection();
    let subjects = own::patients(bench, &mut connection).await?;
    let mut made = Vec::new();
    for number in 0..=RESOURCES {
        let subject = subjects[number as usize % subjects.len()].clone();
        let resource = own::observation(&subject, None, number);
        let id = own::create(bench, &mut connection, "Observation", &resource).await?;
        let path = bench.target.path(&format!("Observation/{id}"));
        made.push(Own { path, id, subject });
    }
    Ok(made)
}

struct Update {
    resources: Arc<[Own]>,
    seed: u64,
}

impl Script for Update {
    fn player(&self, client: usize) -> Box<dyn Player> {
        Box::new(Updater {
            resources: self.resources.clone(),
            random: Random::of_client(self.seed, client),
            number: client as u64 * 1_000_003,
        })
    }
}

struct Updater {
    resources: Arc<[Own]>,
    random: Random,
    number: u64,
}

impl Player for Updater {
    fn next(&mut self) -> Option<Call> {
        // Another number each time: a server may see that nothing changed, and do nothing.
        self.number += 1;
        let own = &self.resources[self.random.below(self.resources.len())];
        let body = own::body(&own::observation(&own.subject, Some(&own.id), self.number));
        Some(Call::with_body(Method::PUT, own.path.clone(), body))
    }
}
