//! The server under attack.

use crate::support::http::{Client, Response, read_response};
use crate::support::server::{Server, run};
use std::fs;
use std::io::{BufReader, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Stands in for what patients would not want to see in a log.
pub(crate) const SECRET: &str = "ZZSECRETZZ";

/// What a server may hold in memory that has got nothing large to work on.
pub(crate) const SMALL_MIB: u64 = 300;

pub(crate) struct Target {
    pub(crate) server: Server,
    _folder: TempDir,
}

impl Target {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// With more options of `serve`.
    pub(crate) fn with(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let server = Server::start(&folder.path().join("store"), options, &[]);
        Self { server, _folder: folder }
    }

    /// On a store that holds these resources, one on each line.
    pub(crate) fn filled(ndjson: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, data) = (folder.path().join("resources.ndjson"), folder.path().join("store"));
        fs::write(&file, ndjson).expect("a file");
        let [from, to] = [&file, &data].map(|path| path.to_str().expect("UTF-8"));
        let imported = run(&["import", from, "--data", to]);
        assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stdout));
        let server = Server::start(&data, &[], &[]);
        Self { server, _folder: folder }
    }

    pub(crate) fn client(&self) -> Client {
        self.server.client()
    }

    pub(crate) fn get(&self, path: &str) -> Response {
        self.client().get(path).expect("an answer")
    }

    pub(crate) fn post(&self, path: &str, body: impl AsRef<[u8]>) -> Response {
        self.client().request("POST", path, &[], body.as_ref()).expect("an answer")
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.server.address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        stream.set_write_timeout(Some(Duration::from_secs(60))).expect("a time-out");
        stream
    }

    /// Sends bytes as they are, says that no more come, and reads one answer. The server may have
    /// hung up before it took all of them.
    pub(crate) fn raw(&self, request: impl AsRef<[u8]>) -> Option<Response> {
        let mut stream = self.connect();
        let _ = stream.write_all(request.as_ref());
        let _ = stream.shutdown(Shutdown::Write);
        read_response(&mut BufReader::new(stream), "GET").ok()
    }

    /// The most memory that the process has held, in MiB.
    pub(crate) fn peak_mib(&self) -> u64 {
        self.status("VmHWM:") >> 10
    }

    /// The memory that the process holds, in MiB.
    pub(crate) fn held_mib(&self) -> u64 {
        self.status("VmRSS:") >> 10
    }

    /// How many threads the process has.
    pub(crate) fn threads(&self) -> u64 {
        self.status("Threads:")
    }

    /// A number from the process's status; of memory, in KiB.
    fn status(&self, name: &str) -> u64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.server.pid())).expect("a process");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// The server is there, has told nobody the secret, has not failed, and has stayed small.
    pub(crate) fn goes_on(&self, most_mib: u64) {
        let since = Instant::now();
        let answer = self.get("/fhir/metadata");
        assert_eq!(answer.status, 200);
        assert!(since.elapsed() < Duration::from_secs(20), "it took {:?}", since.elapsed());
        let body = br#"{"resourceType":"Basic","code":{"text":"still there"}}"#;
        assert_eq!(self.post("/fhir/Basic", body).status, 201);
        let log = self.server.log();
        for line in log.lines() {
            assert!(!line.contains(SECRET), "contents in the log: {line}");
            assert!(!line.contains("panicked") && !line.contains("\"ERROR\""), "{line}");
        }
        let peak = self.peak_mib();
        assert!(peak <= most_mib, "{peak} MiB in memory, {most_mib} are allowed");
    }
}

/// A refusal: this status, and an OperationOutcome with this code that says what to do without
/// giving away what was sent.
#[track_caller]
pub(crate) fn refused(answer: &Response, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), Some("application/fhir+json; charset=utf-8"));
    let outcome = answer.json();
    assert_eq!(outcome["resourceType"], "OperationOutcome", "{outcome}");
    let issues = outcome["issue"].as_array().expect("issues");
    assert!(issues.iter().any(|issue| issue["code"] == code), "{code}: {outcome}");
    for issue in issues {
        assert_eq!(issue["severity"], "error", "{outcome}");
        assert!(issue["diagnostics"].as_str().is_some_and(|d| d.len() > 10), "{outcome}");
    }
    assert!(!answer.text().contains(SECRET), "contents in an error: {outcome}");
}
