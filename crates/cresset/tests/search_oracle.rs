//! Random searches, answered by the server and by the oracle (`crates/oracle`), on the embedded store and
//! on PostgreSQL.
//!
//! Over a part of Synthea's population where `CRESSET_SYNTHEA` names the folder of its Bundles, over
//! `cresset sample` otherwise. `CRESSET_ORACLE_QUERIES` and `CRESSET_ORACLE_BUNDLES` make the dose
//! larger (20,000 and 1,000 for the full one), `CRESSET_ORACLE_SEED` asks other searches.

mod support;

use cresset_oracle::client::Client;
use cresset_oracle::oracle::Oracle;
use cresset_oracle::population::Population;
use cresset_oracle::quantity::Units;
use cresset_oracle::run::{CRESSET_DEFECTS, CRESSET_LIMITS, Dose, Report, run};
use cresset_oracle::value::Reading;
use std::fs;
use std::path::{Path, PathBuf};
use support::dose::dose;
use support::place::Place;
use support::server::{Server, cresset, run as run_command};

/// Searches in a laptop's dose.
const QUERIES: usize = 1_500;
/// Of Synthea's Bundles, one for each patient, so many.
const BUNDLES: usize = 12;
/// Patients of the sample.
const PATIENTS: &str = "12";
/// Searches with more hits are read in part.
const READ_WHOLE: usize = 300;
/// Different failures that are shown.
const MOST_FAILURES: usize = 25;

#[test]
fn searches_find_what_the_oracle_finds() {
    let folder = tempfile::tempdir().unwrap();
    compare(&Place::data(&folder.path().join("store")), folder.path());
}

#[test]
fn searches_on_postgresql_find_what_the_oracle_finds() {
    let Some(url) = cresset_postgres_server::url_if_there() else { return };
    let folder = tempfile::tempdir().unwrap();
    compare(&Place::database(&url, folder.path()), folder.path());
}

/// On an empty store; files go into `folder`.
fn compare(store: &Place, folder: &Path) {
    import(store, folder, &sources(folder));
    let population = export(store, &folder.join("export"));
    let resources = population.len();
    let server = Server::on(store, &[], &[]);
    // References by absolute URLs to its own base are asked, too.
    let reading = Reading { base: server.base.clone(), units: Units::Canonical };
    let oracle = Oracle::new(population, reading);
    let mut client = Client::new(&server.base).unwrap();
    let dose = Dose {
        queries: dose("CRESSET_ORACLE_QUERIES", QUERIES),
        seed: dose("CRESSET_ORACLE_SEED", 1) as u64,
        read_whole: READ_WHOLE,
        most_failures: MOST_FAILURES,
        known_limits: CRESSET_LIMITS,
        known_defects: CRESSET_DEFECTS,
    };
    let report = run(&mut client, &oracle, dose).unwrap();
    eprintln!("{resources} resources, CRESSET_ORACLE_SEED={}: {report}", dose.seed);
    assert!(report.failures.is_empty(), "the server and the oracle disagree, see above");
    compared_enough(&report, dose.queries);
    server.stop_cleanly();
}

/// A generator that asks nothing, or nothing that has an answer, would find no mistake.
fn compared_enough(report: &Report, asked: usize) {
    let Report { agreed, with_hits, unanswerable, .. } = report;
    assert!(unanswerable.is_empty(), "{unanswerable:?}");
    assert!(agreed * 10 >= asked * 7, "{agreed} of {asked} were compared");
    assert!(with_hits * 3 >= *agreed, "{with_hits} of {agreed} have hits");
}

/// What is imported: Bundles of Synthea, or the sample.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let given = std::env::var_os("CRESSET_SYNTHEA").map(PathBuf::from).filter(|path| path.is_dir());
    let Some(given) = given else {
        eprintln!("CRESSET_SYNTHEA names no folder: the sample takes its place");
        let sample = run_command(&["sample", "--patients", PATIENTS]);
        assert!(sample.status.success());
        let path = folder.join("sample.ndjson");
        fs::write(&path, sample.stdout).unwrap();
        return vec![path];
    };
    let entries = fs::read_dir(given).unwrap().map(|entry| entry.unwrap().path());
    let mut bundles: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "json")).collect();
    bundles.sort();
    bundles.truncate(dose("CRESSET_ORACLE_BUNDLES", BUNDLES));
    assert!(!bundles.is_empty(), "CRESSET_SYNTHEA has no *.json");
    bundles
}

fn import(store: &Place, folder: &Path, sources: &[PathBuf]) {
    let refusals = folder.join("refusals.ndjson");
    let mut import = cresset(&["import"]);
    import.args(store.options()).arg("--refusals").arg(refusals).args(sources);
    let output = import.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All that the store holds, without asking a search.
fn export(store: &Place, out: &Path) -> Population {
    let mut export = cresset(&["export"]);
    export.args(store.options()).arg("--out").arg(out);
    let output = export.output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Population::read(out).unwrap()
}
