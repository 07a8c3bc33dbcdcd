//! Everything at once, at random: faults of the object store and of connections, dead servers, writers who
//! compete, and a reconcile that deletes beside all of it.

use crate::front_ends::FrontEnds;
use crate::races::Races;
use crate::reconcile;
use crate::rig::{DEADLINE, GRACE, Rig, Rows};
use crate::support::dose::{Dice, dose};
use crate::support::ledger::Ledger;
use crate::support::store_commands::assert_sound;
use crate::worker::{Shared, Worker};
use cresset_blob_server::{Fault, Rule};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WORKERS: usize = 6;

#[test]
fn nothing_is_lost_and_nothing_stays_on_sqlite() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    survive(&rig, 1);
}

#[test]
fn nothing_is_lost_and_nothing_stays_through_two_servers_on_postgresql() {
    let Some(rig) = Rig::on_azurite(Rows::Postgres) else { return };
    survive(&rig, 2);
}

fn survive(rig: &Rig, count: usize) {
    let front_ends = FrontEnds::start(rig, count);
    let mut dice = Dice::new("offload_faults");
    let shared = Shared::default();
    Races::prepare(&mut front_ends.doors()[0]);
    let mut ledgers: Vec<Ledger> = (0..WORKERS).map(|_| Ledger::default()).collect();
    let done = AtomicBool::new(false);
    let mut taken = 0;
    std::thread::scope(|scope| {
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            let (doors, dice, name) = (front_ends.doors(), dice.split(), format!("w{number}"));
            let mut worker = Worker { doors, ledger, dice, name, shared: &shared, made: 0 };
            let done = &done;
            scope.spawn(move || {
                let _ended = EndOnDrop(done);
                while !done.load(Ordering::Relaxed) {
                    let before = worker.ledger.acknowledged;
                    worker.step();
                    // Who is refused comes again after a while.
                    let refused = worker.ledger.acknowledged == before;
                    std::thread::sleep(Duration::from_millis(if refused { 40 } else { 5 }));
                }
            });
        }
        let deleting = scope.spawn(|| reconcile_until(rig, &done));
        let ended = EndOnDrop(&done);
        trouble(rig, &front_ends, &mut dice, &done);
        // Some time without trouble, for reconciles to end.
        std::thread::sleep(Duration::from_secs(DEADLINE));
        drop(ended);
        taken = deleting.join().unwrap_or_else(|panic| {
            eprintln!("{}", front_ends.log());
            std::panic::resume_unwind(panic)
        });
    });
    let acknowledged: usize = ledgers.iter().map(|ledger| ledger.acknowledged).sum();
    let slowest = slowest_write(rig);
    eprintln!(
        "{acknowledged} writes acknowledged, the slowest after {slowest:?}; {taken} orphans taken away meanwhile"
    );
    assert!(acknowledged > 2 * rounds(), "{acknowledged} acknowledged writes prove little");
    settle(rig, &front_ends, &shared.races, &mut ledgers);
}

fn rounds() -> usize {
    dose("CRESSET_FAULT_ROUNDS", 25)
}

/// Reconciles again and again; how many orphans went.
fn reconcile_until(rig: &Rig, done: &AtomicBool) -> u64 {
    let (mut taken, mut ended, mut began) = (0, 0, 0);
    while !done.load(Ordering::Relaxed) {
        let report = reconcile::beside(rig);
        began += 1;
        if report.said.contains("missing   ") {
            done.store(true, Ordering::Relaxed);
            let slowest = slowest_write(rig);
            panic!("a row lost its body; the slowest write took {slowest:?}: {}", report.said);
        }
        match report.status {
            Some(0) => ended += 1,
            // It says why, and comes again.
            _ => assert!(report.log.contains("reached"), "{}{}", report.said, report.log),
        }
        taken += report.number("deleted").unwrap_or_default();
        std::thread::sleep(Duration::from_millis(200));
    }
    eprintln!("{ended} of {began} reconciles came to their end");
    taken
}

