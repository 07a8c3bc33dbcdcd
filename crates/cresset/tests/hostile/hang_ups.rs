//! Clients that ask for much and don't wait for the answer.

use crate::hub_texts;
use crate::target::{SMALL_MIB, Target};
use std::io::Write;
use std::time::{Duration, Instant};

/// Threads of a server at work: those of its own, and one for each of the store's eight readers.
const MOST_THREADS: u64 = 30;

#[test]
fn searches_that_nobody_waits_for_count_until_they_end() {
    let target = Target::filled(&hub_texts::resources());
    let patterns: Vec<_> = (0..40).map(|n| format!("{}b{n}", "a".repeat(20))).collect();
    let body = format!("_summary=count&value-string:contains={}", patterns.join(","));
    let request = format!(
        "POST /fhir/Observation/_search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut most = 0;
    for _ in 0..60 {
        let mut stream = target.connect();
        stream.write_all(request.as_bytes()).unwrap();
        // Long enough for the search to begin.
        std::thread::sleep(Duration::from_millis(50));
        drop(stream);
        most = most.max(target.threads());
    }
    eprintln!("{most} threads at most, {} MiB", target.peak_mib());
    assert!(most <= MOST_THREADS, "{most} threads are at work");
    // They end, and others are served again.
    let until = Instant::now() + Duration::from_secs(60);
    while target.get("/fhir/Observation/o1").status != 200 {
        assert!(Instant::now() < until, "nobody is served any more");
    }
    target.goes_on(SMALL_MIB);
}
