//! Crashes at named points of a group commit.

mod support;

use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};
use support::ledger::{SYSTEM, get, ids, patient};
use support::server::{Server, cresset, signal};
use support::store_commands::{assert_same, assert_verified, exported};
use support::writer::{id_of, transaction};

/// A store that has been served once, so that starting writes nothing.
struct Prepared {
    directory: tempfile::TempDir,
}

impl Prepared {
    fn new() -> Self {
        let prepared = Self { directory: tempfile::tempdir().expect("a directory") };
        let server = Server::start(&prepared.data(), &[], &[]);
        let response = put(&server, "before", &[]);
        assert_eq!(response.expect("an answer").status, 201);
        server.stop_cleanly();
        prepared
    }

    fn data(&self) -> std::path::PathBuf {
        self.directory.path().join("store")
    }

    /// Runs `writes` against a server that ends at the point, none of which may be answered; then
    /// verifies, and starts it without.
    fn crash(&self, point: &str, writes: impl FnOnce(&Server)) -> Server {
        let server = Server::start(&self.data(), &[], &[("CRESSET_FAIL_POINT", point)]);
        writes(&server);
        let status = server.wait(Duration::from_secs(30));
        assert_eq!(status.code(), None, "it must have been aborted at {point}, not {status}");
        assert_verified(&self.data(), point);
        Server::start(&self.data(), &[], &[])
    }
}

fn put(
    server: &Server,
    id: &str,
    headers: &[(&str, &str)],
) -> std::io::Result<support::http::Response> {
    let body = patient(Some(id), id, id).to_string();
    server.client().request("PUT", &format!("/fhir/Patient/{id}"), headers, body.as_bytes())
}

fn create_if_none_exists(server: &Server, name: &str) -> std::io::Result<support::http::Response> {
    let condition = format!("identifier={SYSTEM}|{name}");
    let body = patient(None, name, name).to_string();
    server.client().request(
        "POST",
        "/fhir/Patient",
        &[("If-None-Exist", &condition)],
        body.as_bytes(),
    )
}

fn transact(server: &Server, name: &str) -> std::io::Result<support::http::Response> {
    server.client().request("POST", "/fhir", &[], transaction(name).to_string().as_bytes())
}

#[test]
fn a_write_that_crashed_before_its_commit_is_not_there() {
    let store = Prepared::new();
    let server = store.crash("before-commit", |server| {
        assert!(put(server, "before", &[("If-Match", "W/\"1\"")]).is_err());
    });
    assert_eq!(get(&mut server.client(), "/fhir/Patient/before")["meta"]["versionId"], "1");
    server.stop_cleanly();

    let server = store.crash("before-commit", |server| {
        assert!(create_if_none_exists(server, "new").is_err());
    });
    assert_eq!(ids(&mut server.client(), "Patient", "new"), [""; 0]);
    assert_eq!(create_if_none_exists(&server, "new").expect("an answer").status, 201);
    assert_eq!(put(&server, "before", &[("If-Match", "W/\"1\"")]).expect("an answer").status, 200);
    server.stop_cleanly();

    let server = store.crash("before-commit", |server| {
        assert!(transact(server, "together").is_err());
    });
    let client = &mut server.client();
    assert_eq!(client.get("/fhir/Patient/together").expect("an answer").status, 404);
    assert_eq!(ids(client, "Patient", "together"), [""; 0]);
    assert_eq!(ids(client, "Observation", "together"), [""; 0]);
    assert_eq!(transact(&server, "together").expect("an answer").status, 200);
    assert_eq!(ids(client, "Patient", "together").len(), 2);
    server.stop_cleanly();
    assert_verified(&store.data(), "at the end");
}

