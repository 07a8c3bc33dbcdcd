//! The cases of `scenarios/*.yaml` at the root of the repository, against the binary: each file on a
//! fresh store, the embedded one and one on PostgreSQL. `CRESSET_SCENARIOS=TEXT` runs only the files whose name has the text.

mod support;

use cresset_scenarios::{Client, Report, ScenarioFile, run};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use support::place::Place;
use support::server::Server;

/// How many servers run at a time.
const AT_A_TIME: usize = 2;

#[test]
fn the_server_answers_as_the_specification_says() {
    run_all(|folder| Place::data(&folder.join("data")));
}

#[test]
fn it_does_so_on_postgresql_too() {
    let Some(url) = cresset_postgres_server::url_if_there() else { return };
    run_all(|folder| Place::database(&url, folder));
}

/// Each file on a store at the place that `choose` makes in a folder.
fn run_all(choose: impl Fn(&Path) -> Place + Sync) {
    let files = Mutex::new(files());
    let reports = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                loop {
                    let Some(path) = files.lock().expect("no thread panicked").pop() else {
                        break;
                    };
                    let report = run_file(&path, &choose);
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

fn run_file(path: &Path, choose: impl Fn(&Path) -> Place) -> Report {
    let file = ScenarioFile::read(path).unwrap_or_else(|e| panic!("{e}"));
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::on(&choose(folder.path()), &[], &[]);
    let mut client = Client::new(&server.base).expect("the server says where it is");
    run(&file, &server.base, &mut client)
}

fn files() -> Vec<PathBuf> {
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
