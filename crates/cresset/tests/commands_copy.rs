//! `cresset copy` between directories; `commands_copy_postgres.rs` has databases.
//!
//! `CRESSET_CRASH_ROUNDS` (4) says how often a copy is killed, `CRESSET_CRASH_PATIENTS` (4) how large the
//! population is, `CRESSET_CRASH_SEED` at which moments.

mod support;

use std::path::Path;
use std::time::Duration;
use support::copies::{Writers, copying, ended, found, killed_after, stopped, until};
use support::dose::{Dice, dose};
use support::past::Past;
use support::server::{Server, cresset, run};
use support::store_commands::assert_verified;

/// A store with some patients.
fn sample(folder: &Path, name: &str) -> String {
    let file = folder.join("sample.ndjson");
    let patients = dose("CRESSET_CRASH_PATIENTS", 4).to_string();
    std::fs::write(&file, run(&["sample", "--patients", &patients]).stdout).expect("a file");
    let data = folder.join(name).to_str().expect("UTF-8").to_owned();
    let imported = run(&["import", file.to_str().expect("UTF-8"), "--data", &data]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    data
}

#[test]
fn a_served_store_is_followed_through_kills_and_moved_with_a_short_switch() {
    let mut dice = Dice::new("commands_copy");
    let folder = tempfile::tempdir().expect("a folder");
    let from = sample(folder.path(), "from");
    let to = folder.path().join("to").to_str().expect("UTF-8").to_owned();
    let server = Server::start(Path::new(&from), &[], &[]);
    let writers = Writers::start(&server, &mut dice, Duration::from_millis(5));
    let (mut at_work, rounds) = (0, dose("CRESSET_CRASH_ROUNDS", 4));
    for _ in 0..rounds {
        let pause = Duration::from_millis(100 + dice.below(1500));
        at_work += usize::from(killed_after(copying(&from, &to, &["--follow"]), pause));
    }
    assert_eq!(at_work, rounds, "a copy that follows doesn't end by itself");
    let copy = copying(&from, &to, &["--follow"]);
    std::thread::sleep(Duration::from_millis(500));
    assert!(writers.end() > 20, "clients went on writing");
    // The switch: the source's server ends, the copy makes its last pass, the new one starts.
    let before = found(&server);
    server.stop_cleanly();
    let wanted = Past::of_directory(Path::new(&from));
    until("the copy of all changes", || {
        Past::of_directory(Path::new(&to)).changes.len() == wanted.changes.len()
    });
    let said = stopped(copy);
    let last = format!("up to change {},", wanted.changes.len());
    assert!(said.contains(&last), "{said}: not {last}");
    wanted.assert_equal(&Past::of_directory(Path::new(&to)), "after the switch");
    assert_verified(Path::new(&to), "after the switch");
    let server = Server::start(Path::new(&to), &[], &[]);
    assert_eq!(found(&server), before, "the same is found");
    let body = br#"{"resourceType": "Patient", "id": "new"}"#;
    let put = server.client().request("PUT", "/fhir/Patient/new", &[], body).expect("an answer");
    assert_eq!(put.status, 201, "it is written to: {}", put.text());
    server.stop_cleanly();
    // It has a life of its own now.
    let said = ended(copying(&from, &to, &[]), 2);
    assert!(said.contains("a life of its own"), "{said}");
}

#[test]
fn without_follow_it_ends_and_a_second_one_has_nothing_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = sample(folder.path(), "from");
    let to = folder.path().join("to").to_str().expect("UTF-8").to_owned();
    let said = ended(copying(&from, &to, &[]), 0);
    assert!(said.contains("both are equal up to change"), "{said}");
    let said = ended(copying(&from, &to, &[]), 0);
    assert!(said.contains("0 changes copied"), "{said}");
    let (a, b) = (Past::of_directory(Path::new(&from)), Past::of_directory(Path::new(&to)));
    assert!(a.changes.len() > 100, "there was something to copy");
    a.assert_equal(&b, "copied");
    // An import's changes say so after a copy as before.
    let origins = b.changes.iter().filter_map(|change| change.provenance.origin.as_deref());
    assert!(origins.clone().count() > 100 && origins.into_iter().all(|origin| origin == "import"));
}

#[test]
fn what_it_cannot_do_it_refuses_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = sample(folder.path(), "from");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let refused = |from: &str, to: &str, status: i32, told: &str| {
        let said = ended(copying(from, to, &[]), status);
        assert!(said.contains(told), "{said}: not '{told}'");
    };
    refused(&path("nowhere"), &path("to"), 2, "there is no store in");
    assert!(!Path::new(&path("to")).exists(), "nothing is made for a source that isn't there");
    refused(&from, "mysql://localhost/x", 2, "no store for 'mysql' URLs");
    refused(&from, &from, 2, "the same collection");
    let other = sample(folder.path(), "other");
    refused(&from, &other, 2, "isn't empty");
    // The target is locked.
    let server = Server::start(Path::new(&other), &[], &[]);
    refused(&from, &other, 1, "another process writes this store");
    server.stop_cleanly();
    let usage = cresset(&["copy", "--from", &from]).output().expect("it runs");
    assert_eq!(usage.status.code(), Some(2), "a target is needed");
    let help = run(&["copy", "--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    assert!(help.contains("cresset copy --from ./cresset-data --to postgres://"), "{help}");
}
