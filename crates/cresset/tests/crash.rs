//! `kill -9` while 64 clients write: what was acknowledged is there, and nothing by halves.
//!
//! `CRESSET_CRASH_ROUNDS` (4; the full dose is 50) says how often, `CRESSET_CRASH_SEED` at which
//! moments.

mod support;

use std::time::Duration;
use support::dose::{Dice, dose};
use support::ledger::Ledger;
use support::server::Server;
use support::store_commands::assert_verified;
use support::writer::Writer;

const WRITERS: usize = 64;

#[test]
fn no_acknowledged_write_is_lost_and_no_transaction_half_there_after_kill_9() {
    let rounds = dose("CRESSET_CRASH_ROUNDS", 4);
    let mut dice = Dice::new("writers");
    let directory = tempfile::tempdir().expect("a directory");
    let data = directory.path().join("store");
    let mut acknowledged = 0;
    let mut all = Vec::new();
    for round in 0..rounds {
        let server = Server::start(&data, &[], &[]);
        let mut ledgers: Vec<Ledger> = (0..WRITERS).map(|_| Ledger::default()).collect();
        let moment = Duration::from_millis(20 + dice.below(1_000));
        std::thread::scope(|scope| {
            for (number, ledger) in ledgers.iter_mut().enumerate() {
                let (client, dice) = (server.client(), dice.split());
                let name = format!("r{round}-w{number}");
                let writer = Writer { client, ledger, dice, name, round, made: 0 };
                scope.spawn(move || writer.write_until_the_end());
            }
            std::thread::sleep(moment);
            server.kill9();
        });
        acknowledged += ledgers.iter().map(|l| l.acknowledged).sum::<usize>();
        // In turns on the files as the crash left them, and after they were opened for writing.
        if round % 2 == 0 {
            assert_verified(&data, &format!("after crash {round}, at {moment:?}"));
        }
        let server = Server::start(&data, &[], &[]);
        let mut client = server.client();
        for ledger in &mut ledgers {
            ledger.settle(&mut client);
        }
        server.kill9();
        assert_verified(&data, &format!("after the restart that followed crash {round}"));
        all.append(&mut ledgers);
    }
    // No later crash has harmed what an earlier one had left.
    let server = Server::start(&data, &[], &[]);
    let mut client = server.client();
    for ledger in &mut all {
        ledger.settle(&mut client);
    }
    eprintln!("{rounds} crashes, {acknowledged} acknowledged writes");
    assert!(acknowledged >= rounds * WRITERS / 2, "the server died before it had done anything");
}
