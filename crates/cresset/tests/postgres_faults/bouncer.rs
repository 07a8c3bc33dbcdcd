//! Front ends behind PgBouncer in transaction mode, whose sessions end under them.

use crate::front_ends::FrontEnds;
use crate::load;
use crate::support::dose::Dice;
use crate::support::place::Place;
use cresset_postgres_server::{Bouncer, Server};
use std::time::{Duration, Instant};

/// Two front ends have up to 24 connections.
const SESSIONS: usize = 6;

#[test]
fn front_ends_share_the_few_sessions_of_pgbouncer() {
    let Some(server) = Server::start() else { return };
    let Some(bouncer) = Bouncer::start(&server, SESSIONS) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let front_ends = FrontEnds::start(2, Place::database(&bouncer.url(), folder.path()));
    let mut dice = Dice::new("postgres_faults");
    load::under(&front_ends, &mut dice, |dice| {
        let end = Instant::now() + load::duration();
        while Instant::now() < end {
            std::thread::sleep(Duration::from_millis(200 + dice.below(400)));
            let sessions = server.sql(
                "SELECT count(*) FROM pg_stat_activity
                 WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
            );
            let sessions: usize = sessions.parse().expect("a number");
            assert!(sessions <= SESSIONS, "{sessions} sessions: something goes past PgBouncer");
            server.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM (
                   SELECT pid FROM pg_stat_activity
                   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
                   ORDER BY random() LIMIT 1) chosen",
            );
        }
    });
}
