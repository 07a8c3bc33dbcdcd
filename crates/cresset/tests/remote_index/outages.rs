//! The broker is down, and messages are lost.

use crate::rig::{Rig, SOON, found, found_strongly, must_put, put, until};
use std::time::{Duration, Instant};

#[test]
fn without_a_broker_writes_are_refused_and_reads_go_on() {
    let Some(rig) = Rig::with_a_broker() else { return };
    let broker = rig.broker.as_ref().expect("its own");
    let server = rig.remote.server(&[]);
    let _indexer = rig.remote.indexer(&[]);
    let client = &mut server.client();
    must_put(client, "a", "before");
    assert_eq!(found_strongly(client, "before"), ["a"]);
    broker.kill();
    for attempt in 0..4 {
        let begun = Instant::now();
        let refused = put(client, "a", "during").expect("an answer");
        assert_eq!(refused.status, 503, "{}", refused.text());
        assert!(refused.header("retry-after").is_some());
        let limit = Duration::from_secs(if attempt == 0 { 12 } else { 11 });
        assert!(begun.elapsed() < limit, "attempt {attempt} took {:?}", begun.elapsed());
    }
    let read = client.get("/fhir/Patient/a").expect("an answer");
    assert_eq!((read.status, read.version()), (200, Some(1)), "nothing half-done");
    assert_eq!(found(client, "before"), ["a"]);
    broker.restart();
    until("writes are taken again", SOON, || {
        put(client, "a", "after").expect("an answer").status < 300
    });
    until("they are found", SOON, || found(client, "after") == ["a"]);
    assert_eq!(found(client, "before"), [""; 0]);
    rig.await_index(SOON);
    rig.assert_whole();
}

#[test]
fn what_a_broker_loses_is_announced_again() {
    let Some(rig) = Rig::new() else { return };
    let server = rig.remote.server(&[("CRESSET_INDEX_OVERDUE", "1000")]);
    let client = &mut server.client();
    // Of the same group, it takes them for another installation's, and commits their offsets.
    let thief = rig.remote.indexer_of("nobody", &rig.remote.topic, &[]);
    for n in 0..50 {
        must_put(client, &format!("p{n}"), "lost");
    }
    until(&format!("they are gone: {}", thief.log()), SOON, || {
        thief.counted("ignored").is_some_and(|count| count >= 50)
    });
    thief.stop_cleanly();
    assert_eq!(rig.pending(), 50);
    let indexer = rig.remote.indexer(&[]);
    rig.await_index(SOON);
    assert_eq!(found(client, "lost").len(), 50);
    indexer.stop_cleanly();
    rig.assert_whole();
}
