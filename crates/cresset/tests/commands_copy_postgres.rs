//! `cresset copy` from a directory to a database and on to another directory, while a server writes to
//! the first one and the copies are killed.
//!
//! `CRESSET_CRASH_ROUNDS` (4) says how often a copy is killed, `CRESSET_CRASH_PATIENTS` (4) how large the
//! population is, `CRESSET_CRASH_SEED` at which moments.

mod support;

use cresset_store::{Key, ResourceId, TypeNumber};
use std::path::Path;
use std::time::Duration;
use support::copies::{Writers, copying, ended, found, killed_after, stopped, until};
use support::dose::{Dice, dose};
use support::past::{Past, purge};
use support::place::Place;
use support::server::{Server, cresset, run};
use support::store_commands::assert_verified;

const NICKNAME: &str = r#"{"resourceType": "SearchParameter", "id": "nickname", "status": "active",
    "url": "http://example.org/nickname", "name": "nickname", "description": "A nickname",
    "code": "nickname", "base": ["Patient"], "type": "string",
    "expression": "Patient.name.where(use = 'nickname').given"}"#;

/// A store with a past: patients, versions of one, and resources that were purged.
fn sample(folder: &Path) -> String {
    let file = folder.join("sample.ndjson");
    let patients = dose("CRESSET_CRASH_PATIENTS", 4).to_string();
    std::fs::write(&file, run(&["sample", "--patients", &patients]).stdout).expect("a file");
    let path = folder.join("first");
    let data = path.to_str().expect("UTF-8").to_owned();
    let imported = run(&["import", file.to_str().expect("UTF-8"), "--data", &data]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let server = Server::start(&path, &[], &[]);
    for (id, year) in [("past", 1), ("past", 2), ("gone", 1), ("past", 3), ("gone", 2)] {
        let body =
            format!(r#"{{"resourceType": "Patient", "id": "{id}", "birthDate": "200{year}"}}"#);
        let path = format!("/fhir/Patient/{id}");
        let put = server.client().request("PUT", &path, &[], body.as_bytes());
        assert!(put.expect("an answer").status < 300);
    }
    server.stop_cleanly();
    let patient =
        TypeNumber(Past::of_directory(&path).changes.last().map_or(0, |c| c.key.resource_type.0));
    let key = |id: &str| Key::new(patient, ResourceId::new(id).expect("an id"));
    purge(&path, &[key("gone")], &[key("past")]);
    data
}

fn assert_database_verified(url: &str) {
    let output = cresset(&["verify", "--store", url]).output().expect("verify runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "verify {url}: {}\n{said}{log}", output.status);
}

#[test]
fn a_store_goes_to_a_database_and_back_while_clients_write_and_copies_are_killed() {
    let mut dice = Dice::new("commands_copy_postgres");
    let folder = tempfile::tempdir().expect("a folder");
    let Some(database) = cresset_postgres_server::url_if_there() else { return };
    let place = Place::database(&database, folder.path());
    let Place::Url(second, _) = place.clone() else { unreachable!("a database has a URL") };
    let first = sample(folder.path());
    let third = folder.path().join("third").to_str().expect("UTF-8").to_owned();
    let server = Server::start(Path::new(&first), &[], &[]);
    let writers = Writers::start(&server, &mut dice, Duration::from_millis(10));
    let mut at_work = 0;
    for round in 0..dose("CRESSET_CRASH_ROUNDS", 4) {
        let pause = Duration::from_millis(100 + dice.below(2000));
        at_work += usize::from(killed_after(copying(&first, &second, &[]), pause));
        if round == 1 {
            let path = "/fhir/SearchParameter/nickname";
            let put = server.client().request("PUT", path, &[], NICKNAME.as_bytes());
            assert_eq!(put.expect("an answer").status, 201, "a parameter on the way");
        }
    }
    assert!(at_work > 0, "a copy was killed at work");
    let to_database = copying(&first, &second, &["--follow"]);
    for _ in 0..dose("CRESSET_CRASH_ROUNDS", 4) {
        let pause = Duration::from_millis(100 + dice.below(2000));
        killed_after(copying(&second, &third, &["--follow"]), pause);
    }
    assert!(writers.end() > 20, "clients went on writing");
    let jobs = |server: &Server| server.client().get("/admin/jobs").expect("an answer").text();
    until("the end of the job", || !jobs(&server).contains("Running"));
    let before = found(&server);
    server.stop_cleanly();
    let wanted = Past::of_directory(Path::new(&first));
    until("the copy of all changes", || {
        Past::of_database(&second).changes.len() == wanted.changes.len()
    });
    stopped(to_database);
    let said = ended(copying(&second, &third, &[]), 0);
    assert!(said.contains("both are equal up to change"), "{said}");

    assert_database_verified(&second);
    assert_verified(Path::new(&third), "after two copies");
    wanted.assert_equal(&Past::of_database(&second), "in the database");
    wanted.assert_equal(&Past::of_directory(Path::new(&third)), "back in a directory");
    let gone = wanted.versions.iter().filter(|version| version.is_none()).count();
    assert!(gone >= 3, "purged versions were on the way: {gone}");
    for server in [Server::on(&place, &[], &[]), Server::start(Path::new(&third), &[], &[])] {
        assert_eq!(found(&server), before, "the same is found");
        let put = |body: &[u8]| {
            let put = server.client().request("PUT", "/fhir/Patient/gone", &[], body);
            put.expect("an answer")
        };
        let put = put(br#"{"resourceType": "Patient", "id": "gone"}"#);
        assert_eq!(
            (put.status, put.version()),
            (201, Some(3)),
            "purged numbers aren't given again"
        );
        server.stop_cleanly();
    }
}