#[test]
fn a_write_that_crashed_after_its_commit_is_there_and_can_be_repeated() {
    let store = Prepared::new();
    let server = store.crash("after-commit", |server| {
        assert!(create_if_none_exists(server, "new").is_err());
    });
    let found = ids(&mut server.client(), "Patient", "new");
    assert_eq!(found.len(), 1);
    let repeated = create_if_none_exists(&server, "new").expect("an answer");
    assert_eq!((repeated.status, id_of(&repeated)), (200, found[0].clone()));
    assert_eq!(ids(&mut server.client(), "Patient", "new"), found);
    server.stop_cleanly();

    let server = store.crash("after-commit", |server| {
        assert!(put(server, "before", &[("If-Match", "W/\"1\"")]).is_err());
    });
    assert_eq!(get(&mut server.client(), "/fhir/Patient/before")["meta"]["versionId"], "2");
    assert_eq!(put(&server, "before", &[("If-Match", "W/\"1\"")]).expect("an answer").status, 412);
    assert_eq!(put(&server, "before", &[("If-Match", "W/\"2\"")]).expect("an answer").status, 200);
    server.stop_cleanly();

    let server = store.crash("after-commit", |server| {
        assert!(transact(server, "together").is_err());
    });
    let client = &mut server.client();
    assert_eq!(get(client, "/fhir/Patient/together")["id"], "together");
    assert_eq!(ids(client, "Patient", "together").len(), 2);
    assert_eq!(ids(client, "Observation", "together").len(), 1);

    server.stop_cleanly();
    let server = store.crash("after-commit", |server| {
        let deleted = server.client().request("DELETE", "/fhir/Patient/before", &[], &[]);
        assert!(deleted.is_err());
    });
    assert_eq!(server.client().get("/fhir/Patient/before").expect("an answer").status, 410);
    server.stop_cleanly();
    assert_verified(&store.data(), "at the end");
}

/// `kill -9` seldom falls between an answer and its commit: here the writer stands still.
#[test]
fn nobody_is_answered_before_the_commit() {
    let store = Prepared::new();
    let stall = [("CRESSET_FAIL_POINT", "before-commit:1:stall")];
    let server = Server::start(&store.data(), &[], &stall);
    std::thread::scope(|scope| {
        let server = &server;
        let writes = [
            scope.spawn(move || put(server, "alone", &[])),
            scope.spawn(move || create_if_none_exists(server, "new")),
            scope.spawn(move || transact(server, "together")),
        ];
        std::thread::sleep(Duration::from_secs(1));
        let answered = writes.iter().filter(|write| write.is_finished()).count();
        // Reads go on, and don't see what isn't committed.
        let read = server.client().get("/fhir/Patient/alone").expect("an answer");
        signal(server.pid(), "-KILL");
        assert_eq!((answered, read.status), (0, 404));
        for write in writes {
            assert!(write.join().expect("a client").is_err(), "answered, and not committed");
        }
    });
    drop(server);
    assert_verified(&store.data(), "after a kill before the commit");
    let server = Server::start(&store.data(), &[], &[]);
    let client = &mut server.client();
    for id in ["alone", "together"] {
        let status = client.get(&format!("/fhir/Patient/{id}")).expect("an answer").status;
        assert_eq!(status, 404, "{id}");
    }
    assert_eq!(ids(client, "Patient", "new"), [""; 0]);
}

/// Sixteen clients share commits: nobody is answered, and those of one group share their fate.
#[test]
fn a_group_shares_the_fate_of_its_commit() {
    for (point, least, most) in [("before-commit", 0, 0), ("after-commit", 1, 16)] {
        let store = Prepared::new();
        let server = store.crash(point, |server| {
            std::thread::scope(|scope| {
                for client in 0..16 {
                    scope.spawn(move || assert!(put(server, &format!("c{client}"), &[]).is_err()));
                }
            });
        });
        let client = &mut server.client();
        let there =
            |n: &usize| client.get(&format!("/fhir/Patient/c{n}")).is_ok_and(|r| r.status == 200);
        let count = (0..16).filter(there).count();
        assert!((least..=most).contains(&count), "{count} of 16 are there after a crash {point}");
        for n in 0..16 {
            let again = put(&server, &format!("c{n}"), &[]).expect("an answer");
            assert!(matches!(again.status, 200 | 201), "{}", again.text());
        }
        let history: Value = get(&mut server.client(), "/fhir/Patient/_history?_count=100");
        assert_eq!(history["entry"].as_array().map(Vec::len), Some(1 + 16 + count));
        server.stop_cleanly();
        assert_verified(&store.data(), point);
    }
}

