//! SIGTERM, and the processes that share a directory.

mod support;

use serde_json::json;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use support::dose::Dice;
use support::http::{Client, read_response};
use support::ledger::{Ledger, get, patient};
use support::server::{Server, cresset};
use support::store_commands::{assert_verified, exported};
use support::writer::Writer;

fn place() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("store");
    (directory, data)
}

/// A request whose body the server has begun to wait for: it said `100 Continue`.
struct Accepted {
    stream: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Accepted {
    fn begin(server: &Server, path: &str, body: Vec<u8>) -> Self {
        let stream = TcpStream::connect(server.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        let mut stream = BufReader::new(stream);
        let (host, length) = (server.address, body.len());
        write!(
            stream.get_mut(),
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/fhir+json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        )
        .expect("headers can be sent");
        let mut line = String::new();
        stream.read_line(&mut line).expect("an answer");
        assert!(line.starts_with("HTTP/1.1 100"), "{line}");
        stream.read_line(&mut line).expect("the end of the answer");
        Self { stream, body }
    }

    fn finish(mut self) -> support::http::Response {
        self.stream.get_mut().write_all(&self.body).expect("the body can be sent");
        read_response(&mut self.stream, "POST").expect("an answer")
    }
}

fn wait_until_refused(server: &Server) {
    let until = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(server.address).is_ok() {
        assert!(Instant::now() < until, "connections are still taken after SIGTERM");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn sigterm_refuses_new_connections_and_finishes_what_was_accepted() {
    let (_directory, data) = place();
    let server = Server::start(&data, &[], &[]);
    let entries: Vec<_> = (0..300)
        .map(|n| {
            let id = format!("big-{n}");
            let request = json!({ "method": "PUT", "url": format!("Patient/{id}") });
            json!({ "resource": patient(Some(&id), &id, "Big"), "request": request })
        })
        .collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let large = Accepted::begin(&server, "/fhir", bundle.to_string().into_bytes());
    let small = patient(None, "small", "Small").to_string().into_bytes();
    let small = Accepted::begin(&server, "/fhir/Patient", small);
    server.terminate();
    wait_until_refused(&server);
    let created = small.finish();
    assert_eq!(created.status, 201, "{}", created.text());
    let transacted = large.finish();
    assert_eq!(transacted.status, 200, "{}", transacted.text());
    assert_eq!(server.wait(Duration::from_secs(30)).code(), Some(0));

    let server = Server::start(&data, &[], &[]);
    let found = get(&mut server.client(), "/fhir/Patient?_count=1000");
    assert_eq!(found["entry"].as_array().map(Vec::len), Some(301));
    server.stop_cleanly();
    assert_verified(&data, "after two shutdowns");
}

/// Whoever has read where it listens may stop it at once.
#[test]
fn sigterm_right_after_the_start_ends_with_0() {
    let (_directory, data) = place();
    for round in 0..10 {
        let mut serve = cresset(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        serve.arg(&data).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut server = serve.spawn().expect("the binary starts");
        // A shell that waits with the signal: starting a `kill` would take too long.
        let kill = format!("read go && kill -TERM {}", server.id());
        let mut killer =
            Command::new("sh").args(["-c", &kill]).stdin(Stdio::piped()).spawn().expect("a shell");
        let mut stdout = BufReader::new(server.stdout.take().expect("its output is ours"));
        let mut line = String::new();
        while !line.contains("FHIR R4") {
            assert!(stdout.read_line(&mut line).is_ok_and(|n| n > 0), "it did not start: {line}");
        }
        killer.stdin.take().expect("its input is ours").write_all(b"go\n").expect("it listens");
        let status = server.wait().expect("it ends");
        killer.wait().expect("the shell ends");
        assert_eq!(status.code(), Some(0), "start {round}: {status}");
    }
}

#[test]
fn sigterm_among_64_writers_loses_nothing_and_ends_with_0() {
    let (_directory, data) = place();
    let server = Server::start(&data, &[], &[]);
    let mut dice = Dice::new("shutdown");
    let mut ledgers: Vec<Ledger> = (0..64).map(|_| Ledger::default()).collect();
    let status = std::thread::scope(|scope| {
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            let (client, dice) = (server.client(), dice.split());
            let writer =
                Writer { client, ledger, dice, name: format!("w{number}"), round: 0, made: 0 };
            scope.spawn(move || writer.write_until_the_end());
        }
        std::thread::sleep(Duration::from_millis(400));
        server.stop()
    });
    assert_eq!(status.code(), Some(0));
    assert!(ledgers.iter().map(|l| l.acknowledged).sum::<usize>() > 64);
    assert_verified(&data, "after the shutdown");
    let server = Server::start(&data, &[], &[]);
    for ledger in &mut ledgers {
        ledger.settle(&mut server.client());
    }
}

#[test]
fn a_second_process_is_refused_a_directory_that_is_written() {
    let (directory, data) = place();
    let file = directory.path().join("one.ndjson");
    std::fs::write(&file, patient(Some("one"), "one", "One").to_string()).expect("a file");
    let server = Server::start(&data, &[], &[]);
    let owner = format!("process {}", server.pid());
    let refused = |args: &[&str], last: Option<&Path>| {
        let mut command = cresset(args);
        command.arg("--data").arg(&data).args(last).current_dir(directory.path());
        let output = command.output().expect("the binary runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains(&owner), "{args:?} must name {owner}: {said}");
    };
    refused(&["serve", "--listen", "127.0.0.1:0"], None);
    refused(&["import"], Some(&file));
    refused(&["reindex"], None);
    refused(&["verify", "--repair"], None);
    // The refused did no harm, and whoever comes after the owner, however that ended, is let in.
    assert_eq!(server.client().get("/fhir/Patient/one").expect("an answer").status, 404);
    server.kill9();
    let server = Server::start(&data, &[], &[]);
    server.stop_cleanly();
}

/// Readers beside a writer that doesn't rest: what was acknowledged before an export is in it, and
/// `verify` takes nothing in motion for a breach.
#[test]
fn export_and_verify_read_beside_the_writer() {
    let (_directory, data) = place();
    let server = Server::start(&data, &[], &[]);
    let (done, acknowledged) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let (server, done, acknowledged) = (&server, &done, &acknowledged);
        let writer = scope.spawn(move || {
            let mut client = server.client();
            while !done.load(Ordering::Relaxed) {
                let number = acknowledged.load(Ordering::Relaxed) + 1;
                create(&mut client, number);
                acknowledged.store(number, Ordering::Release);
                // A resource that changes all the time as well.
                update(&mut client, number);
            }
        });
        for round in 0..3 {
            let before = acknowledged.load(Ordering::Acquire);
            let contents = exported(&data);
            for number in 1..=before {
                assert!(
                    contents.contains_key(&format!("Patient/p{number}")),
                    "p{number} is not exported"
                );
            }
            assert_verified(&data, &format!("beside the writer, {round}"));
        }
        done.store(true, Ordering::Relaxed);
        writer.join().expect("no write failed");
    });
    server.stop_cleanly();
    assert_verified(&data, "alone");
    assert!(acknowledged.into_inner() > 10);
}

fn create(client: &mut Client, number: usize) {
    let id = format!("p{number}");
    let body = patient(Some(&id), &id, "Made").to_string();
    let response = client.request("PUT", &format!("/fhir/Patient/{id}"), &[], body.as_bytes());
    assert_eq!(response.expect("an answer").status, 201);
}

fn update(client: &mut Client, number: usize) {
    let body = patient(Some("busy"), "busy", &format!("Name{number}")).to_string();
    let response = client.request("PUT", "/fhir/Patient/busy", &[], body.as_bytes());
    assert!(matches!(response.expect("an answer").status, 200 | 201));
}
