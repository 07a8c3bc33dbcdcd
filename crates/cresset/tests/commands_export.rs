//! `cresset export`.

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Output;
use support::server::{Server, run};

/// A store `{folder}/a` with a few patients.
fn store(folder: &Path) -> String {
    let file = folder.join("sample.ndjson");
    fs::write(&file, run(&["sample", "--patients", "2"]).stdout).unwrap();
    let data = folder.join("a").to_str().unwrap().to_owned();
    let imported = run(&["import", file.to_str().unwrap(), "--data", &data]);
    assert!(imported.status.success());
    data
}

fn export(data: &str, out: &Path, options: &[&str]) -> Output {
    let output =
        run(&[&["export", "--data", data, "--out", out.to_str().unwrap()], options].concat());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The lines of an export by their `Type/id`; those of a file belong to its type.
fn exported(out: &Path) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for file in fs::read_dir(out).unwrap().map(|file| file.unwrap().path()) {
        assert_eq!(file.extension().and_then(|e| e.to_str()), Some("ndjson"), "{}", file.display());
        for line in fs::read_to_string(&file).unwrap().lines() {
            let resource: Value = serde_json::from_str(line).unwrap();
            let of = resource["resourceType"].as_str().unwrap();
            assert_eq!(file.file_stem().and_then(|stem| stem.to_str()), Some(of));
            let name = format!("{of}/{}", resource["id"].as_str().unwrap());
            assert!(found.insert(name, resource).is_none());
        }
    }
    found
}

fn without_time(mut resources: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    for resource in resources.values_mut() {
        let meta = resource["meta"].as_object_mut().unwrap();
        meta.remove("lastUpdated").expect("a time");
    }
    resources
}

#[test]
fn an_export_imported_elsewhere_gives_the_same_resources() {
    let folder = tempfile::tempdir().unwrap();
    let data = store(folder.path());
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let said = export(&data, &first, &[]);
    let resources = exported(&first);
    assert!(resources.len() > 100);
    let total = format!("{} resources in ", resources.len());
    assert!(String::from_utf8_lossy(&said.stdout).contains(&total));
    let other = folder.path().join("b").to_str().unwrap().to_owned();
    let imported = run(&["import", first.to_str().unwrap(), "--data", &other]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    export(&other, &second, &[]);
    assert!(without_time(resources) == without_time(exported(&second)));
}

#[test]
fn types_and_times_narrow_an_export() {
    let folder = tempfile::tempdir().unwrap();
    let data = store(folder.path());
    let all = folder.path().join("all");
    export(&data, &all, &[]);
    let all = exported(&all);
    let some = folder.path().join("some");
    export(&data, &some, &["--type", "Patient,Encounter"]);
    let some = exported(&some);
    let wanted = |name: &&String| name.starts_with("Patient/") || name.starts_with("Encounter/");
    assert!(some.keys().eq(all.keys().filter(wanted)));

    let server = Server::start(Path::new(&data), &[], &[]);
    let body = br#"{"resourceType":"Patient","id":"new"}"#;
    let put = server.client().request("PUT", "/fhir/Patient/new", &[], body).unwrap();
    let since = put.json()["meta"]["lastUpdated"].as_str().expect("a time").to_owned();
    let patient = all.keys().find(|name| name.starts_with("Patient/")).unwrap();
    let deleted = server.client().request("DELETE", &format!("/fhir/{patient}"), &[], b"").unwrap();
    assert_eq!(deleted.status / 100, 2);
    assert!(server.stop().success());
    let recent = folder.path().join("recent");
    export(&data, &recent, &["--since", &since]);
    assert!(
        exported(&recent).keys().eq(["Patient/new"]),
        "only what was written since, and is there"
    );
    let now = folder.path().join("now");
    export(&data, &now, &[]);
    let now = exported(&now);
    assert_eq!(now.len(), all.len());
    assert!(!now.contains_key(patient), "what was deleted is not exported");
    let never = folder.path().join("never");
    export(&data, &never, &["--since", "2999-01-01T00:00:00Z"]);
    assert!(exported(&never).is_empty());
}
