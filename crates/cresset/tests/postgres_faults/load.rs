//! A mixed load on several front ends, and what must hold afterwards.

use crate::front_ends::FrontEnds;
use crate::races::Races;
use crate::support::dose::{Dice, dose};
use crate::support::http::Client;
use crate::support::ledger::Ledger;
use crate::support::store_commands::assert_sound;
use crate::worker::{Shared, Worker};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const WORKERS: usize = 8;

/// How long trouble lasts.
pub(crate) fn duration() -> Duration {
    Duration::from_secs(dose("CRESSET_FAULT_SECONDS", 6) as u64)
}

/// Lets workers write and read as long as `trouble` lasts. Then everything that they were told is held
/// against what is there, through each front end in turn, and the store is verified.
pub(crate) fn under(front_ends: &FrontEnds, dice: &mut Dice, trouble: impl FnOnce(&mut Dice)) {
    let shared = Shared::default();
    Races::prepare(&mut front_ends.doors()[0]);
    let mut ledgers: Vec<Ledger> = (0..WORKERS).map(|_| Ledger::default()).collect();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let mut workers = Vec::new();
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            let (doors, dice, name) = (front_ends.doors(), dice.split(), format!("w{number}"));
            let (done, shared) = (&done, &shared);
            workers.push(scope.spawn(move || {
                let mut worker = Worker { doors, ledger, dice, name, shared, made: 0 };
                while !done.load(Ordering::Relaxed) {
                    worker.step();
                }
                worker.made
            }));
        }
        let ended = EndOnDrop(&done);
        trouble(dice);
        // Some time without trouble shows that work goes on.
        front_ends.are_back(Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(500));
        drop(ended);
        let mut made = 0;
        for worker in workers {
            match worker.join() {
                Ok(steps) => made += steps,
                Err(panic) => {
                    eprintln!("{}", front_ends.log());
                    std::panic::resume_unwind(panic)
                }
            }
        }
        eprintln!("{made} writes were asked for");
    });
    let acknowledged: usize = ledgers.iter().map(|ledger| ledger.acknowledged).sum();
    let settled = duration().as_secs() as usize;
    eprintln!("{acknowledged} were acknowledged");
    assert!(acknowledged > 5 * settled, "{acknowledged} acknowledged writes prove little");
    settle(front_ends, &shared.races, &mut ledgers);
    assert_sound(front_ends.place(), "after the trouble");
}

/// Workers stop also when what troubles them panics.
struct EndOnDrop<'a>(&'a AtomicBool);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn settle(front_ends: &FrontEnds, races: &Races, ledgers: &mut [Ledger]) {
    let mut doors = front_ends.doors();
    std::thread::scope(|scope| {
        for (number, ledger) in ledgers.iter_mut().enumerate() {
            let mut own: Vec<Client> = front_ends.doors();
            let at = number % own.len();
            scope.spawn(move || ledger.settle(&mut own[at]));
        }
    });
    races.settle(&mut doors[0]);
}
