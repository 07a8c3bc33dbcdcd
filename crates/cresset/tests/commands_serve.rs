//! `cresset serve`: what the README promises to somebody new.

mod support;

use serde_json::Value;
use support::server::{Server, run};

fn count(server: &Server, search: &str) -> u64 {
    let answer = server.client().get(&format!("/fhir/{search}&_summary=count")).unwrap();
    answer.json()["total"].as_u64().unwrap_or_else(|| panic!("{search}: {}", answer.text()))
}

#[test]
fn an_empty_directory_becomes_a_server_with_a_population() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(&folder.path().join("store"), &["--sample"], &[]);
    let mut client = server.client();
    let capabilities = client.get("/fhir/metadata").unwrap();
    assert_eq!(capabilities.status, 200);
    assert_eq!(capabilities.header("content-type"), Some("application/fhir+json; charset=utf-8"));
    assert_eq!(capabilities.json()["fhirVersion"], "4.0.1");

    let patients = client.get("/fhir/Patient").unwrap().json();
    assert_eq!(patients["type"], "searchset");
    assert_eq!(patients["entry"].as_array().map(Vec::len), Some(50));
    assert_eq!(count(&server, "Patient?"), 200);
    let id = patients["entry"][0]["resource"]["id"].as_str().unwrap();
    let patient = client.get(&format!("/fhir/Patient/{id}")).unwrap();
    assert_eq!((patient.status, patient.version()), (200, Some(1)));

    let heights = "Observation?code=http://loinc.org|8302-2&date=ge2015";
    let found = client.get(&format!("/fhir/{heights}&_count=1000")).unwrap().json();
    let entries = found["entry"].as_array().unwrap();
    assert!(!entries.is_empty());
    for entry in entries {
        let observation = &entry["resource"];
        assert!(
            observation["code"]["coding"].as_array().unwrap().iter().any(|c| c["code"] == "8302-2")
        );
        let date = observation["effectiveDateTime"].as_str().unwrap();
        assert!(date >= "2015", "{date}");
    }
    assert!(count(&server, heights) >= entries.len() as u64);
    assert!(count(&server, "Observation?code=http://loinc.org|8302-2") > count(&server, heights));
    assert_eq!(count(&server, "Observation?code=http://loinc.org|none&date=ge2015"), 0);
    let of_patient = format!("Encounter?subject=Patient/{id}");
    assert!(count(&server, &of_patient) > 0);

    operators_are_served(&server);
    assert!(server.stop().success());
    started_again_it_holds_the_same(folder.path());
}

fn operators_are_served(server: &Server) {
    let mut client = server.client();
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
        let answer = client.get(path).unwrap();
        assert_eq!((answer.status, &answer.json()["status"]), (200, &Value::from(status)));
    }
    let metrics = client.get("/metrics").unwrap();
    assert_eq!(metrics.status, 200);
    assert!(metrics.header("content-type").is_some_and(|media| media.starts_with("text/plain")));
    for name in ["cresset_http_requests_total", "cresset_http_request_seconds"] {
        assert!(metrics.text().contains(name), "{name}: {}", metrics.text());
    }
    assert!(metrics.text().contains(r#"interaction="search-type""#), "{}", metrics.text());
}

fn started_again_it_holds_the_same(folder: &std::path::Path) {
    let server = Server::start(&folder.join("store"), &["--sample"], &[]);
    assert_eq!(count(&server, "Patient?"), 200, "a sample is added to an empty store only");
}

#[test]
fn a_sample_is_not_added_to_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let server = Server::start(&store, &[], &[]);
    let body = br#"{"resourceType":"Patient"}"#;
    assert_eq!(server.client().request("POST", "/fhir/Patient", &[], body).unwrap().status, 201);
    assert!(server.stop().success());
    let server = Server::start(&store, &["--sample"], &[]);
    assert_eq!(count(&server, "Patient?"), 1);
}

#[test]
fn one_process_writes_a_store_and_others_may_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("store");
    let server = Server::start(&store, &[], &[]);
    let body = br#"{"resourceType":"Patient","active":true}"#;
    assert_eq!(server.client().request("POST", "/fhir/Patient", &[], body).unwrap().status, 201);
    let data = store.to_str().unwrap();
    let file = folder.path().join("one.ndjson");
    std::fs::write(&file, r#"{"resourceType":"Patient","id":"a"}"#).unwrap();
    for args in [
        vec!["serve", "--listen", "127.0.0.1:0", "--data", data],
        vec!["import", file.to_str().unwrap(), "--data", data],
        vec!["reindex", "--data", data],
        vec!["verify", "--repair", "--data", data],
    ] {
        let refused = run(&args);
        assert_eq!(refused.status.code(), Some(1), "{args:?}");
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(told.contains(&server.pid().to_string()), "the other process is named: {told}");
    }
    let out = folder.path().join("out");
    let exported = run(&["export", "--data", data, "--out", out.to_str().unwrap()]);
    assert_eq!(exported.status.code(), Some(0), "{}", String::from_utf8_lossy(&exported.stderr));
    assert_eq!(std::fs::read_to_string(out.join("Patient.ndjson")).unwrap().lines().count(), 1);
    let verified = run(&["verify", "--data", data]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn other_machines_are_let_in_only_by_name_of_the_danger() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("store");
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:8080"] {
        let refused = run(&["serve", "--listen", address, "--data", data.to_str().unwrap()]);
        assert_eq!(refused.status.code(), Some(2), "{address}");
        let told = String::from_utf8_lossy(&refused.stderr);
        assert!(told.contains("--insecure-no-auth"), "{told}");
    }
    assert!(!data.exists(), "a refused command leaves nothing behind");
    let server = Server::start(&data, &["--insecure-no-auth"], &[]);
    assert_eq!(server.client().get("/health/live").unwrap().status, 200);
    let taken = run(&[
        "serve",
        "--listen",
        &server.address.to_string(),
        "--data",
        data.with_extension("b").to_str().unwrap(),
    ]);
    assert_eq!(taken.status.code(), Some(1), "a port that is taken");
    assert!(String::from_utf8_lossy(&taken.stderr).contains("can't be listened on"));
}
