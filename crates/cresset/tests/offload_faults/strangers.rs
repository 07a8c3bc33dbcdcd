//! Whoever names the wrong database or the wrong container is refused, and no body goes.

use crate::reconcile::{self, Report};
use crate::rig::{Bodies, Rig, Rows, put, sqlite};
use crate::support::place::Place;
use crate::support::server::Server;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// A store whose bodies are worth keeping.
fn filled() -> (Rig, Vec<String>) {
    let rig = Rig::on_files(Rows::Sqlite);
    let server = rig.server();
    for number in 0..5 {
        let answer = put(&mut server.client(), &format!("p{number}"), "Kept", None);
        assert_eq!(answer.expect("an answer").status, 201);
    }
    server.stop_cleanly();
    let blobs = rig.blobs();
    assert_eq!(blobs.len(), 5);
    (rig, blobs)
}

fn folder(rig: &Rig) -> PathBuf {
    let Bodies::Files(folder) = &rig.bodies else { panic!("they are in a directory") };
    folder.clone()
}

/// Reconciles so that everything is old enough.
fn reconciled(rig: &Rig, more: &[&str]) -> Report {
    std::thread::sleep(std::time::Duration::from_millis(50));
    reconcile::report(reconcile::command(rig, 0, more).output().expect("it runs"))
}

#[track_caller]
fn assert_refused(report: &Report, because: &str) {
    assert!(report.status.is_some_and(|status| status != 0), "{report:?}");
    assert!(report.log.contains(because), "{because}: {}", report.log);
}

/// A properties file that names another database.
fn properties(rig: &Rig, database: &Path) -> String {
    let file = rig.folder.path().join("other.properties");
    fs::write(&file, format!("db.path={}\n", database.display())).expect("a file");
    file.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_database_that_is_empty_or_not_there_takes_no_body() {
    let (rig, blobs) = filled();
    let database = rig.folder.path().join("empty");
    let file = properties(&rig, &database);
    let absent = reconciled(&rig, &["--db-properties", &file]);
    assert!(absent.status.is_some_and(|status| status != 0), "{absent:?}");
    Server::on(&Place::data(&database), &[], &[]).stop_cleanly();
    let empty = reconciled(&rig, &["--db-properties", &file]);
    assert_refused(&empty, "never been served with payload offload");
    assert_eq!(rig.blobs(), blobs);
    // And the right one finds that all of them are needed.
    let own = properties(&rig, &rig.folder.path().join("store"));
    let report = reconciled(&rig, &["--db-properties", &own]).succeeded();
    assert_eq!((report.number("matched"), report.number("deleted")), (Some(5), Some(0)));
}

#[test]
fn a_database_with_bodies_elsewhere_takes_none() {
    let (rig, blobs) = filled();
    let (other, others) = filled();
    let file = properties(&rig, &other.folder.path().join("store"));
    assert_refused(&reconciled(&rig, &["--db-properties", &file]), "are in file");
    assert_eq!((rig.blobs(), other.blobs()), (blobs, others));
}

/// The address is right, but another store's bodies are there.
#[test]
fn the_container_of_another_tenant_loses_nothing() {
    let (rig, blobs) = filled();
    let (other, _) = filled();
    fs::rename(folder(&rig), rig.folder.path().join("away")).expect("it can be moved");
    fs::rename(folder(&other), folder(&rig)).expect("it can be moved");
    let others = rig.blobs();
    assert_ne!(blobs, others);
    assert_refused(&reconciled(&rig, &[]), "holds the bodies of another store");
    let problem = rig.try_server("127.0.0.1:0", &[], &[]).err().expect("it doesn't start");
    assert!(problem.contains("holds the bodies of another store"), "{problem}");
    assert_eq!(rig.blobs(), others);
}

#[test]
fn a_second_tenant_cannot_move_into_a_container() {
    let (rig, blobs) = filled();
    let other = Rig::on_files(Rows::Sqlite);
    let database = sqlite(&other.folder.path().join("store"));
    let payload = json!({ "type": "file", "connectionProperties": { "path": folder(&rig) } });
    other.configure(&database, &payload);
    let problem = other.try_server("127.0.0.1:0", &[], &[]).err().expect("it doesn't start");
    assert!(problem.contains("holds the bodies of another store"), "{problem}");
    assert_refused(&reconciled(&other, &[]), "there is nothing to look after");
    assert_eq!(rig.blobs(), blobs);
}
