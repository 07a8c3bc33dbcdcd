use crate::failure::CommandResult;
use clap::Args;
use cresset_sample::Population;
use std::io::{self, BufWriter, Write};

/// Write a population of synthetic patients as NDJSON on standard output.
#[derive(Args)]
#[command(after_help = "Example: cresset sample --patients 1000 --seed 7 > population.ndjson")]
pub(crate) struct Sample {
    /// How many patients; a larger population begins with the smaller one.
    #[arg(long, value_name = "N", default_value_t = 200)]
    patients: u64,
    /// Another seed, other patients.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
}

impl Sample {
    pub(crate) fn run(self) -> CommandResult {
        let population =
            Population { patients: self.patients, seed: self.seed, ..Population::default() };
        let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
        let written = population.write_ndjson(&mut out).and_then(|_| out.flush());
        match written {
            // The reader has had enough (`| head`).
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            outcome => Ok(outcome?),
        }
    }
}
