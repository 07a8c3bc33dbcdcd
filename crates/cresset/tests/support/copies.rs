//! `cresset copy` as a process, the writers that go on meanwhile, and searches that must agree.

use super::dose::Dice;
use super::http::Client;
use super::server::{Server, cresset, signal};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::process::{Child, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Starts a copy.
pub(crate) fn copying(from: &str, to: &str, options: &[&str]) -> Child {
    let mut command = cresset(&["copy", "--from", from, "--to", to]);
    command.args(options).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().expect("copy starts")
}

/// Lets a copy come to its end, and fails unless it ends so; returns what it said.
pub(crate) fn ended(copy: Child, status: i32) -> String {
    let Output { status: found, stdout, stderr } = copy.wait_with_output().expect("it ends");
    let (said, log) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(found.code(), Some(status), "{said}{log}");
    format!("{said}{log}")
}

/// Kills a copy after a while; whether it was still at work.
pub(crate) fn killed_after(mut copy: Child, pause: Duration) -> bool {
    std::thread::sleep(pause);
    let at_work = copy.try_wait().expect("it can be asked").is_none();
    // This child and no other process.
    let _ = copy.kill();
    let ended = copy.wait_with_output().expect("it ends");
    let log = String::from_utf8_lossy(&ended.stderr);
    assert!(at_work || ended.status.success(), "it failed by itself: {log}");
    at_work
}

/// Asks a copy that follows to end; it says that both are equal.
pub(crate) fn stopped(copy: Child) -> String {
    signal(copy.id(), "-TERM");
    let said = ended(copy, 0);
    assert!(said.contains("both are equal up to change"), "{said}");
    said
}

/// Writers that create, change and delete until they are told to end.
pub(crate) struct Writers {
    done: Arc<AtomicBool>,
    threads: Vec<JoinHandle<usize>>,
}

impl Writers {
    pub(crate) fn start(server: &Server, dice: &mut Dice, pause: Duration) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let start = |number| {
            let (done, dice, address) = (Arc::clone(&done), dice.split(), server.address);
            std::thread::spawn(move || write(number, address, dice, pause, &done))
        };
        let threads = (0..2).map(start).collect();
        Self { done, threads }
    }

    /// How much they have written.
    pub(crate) fn end(self) -> usize {
        self.done.store(true, Ordering::Relaxed);
        self.threads.into_iter().map(|thread| thread.join().expect("a writer ends well")).sum()
    }
}

fn write(
    number: usize,
    address: SocketAddr,
    mut dice: Dice,
    pause: Duration,
    done: &AtomicBool,
) -> usize {
    let (mut client, mut written) = (Client::new(address), 0);
    while !done.load(Ordering::Relaxed) {
        let id = format!("w{number}-{}", dice.below(40));
        let path = format!("/fhir/Patient/{id}");
        let answer = match dice.below(6) {
            0 => client.request("DELETE", &path, &[], &[]),
            _ => client.request("PUT", &path, &[], patient(&id, &mut dice).as_bytes()),
        };
        let answer = answer.expect("an answer");
        assert!(answer.status < 300, "{}", answer.text());
        written += 1;
        std::thread::sleep(pause);
    }
    written
}

fn patient(id: &str, dice: &mut Dice) -> String {
    let family = format!("Follow{}", dice.below(8));
    json!({ "resourceType": "Patient", "id": id, "name": [{ "family": family }],
            "birthDate": format!("19{}-02-03", 10 + dice.below(90)) })
    .to_string()
}

/// Searches of every kind of parameter.
const SEARCHES: [&str; 12] = [
    "Patient?family=follow",
    "Patient?birthdate=ge1960&gender=male,female",
    "Patient?name:exact=Follow3",
    "Observation?code=http://loinc.org|8302-2",
    "Observation?value-quantity=gt100",
    "Observation?date=ge2015&status=final",
    "Observation?patient.gender=female&code=http://loinc.org|8302-2",
    "Encounter?date=ge1900&_has:Observation:encounter:status=final",
    "Condition?code:text=a",
    "Immunization?status=completed",
    "Patient?_lastUpdated=ge2020",
    "Patient?nickname=x",
];

/// What a server finds: for each search its total and the resources with their versions and times.
pub(crate) fn found(server: &Server) -> Vec<(String, Value, Vec<Value>)> {
    let client = &mut server.client();
    let one = |search: &str| {
        let path = format!("/fhir/{search}&_total=accurate&_count=1000&_sort=_id");
        let answer = client.get(&path).expect("an answer");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let bundle = answer.json();
        let entries = bundle["entry"].as_array().cloned().unwrap_or_default();
        let told = |entry: Value| {
            let (of, id) = (&entry["resource"]["resourceType"], &entry["resource"]["id"]);
            json!([of, id, entry["resource"]["meta"]])
        };
        let told: Vec<Value> = entries.into_iter().map(told).collect();
        (search.to_owned(), bundle["total"].clone(), told)
    };
    let all: Vec<_> = SEARCHES.map(one).into();
    let with_results = all.iter().filter(|(.., entries)| !entries.is_empty()).count();
    assert!(with_results >= 8, "searches find something: {all:?}");
    all
}

/// Waits until something is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(120), "{what} doesn't come");
        std::thread::sleep(Duration::from_millis(100));
    }
}
