//! `scenarios --base URL [--only TEXT] FILE…`: runs scenario files against any FHIR server.

use clap::Parser;
use cresset_scenarios::{Client, ScenarioFile, run};
use std::path::PathBuf;
use std::process::ExitCode;

/// Asks a FHIR R4 server what the specification says, and shows where it answers otherwise.
///
/// The server should be empty: cases count on finding nothing but their own resources, and leave
/// these behind.
///
/// Example: scenarios --base http://127.0.0.1:8080/fhir scenarios/*.yaml
#[derive(Parser)]
#[command(version, verbatim_doc_comment)]
struct Options {
    /// The server's FHIR base.
    #[arg(long, value_name = "URL")]
    base: String,
    /// Only cases whose title or section has this text.
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Scenario files.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn main() -> ExitCode {
    match run_all(&Options::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(problem) => {
            eprintln!("scenarios: {problem}");
            ExitCode::from(2)
        }
    }
}

/// How many cases failed.
#[expect(clippy::print_stdout, reason = "results go to standard output")]
fn run_all(options: &Options) -> Result<usize, Box<dyn std::error::Error>> {
    let mut client = Client::new(&options.base)?;
    let (mut cases, mut failed) = (0, 0);
    for path in &options.files {
        let mut file = ScenarioFile::read(path)?;
        if let Some(only) = &options.only {
            file.cases.retain(|c| c.title.contains(only) || c.section.contains(only));
        }
        let report = run(&file, options.base.trim_end_matches('/'), &mut client);
        println!(
            "{} – {}: {} failures, {} cases",
            path.display(),
            file.title,
            report.failures.len(),
            report.cases
        );
        for failure in &report.failures {
            println!("{failure}");
        }
        cases += report.cases;
        failed += report.failures.len();
    }
    println!("{failed} failures, {cases} cases");
    Ok(failed)
}
