//! Clients that race for the same resource.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Barrier, Mutex};
use support::http::Client;
use support::ledger::{SYSTEM, get, ids, patient};
use support::server::Server;
use support::store_commands::assert_verified;
use support::writer::id_of;

/// A server on a store of its own.
fn serve() -> (tempfile::TempDir, Server) {
    let directory = tempfile::tempdir().expect("a directory");
    let server = Server::start(&directory.path().join("store"), &[], &[]);
    (directory, server)
}

/// Stops, and verifies what is left.
fn conclude(directory: &tempfile::TempDir, server: Server) {
    server.stop_cleanly();
    assert_verified(&directory.path().join("store"), "after the race");
}

fn put(
    client: &mut Client,
    id: &str,
    family: &str,
    headers: &[(&str, &str)],
) -> support::http::Response {
    let body = patient(Some(id), id, family).to_string();
    client
        .request("PUT", &format!("/fhir/Patient/{id}"), headers, body.as_bytes())
        .expect("an answer")
}

/// The family names of all versions, through all pages of the history.
fn history(server: &Server, id: &str) -> BTreeMap<u64, String> {
    let mut client = server.client();
    let mut versions = BTreeMap::new();
    let mut next = Some(format!("/fhir/Patient/{id}/_history?_count=100"));
    while let Some(path) = next {
        let page = get(&mut client, &path);
        for entry in page["entry"].as_array().expect("entries") {
            let resource = &entry["resource"];
            let version = resource["meta"]["versionId"].as_str().and_then(|v| v.parse().ok());
            let family = resource["name"][0]["family"].as_str().expect("a name").to_owned();
            let twice = versions.insert(version.expect("a version"), family);
            assert!(twice.is_none(), "{version:?} is on two pages");
        }
        let links = page["link"].as_array().expect("links");
        let link = links.iter().find(|l| l["relation"] == "next").and_then(|l| l["url"].as_str());
        next = link.map(|url| url[url.find("/fhir/").expect("a URL of ours")..].to_owned());
    }
    versions
}

/// Two clients that send the same version at the same moment, a thousand times.
#[test]
fn of_two_updates_of_a_version_exactly_one_wins_a_thousand_times() {
    const DUELS: u64 = 1_000;
    let (directory, server) = serve();
    assert_eq!(put(&mut server.client(), "contested", "first", &[]).status, 201);
    let winners: Mutex<BTreeMap<u64, String>> =
        Mutex::new(BTreeMap::from([(1, "first".to_owned())]));
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        for name in ["red", "blue"] {
            let (server, winners, barrier) = (&server, &winners, &barrier);
            scope.spawn(move || {
                let mut client = server.client();
                for version in 1..=DUELS {
                    let tag = format!("W/\"{version}\"");
                    barrier.wait();
                    let response = put(&mut client, "contested", name, &[("If-Match", &tag)]);
                    match response.status {
                        200 => {
                            assert_eq!(response.version(), Some(version + 1));
                            let mut winners = winners.lock().expect("no winner panicked");
                            let other = winners.insert(version + 1, name.to_owned());
                            assert_eq!(other, None, "version {} has two winners", version + 1);
                        }
                        409 | 412 => {}
                        status => panic!("{status}: {}", response.text()),
                    }
                    barrier.wait();
                }
            });
        }
    });
    let winners = winners.into_inner().expect("no winner panicked");
    assert!(winners.keys().copied().eq(1..=DUELS + 1), "a duel without a winner");
    assert_eq!(history(&server, "contested"), winners);
    conclude(&directory, server);
}

