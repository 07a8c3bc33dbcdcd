//! Conditional creates, while the index lags.

use crate::rig::{Rig, SOON, found_strongly};
use crate::support::dose::{Dice, dose};
use crate::support::server::signal;
use serde_json::json;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const CLIENTS: usize = 32;

/// Each identifier is created by several clients at a time, with and without a condition on it.
#[test]
fn of_many_conditional_creates_of_an_identifier_one_creates() {
    let Some(rig) = Rig::new() else { return };
    let servers = [rig.remote.server(&[]), rig.remote.server(&[])];
    let indexer = rig.remote.indexer(&[]);
    let identifiers = dose("CRESSET_REMOTE_IDENTIFIERS", 60);
    let (next, created, done) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (servers, next, created) = (&servers, &next, &created);
                scope.spawn(move || {
                    let mut client = servers[number % servers.len()].client();
                    // Each identifier comes up four times, one right behind another.
                    loop {
                        let turn = next.fetch_add(1, Ordering::Relaxed) / 4;
                        if turn >= identifiers {
                            return;
                        }
                        created
                            .fetch_add(usize::from(create(&mut client, turn)), Ordering::Relaxed);
                    }
                })
            })
            .collect();
        // Lag: the consumer stands still now and then.
        scope.spawn(|| {
            let mut dice = Dice::new("remote_index");
            while !done.load(Ordering::Relaxed) {
                signal(indexer.child.id(), "-STOP");
                std::thread::sleep(Duration::from_millis(50 + dice.below(400)));
                signal(indexer.child.id(), "-CONT");
                std::thread::sleep(Duration::from_millis(20 + dice.below(200)));
            }
        });
        let outcomes: Vec<_> = clients.into_iter().map(|client| client.join()).collect();
        done.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.expect("no client failed"));
    });
    assert_eq!(created.into_inner(), identifiers, "one creates, the others find");
    rig.await_index(SOON);
    let mut all = found_strongly(&mut servers[0].client(), "unique");
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), identifiers.min(1000));
    indexer.stop_cleanly();
    rig.assert_whole();
}

/// Whether this created it; busy servers are asked again.
fn create(client: &mut crate::support::http::Client, number: usize) -> bool {
    let body = json!({ "resourceType": "Patient", "name": [{ "family": "unique" }],
        "identifier": [{ "system": "urn:numbers", "value": number.to_string() }] });
    let condition = format!("identifier=urn:numbers|{number}");
    let headers =
        [("content-type", "application/fhir+json"), ("if-none-exist", condition.as_str())];
    loop {
        let answer = client.request("POST", "/fhir/Patient", &headers, body.to_string().as_bytes());
        let answer = answer.expect("an answer");
        match answer.status {
            201 => return true,
            200 => return false,
            // Others were quicker, again and again; or the index lags.
            409 | 503 => std::thread::sleep(Duration::from_millis(50)),
            status => panic!("{status}: {}", answer.text()),
        }
    }
}
