//! Many resources go through, while consumers, the broker and the database die.

use crate::rig::{Rig, must_put, until};
use crate::support::dose::{Dice, dose};
use crate::support::http::Client;
use crate::support::remote::Indexer;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
/// Resources of one transaction.
const TOGETHER: usize = 20;

#[test]
fn all_is_indexed_and_nothing_twice() {
    let Some(rig) = Rig::with_a_broker() else { return };
    let broker = rig.broker.as_ref().expect("its own");
    let server = rig.remote.server(&[("CRESSET_INDEX_OVERDUE", "20000")]);
    let resources = dose("CRESSET_REMOTE_RESOURCES", 2000);
    let (written, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let begun = Instant::now();
    let mut indexers: Vec<Indexer> = vec![rig.remote.indexer(&[])];
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|number| {
                let (server, written) = (&server, &written);
                scope.spawn(move || write(&mut server.client(), number, resources, written))
            })
            .collect();
        let (indexers, done) = (&mut indexers, &done);
        let harm = scope.spawn(|| {
            let mut dice = Dice::new("remote_index storm");
            let mut rounds = 0;
            while !done.load(Ordering::Relaxed) || rounds < 8 {
                match (rounds % 8, indexers.len()) {
                    (3, _) => broker_dies(broker),
                    (6, _) => rig.postgres.restart_immediately(),
                    (_, 0..=1) => indexers.push(rig.remote.indexer(&["--consumer-count", "2"])),
                    (_, 2..=3) if dice.below(2) == 0 => indexers.push(rig.remote.indexer(&[])),
                    (_, count) => {
                        indexers.swap_remove(dice.below(count as u64) as usize).kill9();
                    }
                }
                rounds += 1;
                std::thread::sleep(Duration::from_millis(300 + dice.below(1200)));
            }
            rounds
        });
        let outcomes: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        let rounds = harm.join().expect("no harm to the test");
        outcomes.into_iter().for_each(|outcome| outcome.expect("no writer failed"));
        eprintln!("{rounds} times something died or came; written after {:?}", begun.elapsed());
    });
    if indexers.is_empty() {
        indexers.push(rig.remote.indexer(&[]));
    }
    let drained = Instant::now();
    let patience = Duration::from_secs(120 + resources as u64 / 100);
    until("everything is indexed", patience, || rig.pending() == 0);
    eprintln!(
        "{} resources; everything indexed {:?} later",
        written.into_inner(),
        drained.elapsed()
    );
    for indexer in indexers {
        indexer.stop_cleanly();
    }
    // By a commit of its own, so that the last ones are not announced again: nothing is left over.
    must_put(&mut server.client(), "last", "last");
    server.stop_cleanly();
    let last = rig.remote.indexer(&[]);
    rig.await_index(Duration::from_secs(60));
    last.stop_cleanly();
    rig.assert_whole();
    compare_with_inline(&rig);
}

fn broker_dies(broker: &cresset_kafka_server::Broker) {
    broker.kill();
    std::thread::sleep(Duration::from_millis(500));
    broker.restart();
}

/// As many rows as the same resources have when each commit indexes them.
fn compare_with_inline(rig: &Rig) {
    let remote = rig.index_rows();
    let mut reindex = crate::support::server::cresset(&["reindex"]);
    let output = reindex.args(rig.remote.place().options()).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(rig.index_rows(), remote, "indexing anew changes nothing");
    assert!(remote.iter().all(|rows| *rows > 0), "{remote:?}");
}

/// Transactions, each until it is taken; one in four updates what is there.
fn write(client: &mut Client, number: usize, resources: usize, written: &AtomicUsize) {
    let share = resources / WRITERS / TOGETHER;
    for round in 0..share.max(1) {
        let base = if round % 4 == 3 { round - 1 } else { round };
        let entries: Vec<Value> =
            (0..TOGETHER).map(|n| entry(number, base * TOGETHER + n, round)).collect();
        let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
        let headers = [("content-type", "application/fhir+json")];
        loop {
            let answer = client.request("POST", "/fhir", &headers, bundle.to_string().as_bytes());
            match answer.map(|answer| (answer.status, answer.text())) {
                Ok((200, _)) => break,
                Ok((503, _)) | Err(_) => std::thread::sleep(Duration::from_millis(200)),
                Ok((status, text)) => panic!("{status}: {text}"),
            }
        }
        written.fetch_add(TOGETHER, Ordering::Relaxed);
    }
}

fn entry(writer: usize, number: usize, round: usize) -> Value {
    let id = format!("w{writer}-{number}");
    let resource = json!({ "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": [{ "system": format!("urn:s{}", number % 50), "code": format!("c{}", number % 7) }],
                  "text": format!("measured in round {round}") },
        "subject": { "reference": format!("Patient/p{}", number % 100) },
        "effectiveDateTime": format!("2020-01-{:02}", 1 + number % 28),
        "valueQuantity": { "value": number, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg" } });
    json!({ "resource": resource, "request": { "method": "PUT", "url": format!("Observation/{id}") } })
}
