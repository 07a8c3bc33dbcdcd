//! Compares a FHIR server's searches with the oracle's.

use clap::{Parser, ValueEnum};
use cresset_oracle::client::Client;
use cresset_oracle::oracle::Oracle;
use cresset_oracle::population::Population;
use cresset_oracle::quantity::Units;
use cresset_oracle::run::{CRESSET_DEFECTS, CRESSET_LIMITS, Dose, run};
use cresset_oracle::value::Reading;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Ask a FHIR R4 server random searches and compare the answers with an oracle's.
#[derive(Parser)]
struct Options {
    /// The server's base: http://HOST:PORT/PATH.
    #[arg(long, value_name = "URL")]
    base: String,
    /// The base that the server takes for its own in absolute references; that of --base if not
    /// given.
    #[arg(long, value_name = "URL")]
    own_base: Option<String>,
    /// A folder of NDJSON with all that the server holds, such as `cresset export` writes; without
    /// it, everything is fetched from the server.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Types to fetch, with commas between them, when there is no folder.
    #[arg(long, value_name = "TYPES", default_value = "Patient,Encounter,Observation,Condition")]
    types: String,
    /// How many searches.
    #[arg(long, value_name = "N", default_value_t = 20_000)]
    queries: usize,
    /// Another seed, other searches.
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Searches with more hits are read by their first pages and their total only.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    read_whole: usize,
    /// End after so many different failures.
    #[arg(long, value_name = "N", default_value_t = 50)]
    failures: usize,
    /// How the server compares units of UCUM.
    #[arg(long, value_enum, default_value_t = UnitsOption::Literal)]
    units: UnitsOption,
}

#[derive(Clone, Copy, ValueEnum)]
enum UnitsOption {
    /// As they are written.
    Literal,
    /// 1 g is 1000 mg.
    Canonical,
}

fn main() -> ExitCode {
    match compare(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Whether the server agrees.
fn compare(options: &Options) -> Result<bool, Box<dyn std::error::Error>> {
    let mut client = Client::new(&options.base)?;
    let population = match &options.data {
        Some(folder) => Population::read(folder)?,
        None => {
            let types: Vec<&str> = options.types.split(',').collect();
            Population::fetch(&mut client, &types)?
        }
    };
    let mut out = io::stdout();
    writeln!(out, "{} resources; seed {}", population.len(), options.seed)?;
    let units = match options.units {
        UnitsOption::Literal => Units::Literal,
        UnitsOption::Canonical => Units::Canonical,
    };
    let base = options.own_base.as_ref().unwrap_or(&options.base);
    let base = base.trim_end_matches('/').to_owned();
    let oracle = Oracle::new(population, Reading { base, units });
    let dose = Dose {
        queries: options.queries,
        seed: options.seed,
        read_whole: options.read_whole,
        most_failures: options.failures,
        known_limits: CRESSET_LIMITS,
        known_defects: CRESSET_DEFECTS,
    };
    let report = run(&mut client, &oracle, dose)?;
    write!(out, "{report}")?;
    Ok(report.failures.is_empty())
}
