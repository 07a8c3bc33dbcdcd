//! Other people's FHIR clients, unmodified, against the binary: `clients/README.md`.
//!
//! `scripts/test` installs their packages and names those that can be run in `CRESSET_CLIENTS`.

mod support;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use support::server::{Server, run};

/// How long a client may take for all its steps; some seconds on an idle machine.
const PATIENCE: Duration = Duration::from_secs(300);

#[test]
fn fhirpy_finds_what_it_expects() {
    check("fhirpy");
}

#[test]
fn fhirclient_finds_what_it_expects() {
    check("fhirclient");
}

#[test]
fn fhir_kit_client_finds_what_it_expects() {
    check("fhir-kit-client");
}

#[test]
fn hapis_generic_client_finds_what_it_expects() {
    check("hapi");
}

/// Runs a client against a server on a fresh store, which must be sound afterwards.
fn check(client: &str) {
    if !is_prepared(client) {
        eprintln!("SKIPPED: {client} is not installed; scripts/test does that");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("store");
    let server = Server::start(&data, &[], &[]);
    let output = folder.path().join("output");
    let status = run_client(client, &server.base, &output);
    let told = fs::read_to_string(&output).expect("the client's output");
    assert!(status.success(), "{client}: {status}\n{told}");
    assert!(told.contains(&format!("{client}: ok create")), "{client} did nothing: {told}");
    server.stop_cleanly();
    let verified = run(&["verify", "--data", data.to_str().expect("a path of UTF-8")]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// Whether `scripts/test` has named the client. In CI all of them must be there.
fn is_prepared(client: &str) -> bool {
    let prepared = std::env::var("CRESSET_CLIENTS").unwrap_or_default();
    let is_there = prepared.split_whitespace().any(|name| name == client);
    let must = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(is_there || !must, "{client} is not in CRESSET_CLIENTS, which scripts/test sets");
    is_there
}

fn run_client(client: &str, base: &str, output: &Path) -> ExitStatus {
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../clients/run");
    let stdout = File::create(output).expect("a file");
    let stderr = stdout.try_clone().expect("a file");
    let mut child = Command::new(script)
        .args([client, base])
        .stdin(Stdio::null())
        .stdout(stdout)
        .stderr(stderr)
        .spawn()
        .expect("clients/run starts");
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let told = fs::read_to_string(output).expect("the client's output");
    panic!("{client} did not end within {PATIENCE:?}: {told}");
}
