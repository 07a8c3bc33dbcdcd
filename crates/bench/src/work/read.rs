//! Reads by id, of resources that searches found.

use crate::BenchError;
use crate::bench::Bench;
use crate::closed_loop::{Player, Script};
use crate::connection::Call;
use crate::facts::Facts;
use crate::random::Random;
use std::sync::Arc;

pub(crate) async fn run(bench: &mut Bench, facts: &Facts) -> Result<(), BenchError> {
    if facts.ids.is_empty() {
        bench.report.left_out.push("reads: the server holds nothing".into());
        return Ok(());
    }
    let paths = facts.ids.iter().map(|id| bench.target.path(id)).collect();
    let script = AnyOf { paths, seed: bench.options.seed };
    for clients in bench.options.clients.clone() {
        let runs = bench.repeat("read", usize::from(clients), &script).await?;
        bench.report.add(runs);
    }
    Ok(())
}

/// Gets some of a number of paths, picked at random, for as long as time lasts.
pub(crate) struct AnyOf {
    pub(crate) paths: Arc<[String]>,
    pub(crate) seed: u64,
}

impl Script for AnyOf {
    fn player(&self, client: usize) -> Box<dyn Player> {
        Box::new(Reader { paths: self.paths.clone(), random: Random::of_client(self.seed, client) })
    }
}

struct Reader {
    paths: Arc<[String]>,
    random: Random,
}

impl Player for Reader {
    fn next(&mut self) -> Option<Call> {
        let path = &self.paths[self.random.below(self.paths.len())];
        Some(Call::get(path.clone()))
    }
}
