//! A server that is killed while it indexes by a new search parameter goes on where it was.

mod support;

use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use support::http::Client;
use support::ledger::get;
use support::server::{Server, run};
use support::store_commands::{assert_verified, exported};

/// Batches of 50 with pauses: some thousand Observations take seconds.
const SLOW: [(&str, &str); 1] = [("CRESSET_INDEX_PACE", "50:20")];
/// How long a job may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Codes of Observations by the month of their date: computed, so no path of HL7's.
const MONTH: &str = r#"{"resourceType": "SearchParameter", "id": "month", "status": "active",
    "url": "http://example.org/month", "name": "month", "description": "The month",
    "code": "month", "base": ["Observation"], "type": "string",
    "expression": "Observation.effective.ofType(dateTime).toString().substring(5, 2)"}"#;

fn filled(folder: &Path) -> std::path::PathBuf {
    let file = folder.join("sample.ndjson");
    std::fs::write(&file, run(&["sample", "--patients", "15"]).stdout).expect("a file");
    let data = folder.join("store");
    let imported =
        run(&["import", file.to_str().expect("UTF-8"), "--data", data.to_str().expect("UTF-8")]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    data
}

fn newest_job(client: &mut Client) -> Value {
    get(client, "/admin/jobs")["jobs"][0].clone()
}

fn done(job: &Value) -> u64 {
    job["progress"]["done"].as_u64().expect("a number")
}

/// Waits until the newest job is as wanted.
fn job_that(client: &mut Client, wanted: impl Fn(&Value) -> bool) -> Value {
    let until = Instant::now() + PATIENCE;
    loop {
        let job = newest_job(client);
        if wanted(&job) {
            return job;
        }
        assert!(Instant::now() < until, "the job doesn't get there: {job}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn ended(client: &mut Client) -> Value {
    let job = job_that(client, |job| !matches!(job["status"].as_str(), Some("Queued" | "Running")));
    assert_eq!(job["status"], "Completed", "{job}");
    job
}

fn put(client: &mut Client, path: &str, body: &str) -> u16 {
    client.request("PUT", path, &[], body.as_bytes()).expect("an answer").status
}

#[test]
fn a_killed_server_goes_on_indexing_where_it_was() {
    let folder = tempfile::tempdir().expect("a directory");
    let data = filled(folder.path());
    let contents = exported(&data);
    let observations =
        contents.keys().filter(|name| name.starts_with("Observation/")).count() as u64;
    assert!(observations > 1_000, "{observations}");
    let in_may = contents
        .iter()
        .filter(|(name, o)| {
            name.starts_with("Observation/")
                && o["effectiveDateTime"].as_str().is_some_and(|date| &date[5..7] == "05")
        })
        .count() as u64;

    let server = Server::start(&data, &[], &SLOW);
    let client = &mut server.client();
    assert_eq!(put(client, "/fhir/SearchParameter/month", MONTH), 201);
    job_that(client, |job| job["status"] == "Running" && done(job) >= 200);
    let told = get(client, "/fhir/Observation?month=05&_count=1").to_string();
    assert!(told.contains("not searchable yet"), "{told}");
    let before = newest_job(client);
    assert_eq!(before["status"], "Running", "killed too late: {before}");
    server.kill9();
    assert_verified(&data, "in the middle of indexing");

    // It goes on: from the place that was kept, under the same name, and then it ends.
    let server = Server::start(&data, &[], &SLOW);
    let client = &mut server.client();
    let resumed = job_that(client, |job| job["attempts"] == 2);
    assert_eq!(resumed["id"], before["id"]);
    assert!(done(&resumed) >= done(&before), "{resumed} after {before}");
    assert!(done(&resumed) < observations, "there is something left to do: {resumed}");
    let job = ended(client);
    // A batch may have been indexed, and its place not kept: it is done again.
    assert!((observations..=observations + 50).contains(&done(&job)), "{job} of {observations}");
    let found = get(client, "/fhir/Observation?month=05&_summary=count");
    assert_eq!(found["total"], in_may);
    server.stop_cleanly();
    assert_verified(&data, "after indexing");

    // Its rows go when it is deleted, also when the server dies right then.
    let server = Server::start(&data, &[], &SLOW);
    let client = &mut server.client();
    let deleted = client.request("DELETE", "/fhir/SearchParameter/month", &[], &[]);
    assert_eq!(deleted.expect("an answer").status, 204);
    let removal = newest_job(client);
    assert_ne!(removal["id"], job["id"]);
    server.kill9();
    assert_verified(&data, "before its rows are gone");
    let server = Server::start(&data, &[], &[]);
    let client = &mut server.client();
    assert_eq!(ended(client)["id"], removal["id"]);
    let told = get(client, "/fhir/Observation?month=05&_count=1").to_string();
    assert!(told.contains("no such parameter"), "{told}");
    server.stop_cleanly();
    // With everything compared again: no row of it is left.
    assert_verified(&data, "after its rows are gone");
}

/// All commands index alike: by the store's own parameters, too.
#[test]
fn import_and_reindex_know_the_stores_search_parameters() {
    let folder = tempfile::tempdir().expect("a directory");
    let data = folder.path().join("store");
    let text = data.to_str().expect("UTF-8").to_owned();
    let file = folder.path().join("month.ndjson");
    std::fs::write(&file, MONTH.replace('\n', " ")).expect("a file");
    let import = |file: &Path| {
        let imported = run(&["import", file.to_str().expect("UTF-8"), "--data", &text]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stdout));
    };
    import(&file);
    let observations = folder.path().join("observations.ndjson");
    let line = |n: u32| {
        format!(
            "{{\"resourceType\": \"Observation\", \"id\": \"o{n}\", \"status\": \"final\", \
             \"code\": {{\"text\": \"c\"}}, \"effectiveDateTime\": \"2020-{:02}-01\"}}\n",
            n % 12 + 1
        )
    };
    std::fs::write(&observations, (0..24).map(line).collect::<String>()).expect("a file");
    import(&observations);
    // Nobody has indexed by it yet as a job; `reindex` does that for a server.
    let verified = run(&["verify", "--data", &text]);
    assert!(String::from_utf8_lossy(&verified.stdout).contains("still to be indexed"));
    assert!(run(&["reindex", "--data", &text]).status.success());
    let verified = run(&["verify", "--data", &text]);
    assert!(!String::from_utf8_lossy(&verified.stdout).contains("still to be indexed"));
    assert_verified(&data, "after reindex");
    let server = Server::start(&data, &[], &[]);
    let client = &mut server.client();
    assert_eq!(get(client, "/fhir/Observation?month=05&_summary=count")["total"], 2);
    assert_eq!(get(client, "/admin/jobs")["jobs"].as_array().map(Vec::len), Some(0));
    server.stop_cleanly();
}
