//! Searches that take long, also such as nobody waits for, and what others can do meanwhile.

use crate::hub_texts;
use crate::support::http::read_response;
use crate::target::{SMALL_MIB, Target};
use std::io::{BufReader, Write};
use std::time::{Duration, Instant};

/// Threads of a server at work: those of its own, and one for each of the store's eight readers.
const MOST_THREADS: u64 = 30;

/// So many patterns for texts that are all alike.
fn patterns(count: usize) -> String {
    let patterns: Vec<_> = (0..count).map(|n| format!("{}b{n}", "a".repeat(20))).collect();
    format!("value-string:contains={}", patterns.join(","))
}

/// A search by them.
fn costly(count: usize) -> String {
    let body = format!("_summary=count&{}", patterns(count));
    format!(
        "POST /fhir/Observation/_search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[test]
fn reads_by_id_go_on_while_searches_take_all_they_get() {
    let target = Target::filled(&hub_texts::resources());
    // More of them than readers, each of some seconds.
    let mut searches: Vec<_> = (0..16).map(|_| target.connect()).collect();
    for stream in &mut searches {
        stream.write_all(costly(300).as_bytes()).unwrap();
    }
    std::thread::sleep(Duration::from_secs(1));
    for n in 0..10 {
        let since = Instant::now();
        let answer = target.get(&format!("/fhir/Observation/o{n}"));
        assert_eq!(answer.status, 200, "after {:?}: {}", since.elapsed(), answer.text());
    }
    let since = Instant::now();
    for stream in searches {
        let answer = read_response(&mut BufReader::new(stream), "POST").expect("an answer");
        assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
        if answer.status == 503 {
            let told = answer.text();
            assert!(
                told.contains("too-costly") || answer.header("retry-after").is_some(),
                "{told}"
            );
        }
    }
    assert!(since.elapsed() < Duration::from_secs(50), "{:?}", since.elapsed());
    target.goes_on(SMALL_MIB);
}

#[test]
fn searches_that_nobody_waits_for_count_until_they_end() {
    let target = Target::filled(&hub_texts::resources());
    let mut most = 0;
    for _ in 0..60 {
        let mut stream = target.connect();
        stream.write_all(costly(40).as_bytes()).unwrap();
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

/// What a conditional create asks is asked again where it is written, and nobody else writes then.
#[test]
fn costly_conditions_hold_nobody_up() {
    let target = Target::filled(&hub_texts::resources());
    let conditional = serde_json::json!({
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [{
            "resource": { "resourceType": "Observation", "status": "final", "code": { "text": "x" } },
            "request": { "method": "POST", "url": "Observation", "ifNoneExist": patterns(150) },
        }],
    });
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| target.post("/fhir", conditional.to_string()));
        let mut longest = Duration::ZERO;
        while !asking.is_finished() {
            let since = Instant::now();
            let basic = r#"{"resourceType":"Basic","code":{"text":"x"}}"#;
            assert_eq!(target.post("/fhir/Basic", basic).status, 201);
            longest = longest.max(since.elapsed());
            std::thread::sleep(Duration::from_millis(50));
        }
        let answer = asking.join().expect("an answer");
        eprintln!("{} for the condition, others waited {longest:?} at most", answer.status);
        assert!(matches!(answer.status, 200 | 503), "{}", answer.text());
        assert!(longest < Duration::from_secs(5), "others waited {longest:?}");
    });
    target.goes_on(SMALL_MIB);
}
