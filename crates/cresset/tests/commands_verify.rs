//! `cresset verify` and `cresset reindex`.

mod support;

use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use support::server::{Server, run};

/// A store with a few patients.
fn store(folder: &Path) -> String {
    let file = folder.join("sample.ndjson");
    fs::write(&file, run(&["sample", "--patients", "2"]).stdout).unwrap();
    let data = folder.join("store").to_str().unwrap().to_owned();
    let imported = run(&["import", file.to_str().unwrap(), "--data", &data]);
    assert!(imported.status.success());
    data
}

/// The only collection that the store has.
fn collection(data: &str) -> PathBuf {
    let folder = Path::new(data).join("default/default");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "db")).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn damage(data: &str, sql: &str) -> usize {
    let connection = Connection::open(collection(data)).unwrap();
    let changed = connection.execute(sql, []).unwrap();
    assert!(changed > 0, "{sql} changes nothing");
    changed
}

fn verify(data: &str, options: &[&str], status: i32) -> String {
    let output = run(&[&["verify", "--data", data], options].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{text}{log}");
    text
}

fn count(data: &str, search: &str) -> u64 {
    let server = Server::start(Path::new(data), &[], &[]);
    let answer = server.client().get(&format!("/fhir/{search}&_summary=count")).unwrap();
    let total = answer.json()["total"].as_u64();
    assert!(server.stop().success());
    total.unwrap_or_else(|| panic!("{}", answer.text()))
}

#[test]
fn a_sound_store_stays_so_when_it_is_indexed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let data = store(folder.path());
    assert!(verify(&data, &[], 0).contains(": 0 breaches, 0 not mended"));
    let before = count(&data, "Observation?status=final");
    for options in [&[][..], &["--type", "Observation,Patient"]] {
        let reindexed = run(&[&["reindex", "--data", &data], options].concat());
        assert_eq!(reindexed.status.code(), Some(0));
        let text = String::from_utf8_lossy(&reindexed.stdout).into_owned();
        assert!(text.contains(" 0 failed"), "{text}");
        verify(&data, &[], 0);
    }
    assert_eq!(count(&data, "Observation?status=final"), before);
}

#[test]
fn a_damaged_index_is_found_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let data = store(folder.path());
    let searches =
        ["Observation?status=final", "Patient?gender=male,female", "Encounter?date=ge1900"];
    let before = searches.map(|search| count(&data, search));
    assert!(before.iter().all(|total| *total > 0), "{before:?}");
    for damage_done in [
        // Entries are lost.
        "DELETE FROM posting WHERE p % 3 = 1",
        // Resources are found by what they don't hold.
        "UPDATE posting SET v = CAST(v || x'00' AS BLOB) WHERE p % 5 = 2",
        // The record of the keys that were written is lost.
        "UPDATE resource SET keys = NULL WHERE r % 4 = 0 AND keys IS NOT NULL",
        // Everything is lost.
        "DELETE FROM posting",
    ] {
        damage(&data, damage_done);
        let found = verify(&data, &[], 1);
        assert!(!found.contains(" 0 not mended"), "{damage_done}: {found}");
        let mended = verify(&data, &["--repair"], 0);
        assert!(
            mended.contains("(mended)") && mended.contains(" 0 not mended"),
            "{damage_done}: {mended}"
        );
        assert!(verify(&data, &[], 0).contains(": 0 breaches"), "{damage_done}");
        assert_eq!(searches.map(|search| count(&data, search)), before, "{damage_done}");
    }
}

#[test]
fn what_cannot_be_derived_is_told_and_not_mended() {
    for damage_done in [
        "UPDATE resource SET payload = x'00' WHERE r = (SELECT min(r) FROM resource WHERE version = 1)",
        "UPDATE resource SET payload = NULL WHERE r = (SELECT min(r) FROM resource WHERE version = 1)",
        "UPDATE resource SET version = 3 WHERE r = (SELECT min(r) FROM resource WHERE version = 1)",
        "UPDATE resource SET seq = (SELECT max(seq) FROM change) WHERE r = (SELECT min(r) FROM resource WHERE version = 1)",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let data = store(folder.path());
        damage(&data, damage_done);
        for options in [&[][..], &["--repair"]] {
            let found = verify(&data, options, 1);
            assert!(!found.contains(" 0 not mended"), "{damage_done}: {found}");
        }
    }
}
