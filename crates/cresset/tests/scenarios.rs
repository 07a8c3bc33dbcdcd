//! The cases of `scenarios/*.yaml` at the root of the repository, against the binary: each file on a
//! fresh store, on the embedded one and on PostgreSQL, with bodies in the database and in containers.
//! `CRESSET_SCENARIOS=TEXT` runs only the files whose name has the text; `CRESSET_OFFLOAD_ALL=1` all
//! pairs of a store and a container, of which otherwise each store and each container is in one.

mod support;

use cresset_scenarios::{Client, Report, ScenarioFile, run};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use support::offload::{assert_reconciled, azure, files, offloaded, schema, sqlite};
use support::place::Place;
use support::remote::Remote;
use support::server::Server;
use support::tenants::postgres;

/// How many servers run at a time.
const AT_A_TIME: usize = 2;

#[test]
fn the_server_answers_as_the_specification_says() {
    run_all(|folder| Place::data(&folder.join("data")), |_| ());
}

#[test]
fn it_does_so_on_postgresql_too() {
    let Some(url) = cresset_postgres_server::url_if_there() else { return };
    run_all(|folder| Place::database(&url, folder), |_| ());
}

#[test]
fn it_does_so_with_bodies_in_azurite() {
    let Some(azurite) = cresset_blob_server::shared_if_there() else { return };
    run_offloaded(|folder| (sqlite(&folder.join("data")), azure(azurite)));
}

#[test]
fn it_does_so_on_postgresql_with_bodies_in_files() {
    let Some(url) = cresset_postgres_server::url_if_there() else { return };
    run_offloaded(|folder| (postgres(&url, &schema()), files(&folder.join("bodies"))));
}

#[test]
fn it_does_so_with_bodies_in_files() {
    if wants_all() {
        run_offloaded(|folder| (sqlite(&folder.join("data")), files(&folder.join("bodies"))));
    }
}

#[test]
fn it_does_so_on_postgresql_with_bodies_in_azurite() {
    let azurite = cresset_blob_server::shared_if_there;
    let Some(url) = cresset_postgres_server::url_if_there().filter(|_| wants_all()) else { return };
    let Some(azurite) = azurite() else { return };
    run_offloaded(|_| (postgres(&url, &schema()), azure(azurite)));
}

#[test]
fn it_does_so_with_an_index_that_is_filled_through_kafka() {
    let Some(url) = cresset_postgres_server::url_if_there() else { return };
    let Some(broker) = cresset_kafka_server::Broker::shared_if_there() else { return };
    each_file(&|path| {
        let file = ScenarioFile::read(path).unwrap_or_else(|e| panic!("{e}"));
        let remote = Remote::new(broker, &url, 3);
        let indexer = remote.indexer(&[]);
        let server = remote.server(&[]);
        let client = Client::new(&server.base).expect("the server says where it is");
        let mut client = client.always("x-cresset-consistency", "strong");
        let report = run(&file, &server.base, &mut client);
        server.stop_cleanly();
        indexer.stop_cleanly();
        report
    });
}

fn wants_all() -> bool {
    std::env::var_os("CRESSET_OFFLOAD_ALL").is_some_and(|value| value == "1")
}

/// Each file on a datasource and a container, both fresh, which agree in the end.
fn run_offloaded(choose: impl Fn(&Path) -> (Value, Value) + Sync) {
    let bodies = AtomicU64::new(0);
    let place = |folder: &Path| {
        let (datasource, payload) = choose(folder);
        offloaded(&folder.join("conf"), datasource, payload)
    };
    run_all(place, |folder| {
        let found = assert_reconciled(&folder.join("conf"), "after the scenarios of a file");
        bodies.fetch_add(found, Ordering::Relaxed);
    });
    assert!(bodies.into_inner() > 0, "no body has been in a container");
}

/// Each file on a store at the place that `choose` makes in a folder; `afterwards` looks at what it has
/// become.
fn run_all(choose: impl Fn(&Path) -> Place + Sync, afterwards: impl Fn(&Path) + Sync) {
    each_file(&|path| run_file(path, &choose, &afterwards));
}

fn each_file(run: &(impl Fn(&Path) -> Report + Sync)) {
    let files = Mutex::new(scenario_files());
    let reports = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(path) = files.lock().expect("no thread panicked").pop() else {
                        break;
                    };
                    let report = run(&path);
                    reports.lock().expect("no thread panicked").push((path, report));
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no thread panicked");
    reports.sort_by(|(a, _), (b, _)| a.cmp(b));
    let cases: usize = reports.iter().map(|(_, report)| report.cases).sum();
    assert!(cases > 0, "there are no scenarios to run");
    let failed: usize = reports.iter().map(|(_, report)| report.failures.len()).sum();
    assert_eq!(failed, 0, "of {cases} cases {failed} failed:\n{}", listed(&reports));
}

fn listed(reports: &[(PathBuf, Report)]) -> String {
    let mut text = String::new();
    for (path, report) in reports.iter().filter(|(_, report)| !report.failures.is_empty()) {
        let name = path.file_name().unwrap_or_default().display();
        text.push_str(&format!("\n{name}: {} of {}\n", report.failures.len(), report.cases));
        for failure in &report.failures {
            text.push_str(&format!("{failure}\n"));
        }
    }
    text
}

fn run_file(path: &Path, choose: impl Fn(&Path) -> Place, afterwards: impl Fn(&Path)) -> Report {
    let file = ScenarioFile::read(path).unwrap_or_else(|e| panic!("{e}"));
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::on(&choose(folder.path()), &[], &[]);
    let mut client = Client::new(&server.base).expect("the server says where it is");
    let report = run(&file, &server.base, &mut client);
    server.stop_cleanly();
    afterwards(folder.path());
    report
}

fn scenario_files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let wanted = std::env::var("CRESSET_SCENARIOS").unwrap_or_default();
    let entries = std::fs::read_dir(folder).expect("the scenarios are there");
    let paths = entries.map(|entry| entry.expect("a folder can be read").path());
    let is_wanted = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".yaml") && name.contains(&wanted)
    };
    paths.filter(is_wanted).collect()
}
