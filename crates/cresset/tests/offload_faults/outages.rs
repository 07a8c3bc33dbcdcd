//! The object store fails: writes and uncached reads are 503, cached reads go on, and nothing stays.

use crate::reconcile;
use crate::rig::{Rig, Rows, assert_unavailable, put};
use cresset_blob_server::{Fault, Rule};
use std::time::{Duration, Instant};

fn read(rig: &crate::support::server::Server, id: &str) -> crate::support::http::Response {
    rig.client().get(&format!("/fhir/Patient/{id}")).expect("an answer")
}

fn written(server: &crate::support::server::Server, id: &str, family: &str) -> u16 {
    put(&mut server.client(), id, family, None).expect("an answer").status
}

#[test]
fn while_the_object_store_is_dead_what_is_cached_is_read_and_the_rest_is_503() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    let server = rig.server();
    for id in ["cached", "other"] {
        assert_eq!(written(&server, id, "First"), 201);
    }
    server.stop_cleanly();
    let server = rig.server();
    assert_eq!(read(&server, "cached").status, 200);
    rig.azurite().kill();
    for attempt in 0..6 {
        assert_eq!(read(&server, "cached").status, 200, "attempt {attempt}");
        assert_unavailable(&read(&server, "other"));
        let answer = put(&mut server.client(), "other", "Second", None).expect("an answer");
        assert_unavailable(&answer);
    }
    // By now it is known to be down, and nobody waits to find out.
    let begun = Instant::now();
    for _ in 0..10 {
        assert_unavailable(&read(&server, "other"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?} for ten refusals", begun.elapsed());
    // What has no body needs no object store.
    let deleted = server.client().request("DELETE", "/fhir/Patient/cached", &[], &[]);
    assert_eq!(deleted.expect("an answer").status, 204);
    rig.azurite().restart();
    let begun = Instant::now();
    while written(&server, "other", "Third") == 503 {
        assert!(begun.elapsed() < Duration::from_secs(20), "it doesn't recover: {}", server.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(read(&server, "other").version(), Some(2));
    server.stop_cleanly();
    reconcile::in_quiet(&rig);
    rig.assert_agreement(&mut rig.server().client(), "after the outage");
}

#[test]
fn a_single_fault_is_repaired_by_asking_again() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    let server = rig.server();
    for (number, (fault, after)) in faults().into_iter().enumerate() {
        let told = format!("{fault:?}, after it was done: {after}");
        let id = format!("p{number}");
        rig.proxy().add(rule(fault, after).method("PUT").next(1));
        assert_eq!(written(&server, &id, "One"), 201, "{told}");
        rig.proxy().add(rule(fault, after).method("POST").next(1));
        let late = put(&mut server.client(), &id, "Late", Some(7)).expect("an answer");
        assert_eq!(late.status, 412, "{told}: {}", late.text());
        rig.proxy().clear();
    }
    server.stop_cleanly();
    // A cold one.
    let server = rig.server();
    for (number, (fault, after)) in faults().into_iter().enumerate() {
        rig.proxy().add(rule(fault, after).method("GET").next(1));
        assert_eq!(read(&server, &format!("p{number}")).status, 200, "{fault:?} {after}");
        rig.proxy().clear();
    }
    assert_eq!(rig.proxy().struck(), 3 * faults().len(), "each fault struck");
    rig.assert_agreement(&mut server.client(), "after single faults");
}

#[test]
fn faults_that_stay_are_503_and_leave_nothing_that_reconciling_does_not_find() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    assert_eq!(written(&rig.server(), "p", "One"), 201);
    let slow = Fault::Delay(Duration::from_secs(3));
    for (fault, after) in faults().into_iter().chain([(slow, false), (slow, true)]) {
        let told = format!("{fault:?}, after it was done: {after}");
        let server = rig.server();
        rig.proxy().add(rule(fault, after).method("PUT"));
        rig.proxy().add(rule(fault, after).method("POST"));
        let begun = Instant::now();
        let answer = put(&mut server.client(), "p", "Two", None).expect("an answer");
        assert_unavailable(&answer);
        assert!(begun.elapsed() < Duration::from_secs(10), "{told}: {:?}", begun.elapsed());
        if fault != slow {
            rig.proxy().add(rule(fault, after).method("GET"));
            assert_unavailable(&read(&server, "p"));
        }
        rig.proxy().clear();
        let begun = Instant::now();
        while written(&server, "p", "Three") == 503 {
            assert!(begun.elapsed() < Duration::from_secs(20), "{told}: it doesn't recover");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    // Requests that nobody waits for any more come to their end.
    std::thread::sleep(Duration::from_secs(3));
    reconcile::in_quiet(&rig);
    let server = rig.server();
    assert_eq!(read(&server, "p").version(), Some(1 + 8));
    rig.assert_agreement(&mut server.client(), "after lasting faults");
}

#[test]
fn a_refusal_does_not_wait_for_deletions_that_fail() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    let server = rig.server();
    assert_eq!(written(&server, "p", "One"), 201);
    rig.proxy().add(Rule::new(Fault::Stall).method("POST"));
    let begun = Instant::now();
    let late = put(&mut server.client(), "p", "Late", Some(7)).expect("an answer");
    assert_eq!(late.status, 412, "{}", late.text());
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    assert_eq!((rig.blobs().len(), rig.proxy().stalled()), (2, 1), "its body is there still");
    rig.proxy().clear();
    rig.proxy().release();
    crate::rivals::comes_to_agree(&rig, &server);
}

fn faults() -> Vec<(Fault, bool)> {
    let faults = [Fault::Answer(500), Fault::Answer(503), Fault::Cut];
    faults.into_iter().flat_map(|fault| [(fault, false), (fault, true)]).collect()
}

fn rule(fault: Fault, after: bool) -> Rule {
    let rule = Rule::new(fault);
    if after { rule.afterwards() } else { rule }
}
