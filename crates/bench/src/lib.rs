#![doc = include_str!("../README.md")]

mod bench;
mod bundle;
mod closed_loop;
mod connection;
mod error;
mod facts;
mod gather;
mod latency;
mod machine;
mod measurement;
mod open_loop;
mod options;
mod output;
mod process;
mod query;
mod random;
mod report;
mod server;
mod suite;
mod table;
mod tally;
mod target;
mod watch;
mod work;

pub use error::BenchError;
pub use options::{Options, WorkKind};

use bench::{Bench, say};
use connection::Connection;
use facts::Facts;
use gather::Gatherer;
use machine::Machine;
use report::{Report, Settings};
use target::Target;
use watch::Watch;
use work::{create, load, read, search, update};

/// Measures the server that `options` names, and writes the table.
///
/// # Errors
///
/// When the base is not on loopback, the server cannot be talked to, the process cannot be
/// watched, or a file cannot be read or written. What the server refuses is in the table.
pub async fn run(options: Options) -> Result<(), BenchError> {
    let target = Target::parse(&options.base)?;
    // A wrong --pid is told before the first request, not after the first measurement.
    Watch::new(options.pid).now()?;
    let report = begin(&options, &target).await?;
    let mut bench = Bench::new(options, target, report);
    measure(&mut bench).await?;
    output::write(&bench.report, bench.options.out.as_deref())
}

async fn begin(options: &Options, target: &Target) -> Result<Report, BenchError> {
    let mut connection = Connection::new(target, options.request_timeout());
    let software = server::software(&mut connection, target).await?;
    say(&format!("measuring {software} at {}", target.base()));
    let directory = output::directory(options.out.as_deref());
    let machine = Machine::inspect(&directory)
        .map_err(|source| BenchError::File { path: directory, source })?;
    Ok(Report {
        date: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        base: target.base().into(),
        software,
        machine,
        settings: Settings {
            seconds: options.seconds,
            runs: options.runs,
            seed: options.seed,
            process_watched: options.pid.is_some(),
        },
        content: Vec::new(),
        works: Vec::new(),
        searches: Vec::new(),
        open_loop: None,
        not_supported: Vec::new(),
        left_out: Vec::new(),
    })
}

/// Every work that is wanted, those that add resources of their own last.
async fn measure(bench: &mut Bench) -> Result<(), BenchError> {
    if let Some(directory) = bench.options.data.clone()
        && bench.options.wants(WorkKind::Load)
    {
        load::run(bench, &directory).await?;
    }
    if bench.options.wants(WorkKind::Read) || bench.options.wants(WorkKind::Search) {
        let facts = gather(bench).await?;
        if bench.options.wants(WorkKind::Read) {
            read::run(bench, &facts).await?;
        }
        if bench.options.wants(WorkKind::Search) {
            search::run(bench, &facts).await?;
        }
    }
    if bench.options.wants(WorkKind::Update) {
        update::run(bench).await?;
    }
    if bench.options.wants(WorkKind::Create) {
        create::run(bench).await?;
    }
    Ok(())
}

async fn gather(bench: &mut Bench) -> Result<Facts, BenchError> {
    let mut from = Gatherer { connection: &mut bench.connection(), target: &bench.target };
    let facts = Facts::gather(&mut from, bench.options.seed).await?;
    bench.report.content.clone_from(&facts.content);
    say(&format!("{} patients looked at, {} ids", facts.patients.len(), facts.ids.len()));
    Ok(facts)
}
