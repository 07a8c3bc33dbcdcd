//! `cresset bench` by itself, to measure another server without building this one:
//! `cargo run --release -p cresset-bench --example bench -- --base http://127.0.0.1:8080`

use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: cresset_bench::Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    match cresset_bench::run(Arguments::parse().options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            ExitCode::FAILURE
        }
    }
}