#[test]
fn conditional_creates_of_sixteen_identifiers_by_64_clients_make_sixteen_resources() {
    const IDENTIFIERS: usize = 16;
    let (directory, server) = serve();
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..64 {
            let (server, answers) = (&server, &answers);
            scope.spawn(move || {
                let mut client = server.client();
                for turn in 0..IDENTIFIERS {
                    let name = format!("id-{}", (number + turn) % IDENTIFIERS);
                    let condition = format!("identifier={SYSTEM}|{name}");
                    let body = patient(None, &name, &name).to_string();
                    let headers = [("If-None-Exist", condition.as_str())];
                    let response =
                        client.request("POST", "/fhir/Patient", &headers, body.as_bytes());
                    let response = response.expect("an answer");
                    assert!(matches!(response.status, 200 | 201), "{}", response.text());
                    let answer = (name, id_of(&response), response.status);
                    answers.lock().expect("no client panicked").push(answer);
                }
            });
        }
    });
    let answers = answers.into_inner().expect("no client panicked");
    assert_eq!(answers.iter().filter(|(.., status)| *status == 201).count(), IDENTIFIERS);
    let made: BTreeMap<&str, BTreeSet<&str>> =
        answers.iter().fold(BTreeMap::new(), |mut made, (name, id, _)| {
            made.entry(name).or_insert_with(BTreeSet::new).insert(id);
            made
        });
    assert_eq!(made.len(), IDENTIFIERS);
    for (name, answered) in made {
        let found = ids(&mut server.client(), "Patient", name);
        assert_eq!(answered.into_iter().collect::<Vec<_>>(), found, "{name}");
    }
    let all = get(&mut server.client(), "/fhir/Patient?_count=1000");
    assert_eq!(all["entry"].as_array().map(Vec::len), Some(IDENTIFIERS));
    conclude(&directory, server);
}

#[test]
fn unconditional_updates_by_sixteen_clients_all_succeed_and_leave_no_gap() {
    let (directory, server) = serve();
    let written = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for number in 0..16 {
            let (server, written) = (&server, &written);
            scope.spawn(move || {
                let mut client = server.client();
                for turn in 0..25 {
                    let family = format!("f{number}-{turn}");
                    let response = put(&mut client, "shared", &family, &[]);
                    assert!(matches!(response.status, 200 | 201), "{}", response.text());
                    let version = response.version().expect("a version");
                    let other = written.lock().expect("no client panicked").insert(version, family);
                    assert_eq!(other, None, "version {version} was told to two clients");
                }
            });
        }
    });
    let written = written.into_inner().expect("no client panicked");
    assert!(written.keys().copied().eq(1..=16 * 25), "the versions have gaps");
    assert_eq!(history(&server, "shared"), written);
    conclude(&directory, server);
}

/// Each transaction raises two resources, named in the one order or the other: they stay level, and
/// nobody waits for ever.
#[test]
fn transactions_over_the_same_resources_are_atomic_in_any_order() {
    let (directory, server) = serve();
    for id in ["left", "right"] {
        assert_eq!(put(&mut server.client(), id, "v1", &[]).status, 201);
    }
    let won: Vec<usize> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..16)
            .map(|number| {
                let server = &server;
                scope.spawn(move || {
                    let mut client = server.client();
                    (0..20).filter(|_| raise_both(&mut client, number % 2 == 0)).count()
                })
            })
            .collect();
        clients.into_iter().map(|client| client.join().expect("no client panicked")).collect()
    });
    let versions = won.iter().sum::<usize>() as u64 + 1;
    assert!(versions > 1, "no transaction won");
    let level: BTreeMap<u64, String> = (1..=versions).map(|v| (v, format!("v{v}"))).collect();
    assert_eq!(history(&server, "left"), level);
    assert_eq!(history(&server, "right"), level);
    conclude(&directory, server);
}

/// Whether this client's transaction won.
fn raise_both(client: &mut Client, left_first: bool) -> bool {
    let found = get(client, "/fhir/Patient/left");
    let version = found["meta"]["versionId"].as_str().and_then(|v| v.parse::<u64>().ok());
    let version = version.expect("a version");
    let mut sides = ["left", "right"];
    if !left_first {
        sides.reverse();
    }
    let entries = sides.map(|id| {
        serde_json::json!({
            "resource": patient(Some(id), id, &format!("v{}", version + 1)),
            "request": { "method": "PUT", "url": format!("Patient/{id}"), "ifMatch": format!("W/\"{version}\"") },
        })
    });
    let bundle =
        serde_json::json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let response = client.request("POST", "/fhir", &[], bundle.to_string().as_bytes());
    let response = response.expect("an answer");
    match response.status {
        200 => true,
        409 | 412 => false,
        status => panic!("{status}: {}", response.text()),
    }
}
