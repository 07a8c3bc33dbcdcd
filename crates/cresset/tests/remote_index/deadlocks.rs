//! Somebody locks resources in the wrong order, while many consumers and clients write them.

use crate::rig::{Rig, SOON, until};
use crate::support::dose::Dice;
use crate::support::http::Client;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const CONSUMERS: usize = 4;
const WRITERS: usize = 3;
const ROUNDS: usize = 10;
const RESOURCES: u64 = 24;
/// Deadlocks after which there were enough.
const ENOUGH: u64 = 6;

#[test]
fn deadlocks_are_tried_again_and_counted_and_no_client_sees_one() {
    let Some(rig) = Rig::new() else { return };
    // Who waits is looked at once, after this time: the other one has to wait, too, by then.
    rig.postgres.set("deadlock_timeout", "200ms");
    rig.postgres.reload();
    rig.postgres.sql("CREATE TABLE own_deadlock (n int)");
    let server = rig.remote.server(&[]);
    let indexers: Vec<_> = (0..CONSUMERS)
        .map(|_| rig.remote.indexer(&["--consumer-count", "2", "--metrics-listen", "127.0.0.1:0"]))
        .collect();
    let mut dice = Dice::new("remote_index deadlocks");
    write(&mut server.client(), &mut dice, 0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| {
                let (server, rig, mut dice) = (&server, &rig, dice.split());
                scope.spawn(move || {
                    let mut round = 1;
                    while round < ROUNDS || deadlocks(rig) < ENOUGH && round < 100 * ROUNDS {
                        write(&mut server.client(), &mut dice, round);
                        round += 1;
                    }
                })
            })
            .collect();
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                lock_backwards(&rig);
                std::thread::sleep(Duration::from_millis(300));
            }
        });
        let outcomes: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        done.store(true, Ordering::Relaxed);
        outcomes.into_iter().for_each(|outcome| outcome.expect("no client saw anything of it"));
    });
    rig.await_index(SOON);
    assert!(deadlocks(&rig) >= ENOUGH, "{} deadlocks", deadlocks(&rig));
    let addresses = indexers.iter().map(|indexer| metrics_address(&indexer.log()));
    let addresses: Vec<SocketAddr> = addresses.chain([server.address]).collect();
    until("each deadlock is counted once", SOON, || {
        addresses.iter().map(|address| retried(*address)).sum::<u64>() == deadlocks(&rig)
    });
    for indexer in indexers {
        indexer.stop_cleanly();
    }
    rig.assert_whole();
}

/// How many of the database's deadlocks had one of Cresset's transactions as their victim.
fn deadlocks(rig: &Rig) -> u64 {
    let counted = rig.postgres.sql(
        "SELECT (SELECT sum(deadlocks) FROM pg_stat_database) - (SELECT count(*) FROM own_deadlock)",
    );
    counted.trim().parse().expect("a number")
}

/// Holds the last resource while asking for the first ones, and waits longer than most of those whom it is
/// in the way of: they are the victims.
fn lock_backwards(rig: &Rig) {
    let collection = rig.remote.collection();
    let lock = |order: &str| {
        format!("PERFORM 1 FROM {collection}.resource ORDER BY type, id {order} LIMIT 1 FOR UPDATE")
    };
    let (last, first) = (lock("DESC"), lock("ASC"));
    rig.postgres.sql(&format!(
        "SET deadlock_timeout = '1s'; DO $$ BEGIN
            BEGIN {last}; PERFORM pg_sleep(0.1); {first};
            EXCEPTION WHEN deadlock_detected THEN INSERT INTO own_deadlock VALUES (1); END;
         END $$"
    ));
}

/// All resources in any order, with values that they share.
fn write(client: &mut Client, dice: &mut Dice, round: usize) {
    let mut numbers: Vec<u64> = (0..RESOURCES).collect();
    numbers.sort_by_cached_key(|_| dice.below(1 << 32));
    let entries: Vec<Value> = numbers.into_iter().map(|number| entry(number, round)).collect();
    let bundle = json!({ "resourceType": "Bundle", "type": "transaction", "entry": entries });
    let headers = [("content-type", "application/fhir+json")];
    let answer = client.request("POST", "/fhir", &headers, bundle.to_string().as_bytes());
    let answer = answer.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

fn entry(number: u64, round: usize) -> Value {
    let id = format!("o{number:02}");
    let shared = json!([{ "system": format!("urn:round{round}"), "code": "shared" }]);
    let resource = json!({ "resourceType": "Observation", "id": id, "status": "final",
        "code": { "coding": shared }, "category": [{ "coding": shared }],
        "subject": { "reference": format!("Patient/p{}", round % 5) } });
    let request = json!({ "method": "PUT", "url": format!("Observation/{id}") });
    json!({ "resource": resource, "request": request })
}

/// Where a consumer tells its metrics, by its log.
fn metrics_address(log: &str) -> SocketAddr {
    let line = log.lines().find(|line| line.contains("metrics are told")).expect("it says where");
    let from = line.find("127.0.0.1:").expect("an address");
    let address: String =
        line[from..].chars().take_while(|c| c.is_ascii_digit() || ".:".contains(*c)).collect();
    address.parse().expect("an address")
}

/// How many deadlocks a process says that it tried again after.
fn retried(address: SocketAddr) -> u64 {
    let text = Client::new(address).get("/metrics").expect("an answer").text();
    let name = r#"cresset_transaction_retries_total{cause="deadlock"} "#;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.map_or(0, |count| count.parse().expect("a number"))
}
