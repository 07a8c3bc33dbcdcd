//! Bundles of a hundred thousand entries.

use crate::support::http::{Response, read_response};
use crate::target::{SECRET, SMALL_MIB, Target, refused};
use std::io::{BufReader, Write};
use std::time::Duration;

const ENTRIES: usize = 100_000;

/// What a Bundle of this size may cost: the server's default limit on a body allows for ten times as
/// much text.
const BUNDLE_MIB: u64 = 1_024;

fn bundle(kind: &str, entries: impl Iterator<Item = String>) -> String {
    let entries: Vec<_> = entries.collect();
    format!(r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#, entries.join(","))
}

fn create(number: usize) -> String {
    format!(
        r#"{{"fullUrl":"urn:uuid:00000000-0000-4000-8000-{number:012}","resource":{{"resourceType":"Basic","code":{{"text":"{SECRET}"}}}},"request":{{"method":"POST","url":"Basic"}}}}"#
    )
}

fn read(number: usize) -> String {
    format!(r#"{{"request":{{"method":"GET","url":"Basic/{number}"}}}}"#)
}

#[test]
fn a_transaction_of_a_hundred_thousand_is_one_commit_or_none() {
    let target = Target::start();
    // A fault in the last entry: none of the others is written.
    let fault = r#"{"resource":{"resourceType":"Basic","code":"ZZSECRETZZ"},"request":{"method":"POST","url":"Basic"}}"#;
    let faulty = bundle("transaction", (1..ENTRIES).map(create).chain([fault.to_owned()]));
    let answer = patiently(&target, &faulty);
    if answer.status == 422 {
        refused(&answer, 422, "structure");
        let place =
            answer.json()["issue"][0]["expression"][0].as_str().unwrap_or_default().to_owned();
        assert_eq!(place, format!("Bundle.entry[{}].resource.code", ENTRIES - 1));
    } else {
        refused(&answer, 413, "too-long");
    }
    assert_eq!(total(&target), 0);
    let answer = patiently(&target, &bundle("transaction", (0..ENTRIES).map(create)));
    match answer.status {
        200 => assert_eq!(total(&target), ENTRIES as u64),
        _ => refused(&answer, 413, "too-long"),
    }
    target.goes_on(BUNDLE_MIB);
}

#[test]
fn a_batch_of_a_hundred_thousand_is_answered_entry_by_entry() {
    let target = Target::start();
    let answer = patiently(&target, &bundle("batch", (0..ENTRIES).map(read)));
    match answer.status {
        200 => {
            let statuses = answer.text().matches(r#""status":"404"#).count();
            assert_eq!(statuses, ENTRIES);
        }
        _ => refused(&answer, 413, "too-long"),
    }
    target.goes_on(BUNDLE_MIB);
}

#[test]
fn bundles_that_contradict_themselves_are_refused() {
    let target = Target::start();
    let put = r#"{"resource":{"resourceType":"Patient","id":"a"},"request":{"method":"PUT","url":"Patient/a"}}"#;
    for (kind, entries) in [
        ("transaction", vec![put, put]),
        ("transaction", vec![r#"{"request":{"method":"BREW","url":"Patient"}}"#]),
        ("transaction", vec![r#"{"request":{"method":"GET","url":"../../etc/passwd"}}"#]),
        ("transaction", vec![r#"{"resource":{"resourceType":"Patient"}}"#]),
        (
            "transaction",
            vec![
                r#"{"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Observation"}}"#,
            ],
        ),
        ("document", vec![]),
        ("ZZSECRETZZ", vec![]),
    ] {
        let answer = target.post("/fhir", bundle(kind, entries.iter().map(|e| (*e).to_owned())));
        assert!(matches!(answer.status, 400..=499), "{kind} {entries:?}: {}", answer.text());
        assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{}", answer.text());
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
    }
    assert_eq!(target.get("/fhir/Patient/a").status, 404);
    target.goes_on(SMALL_MIB);
}

/// Posts a Bundle; a debug build may take longer than clients wait for anything else.
fn patiently(target: &Target, bundle: &str) -> Response {
    let mut stream = target.connect();
    stream.set_read_timeout(Some(Duration::from_secs(300))).expect("a time-out");
    let head = "POST /fhir HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n";
    write!(stream, "{head}Content-Length: {}\r\n\r\n{bundle}", bundle.len()).expect("it is taken");
    read_response(&mut BufReader::new(stream), "POST").expect("an answer")
}

fn total(target: &Target) -> u64 {
    target.get("/fhir/Basic?_summary=count").json()["total"].as_u64().expect("a total")
}