fn import(data: &Path, file: &Path, index: &str, point: Option<&str>) -> std::process::ExitStatus {
    let mut command = cresset(&["import", "--index", index, "--data"]);
    command.arg(data).arg("--refusals").arg(data.with_extension("refusals")).arg(file);
    command.envs(point.map(|point| ("CRESSET_FAIL_POINT", point)));
    command.output().expect("import runs").status
}

#[test]
fn an_import_that_crashed_at_a_commit_is_ended_by_the_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("patients.ndjson");
    let lines: Vec<String> = (0..200)
        .map(|n| format!("{}\n", patient(Some(&format!("p{n}")), "same", "Many")))
        .collect();
    std::fs::write(&file, lines.concat()).expect("a file");
    let whole = directory.path().join("whole");
    assert!(import(&whole, &file, "inline", None).success());
    let wanted = exported(&whole);
    assert_eq!(wanted.len(), 200);
    // The commits: the deferral, the resources, the index.
    for (index, commits) in [("inline", 1), ("deferred", 3)] {
        for commit in 1..=commits {
            for point in ["before-commit", "after-commit"] {
                let point = format!("{point}:{commit}");
                let when = format!("{index}, {point}");
                let data = directory.path().join(format!("{index}-{point}"));
                assert_eq!(import(&data, &file, index, Some(&point)).code(), None, "{when}");
                assert!(import(&data, &file, index, None).success(), "{when}");
                assert_same(&exported(&data), &wanted, &when);
                assert_verified(&data, &when);
            }
        }
    }
}

/// Whoever goes on need not know that the index was deferred: an import inline builds it, and so
/// does a server, which answers reads meanwhile.
#[test]
fn an_index_whose_building_crashed_is_built_by_whoever_comes_next() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("patients.ndjson");
    std::fs::write(&file, patient(Some("one"), "one", "One").to_string()).expect("a file");
    let killed = |name: &str| {
        let data = directory.path().join(name);
        assert_eq!(import(&data, &file, "deferred", Some("before-commit:3")).code(), None);
        data
    };
    let data = killed("imported");
    assert!(import(&data, &file, "inline", None).success());
    assert_verified(&data, "after an import inline");

    let data = killed("served");
    let server = Server::start(&data, &[], &[]);
    let mut client = server.client();
    assert_eq!(get(&mut client, "/fhir/Patient/one")["id"], "one");
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let found = client.get("/fhir/Patient?identifier=one").expect("an answer");
        if found.status == 200 {
            assert_eq!(found.json()["entry"].as_array().map(Vec::len), Some(1));
            break;
        }
        assert_eq!(found.status, 503, "{}", found.text());
        assert!(Instant::now() < until, "nobody builds the index");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.stop_cleanly();
    assert_verified(&data, "after a server");
}

#[test]
fn a_sample_whose_filling_crashed_is_filled_by_the_next_start() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("store");
    // The commits: the base URL, the beginning, and then the sample's.
    let mut serve = cresset(&["serve", "--sample", "--listen", "127.0.0.1:0", "--data"]);
    serve.arg(&data).env("CRESSET_FAIL_POINT", "after-commit:3");
    assert_eq!(serve.output().expect("the binary runs").status.code(), None);
    let server = Server::start(&data, &["--sample"], &[]);
    let found = get(&mut server.client(), "/fhir/Patient?_count=1000");
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(200));
    server.stop_cleanly();
    assert_verified(&data, "after the second start");
}
