//! Front ends are killed, connections cut, and the server restarted, at random moments.

use crate::front_ends::FrontEnds;
use crate::load;
use crate::support::dose::Dice;
use crate::support::place::Place;
use cresset_postgres_server::Server;
use std::time::{Duration, Instant};

#[test]
fn two_front_ends_lose_nothing_while_connections_front_ends_and_the_server_die() {
    survive(2);
}

#[test]
fn four_front_ends_lose_nothing_while_connections_front_ends_and_the_server_die() {
    survive(4);
}

fn survive(count: usize) {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let front_ends = FrontEnds::start(count, Place::database(&server.url(), folder.path()));
    let mut dice = Dice::new("postgres_faults");
    load::under(&front_ends, &mut dice, |dice| {
        let end = Instant::now() + load::duration();
        let mut done = [0; 3];
        while Instant::now() < end || done.contains(&0) {
            std::thread::sleep(Duration::from_millis(50 + dice.below(400)));
            let kind = match dice.below(10) {
                0..=6 => 0,
                7..=8 => 1,
                _ => 2,
            };
            match kind {
                0 => cut_connections(&server, dice),
                1 => front_ends.kill_one(dice),
                _ => server.restart_immediately(),
            }
            done[kind] += 1;
        }
        let [cuts, kills, restarts] = done;
        eprintln!("{count} front ends: {cuts} cuts, {kills} kills, {restarts} restarts");
    });
}

/// Ends up to three sessions of front ends, those at work first.
fn cut_connections(server: &Server, dice: &mut Dice) {
    let some = 1 + dice.below(3);
    server.sql(&format!(
        "SELECT count(pg_terminate_backend(pid)) FROM (
           SELECT pid FROM pg_stat_activity WHERE application_name = 'cresset'
           ORDER BY state = 'idle', random() LIMIT {some}) chosen"
    ));
}
