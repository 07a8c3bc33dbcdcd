//! More requests at once than the server takes.

use crate::support::http::read_response;
use crate::target::{SMALL_MIB, Target, refused};
use std::io::{BufReader, Write};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The server takes 512 requests at a time.
const TAKEN: usize = 512;

#[test]
fn requests_beyond_the_limit_are_turned_away_with_advice() {
    let target = Target::start();
    let head = "PUT /fhir/Patient/a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n";
    let body = r#"{"resourceType":"Patient","id":"a"}"#;
    // Each holds a place until its body is there.
    let mut holders: Vec<_> = (0..TAKEN + 88).map(|_| target.connect()).collect();
    for stream in &mut holders {
        stream
            .write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())
            .unwrap();
    }
    let mut turned_away = 0;
    for stream in &holders {
        let mut byte = [0];
        stream.set_read_timeout(Some(std::time::Duration::from_millis(3))).unwrap();
        turned_away += usize::from(stream.peek(&mut byte).is_ok());
    }
    assert!((1..=88).contains(&turned_away), "{turned_away} were turned away");
    let another = target.get("/fhir/Patient/a");
    refused(&another, 503, "throttled");
    let retry = another.header("retry-after").and_then(|after| after.parse::<u32>().ok());
    assert!(retry.is_some_and(|seconds| seconds > 0), "{retry:?}");
    assert_eq!(target.get("/health/live").status, 200, "health does not count");
    for stream in &mut holders {
        let _ = stream.write_all(body.as_bytes());
    }
    let mut statuses = Vec::new();
    for stream in holders {
        stream.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        statuses.push(
            read_response(&mut BufReader::new(stream), "PUT")
                .map(|answer| answer.status)
                .unwrap_or(0),
        );
    }
    let served = statuses.iter().filter(|status| matches!(status, 200 | 201 | 409)).count();
    let busy = statuses.iter().filter(|status| **status == 503).count();
    assert!(served >= TAKEN && busy >= 1 && served + busy == TAKEN + 88, "{statuses:?}");
    target.goes_on(SMALL_MIB);
}

#[test]
fn a_crowd_is_served_or_asked_to_come_back() {
    let target = Target::start();
    let (served, busy) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for number in 0..200 {
            let (target, served, busy) = (&target, &served, &busy);
            scope.spawn(move || {
                let mut client = target.client();
                for turn in 0..5 {
                    let id = format!("{number}-{turn}");
                    let body = format!(r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"ZZSECRETZZ"}}]}}"#);
                    let answer = client.request("PUT", &format!("/fhir/Patient/{id}"), &[], body.as_bytes());
                    let answer = answer.expect("an answer");
                    match answer.status {
                        201 => served.fetch_add(1, Ordering::Relaxed),
                        503 => {
                            assert!(answer.header("retry-after").is_some());
                            busy.fetch_add(1, Ordering::Relaxed)
                        }
                        other => panic!("{other}: {}", answer.text()),
                    };
                }
            });
        }
    });
    let (served, busy) = (served.into_inner(), busy.into_inner());
    assert_eq!(served + busy, 1_000);
    let counted = target.get("/fhir/Patient?_summary=count").json()["total"].as_u64();
    assert_eq!(counted, Some(served as u64), "{busy} were turned away");
    target.goes_on(SMALL_MIB);
}