/// Of all that were acknowledged: one that took longer than the grace without the deadline may have lost its
/// body to a grace that is too short for this machine.
fn slowest_write(rig: &Rig) -> Duration {
    let log = std::fs::read_to_string(rig.place().log()).unwrap_or_default();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let writes = lines.filter(|line| {
        line["method"] != "GET" && line["status"].as_u64().is_some_and(|status| status < 300)
    });
    let slowest = writes.filter_map(|line| line["microseconds"].as_u64()).max();
    Duration::from_micros(slowest.unwrap_or_default())
}

fn trouble(rig: &Rig, front_ends: &FrontEnds<'_>, dice: &mut Dice, done: &AtomicBool) {
    let mut counts = [0; 5];
    for _ in 0..rounds() {
        if done.load(Ordering::Relaxed) {
            return;
        }
        let kind = match dice.below(20) {
            0..=11 => 0,
            12..=13 => 1,
            14..=15 => 2,
            16..=17 => 3,
            _ => 4,
        };
        counts[kind] += 1;
        match kind {
            0 => break_requests(rig, dice),
            1 => stall_requests(rig, dice),
            2 => {
                rig.azurite().kill();
                pause(dice, 10, 400);
                rig.azurite().restart();
            }
            3 => front_ends.kill_one(dice),
            _ => drop(front_ends.crash_one(dice)),
        }
        pause(dice, 20, 200);
    }
    let [broken, stalled, outages, kills, points] = counts;
    let struck = rig.proxy().struck();
    eprintln!(
        "{broken} times broken requests, {stalled} stalled ({struck} requests struck); the object store died \
         {outages} times, servers {kills} times at random and {points} at a point"
    );
}

/// Some requests of a kind fail for a while.
fn break_requests(rig: &Rig, dice: &mut Dice) {
    let fault = match dice.below(4) {
        0 => Fault::Answer(500),
        1 => Fault::Answer(503),
        2 => Fault::Cut,
        _ => Fault::Delay(Duration::from_millis(50 + dice.below(3000))),
    };
    let rule = Rule::new(fault).sometimes(0.1 + dice.below(9) as f64 / 10., dice.below(u64::MAX));
    let rule = if dice.below(2) == 0 { rule.afterwards() } else { rule };
    rig.proxy().add(match dice.below(4) {
        0 => rule,
        1 => rule.method("GET"),
        2 => rule.method("POST"),
        _ => rule.method("PUT"),
    });
    pause(dice, 50, 500);
    rig.proxy().clear();
}

/// Some stand still, and go on after all.
fn stall_requests(rig: &Rig, dice: &mut Dice) {
    let rule = Rule::new(Fault::Stall).next(1 + dice.below(8) as usize);
    let rule = if dice.below(2) == 0 { rule.afterwards() } else { rule };
    rig.proxy().add(match dice.below(2) {
        0 => rule.method("PUT"),
        _ => rule.method("POST"),
    });
    pause(dice, 100, 600);
    rig.proxy().clear();
    rig.proxy().release();
}

fn pause(dice: &mut Dice, least: u64, more: u64) {
    std::thread::sleep(Duration::from_millis(least + dice.below(more)));
}

/// Holds all that was acknowledged against what servers without anything in memory read.
fn settle(rig: &Rig, front_ends: &FrontEnds<'_>, races: &Races, ledgers: &mut [Ledger]) {
    front_ends.restart_all();
    std::thread::scope(|scope| {
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            let mut doors = front_ends.doors();
            let at = number % doors.len();
            scope.spawn(move || ledger.settle(&mut doors[at]));
        }
    });
    let client = &mut front_ends.doors()[0];
    races.settle(client);
    assert_sound(&rig.place(), "after the trouble");
    std::thread::sleep(Duration::from_secs(GRACE + 1));
    let last = reconcile::beside(rig).succeeded();
    assert_eq!(last.number("young"), Some(0), "{}", last.said);
    eprintln!("the last one: {}", last.said.replace('\n', "; "));
    // A connection may have idled for too long.
    rig.assert_agreement(&mut front_ends.doors()[0], "after the last reconcile");
}

/// Workers stop also when one of them panics.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
