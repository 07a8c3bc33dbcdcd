#![doc = include_str!("../README.md")]

mod backend;
mod config;
mod copy;
mod export;
mod failure;
mod import;
mod logging;
mod memory;
mod offload;
mod options;
mod payload;
mod places;
mod progress;
mod reindex;
mod remote_index;
mod sample;
mod serve;
mod store;
mod verify;

use clap::{Parser, Subcommand};
use failure::CommandResult;
use std::process::ExitCode;

/// Resources are made on one thread and freed on another; the C library's allocator keeps what is
/// freed so for the thread that made it, and grows.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A FHIR R4 server, and the persistence layer under it.
#[derive(Parser)]
#[command(name = "cresset", version, about, max_term_width = 100)]
struct Cresset {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve FHIR over HTTP.
    Serve(serve::Serve),
    /// Load Bundles and NDJSON into a store.
    Import(import::Import),
    /// Write the resources of a store as NDJSON.
    Export(export::Export),
    /// Carry everything that a store holds to another one, with its history.
    Copy(copy::Copy),
    /// Recompute what must hold of a store, and print each breach.
    Verify(verify::Verify),
    /// Extract the index keys of all resources anew.
    Reindex(reindex::Reindex),
    /// Enter into the search index what servers announce through Kafka.
    RemoteIndex(remote_index::RemoteIndex),
    /// Look after bodies that are kept outside the database.
    Payload(payload::Payload),
    /// Look at a configuration directory, or migrate a store.
    Config(config::ConfigCommand),
    /// Write a population of synthetic patients as NDJSON.
    Sample(sample::Sample),
    /// Measure a FHIR server.
    Bench(Bench),
}

/// Measure a FHIR server.
#[derive(clap::Args)]
#[command(after_help = "Example: cresset bench --base http://127.0.0.1:8080/fhir --out bench.md")]
struct Bench {
    #[command(flatten)]
    options: cresset_bench::Options,
}

fn main() -> ExitCode {
    let command = Cresset::parse().command;
    logging::start();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failure::report(&format!("the runtime can't be started: {error}")),
    };
    match runtime.block_on(run(command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn run(command: Command) -> CommandResult {
    match command {
        Command::Serve(serve) => serve.run().await,
        Command::Import(import) => import.run().await,
        Command::Export(export) => export.run().await,
        Command::Copy(copy) => copy.run().await,
        Command::Verify(verify) => verify.run().await,
        Command::Reindex(reindex) => reindex.run().await,
        Command::RemoteIndex(remote_index) => remote_index.run().await,
        Command::Payload(payload) => payload.run().await,
        Command::Config(config) => config.run().await,
        Command::Sample(sample) => sample.run(),
        Command::Bench(bench) => Ok(cresset_bench::run(bench.options).await?),
    }
}
