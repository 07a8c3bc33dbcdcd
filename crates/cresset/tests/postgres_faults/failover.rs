//! A primary dies and its standby takes over: front ends come back by themselves, with all that was
//! acknowledged.

use crate::front_ends::FrontEnds;
use crate::load;
use crate::support::dose::Dice;
use crate::support::place::Place;
use cresset_postgres_server::Server;
use std::time::{Duration, Instant};

/// How long a fail-over may take, from the promotion on.
const PATIENCE: Duration = Duration::from_secs(30);

/// A primary, and a standby that has each commit before that is acknowledged.
fn pair() -> Option<(Server, Server)> {
    let primary = Server::start()?;
    let standby = primary.standby("second");
    // A standby that was promoted has nobody to wait for.
    standby.set("synchronous_standby_names", "");
    standby.reload();
    primary.set("synchronous_standby_names", "second");
    primary.reload();
    let until = Instant::now() + Duration::from_secs(30);
    while primary.sql("SELECT sync_state FROM pg_stat_replication") != "sync" {
        assert!(Instant::now() < until, "the standby doesn't follow");
        std::thread::sleep(Duration::from_millis(50));
    }
    Some((primary, standby))
}

fn url(first: &Server, second: &Server, attributes: &str) -> String {
    let (first, second) = (first.port(), second.port());
    format!("postgres://postgres@127.0.0.1:{first},127.0.0.1:{second}/postgres{attributes}")
}

#[test]
fn acknowledged_writes_survive_a_fail_over_and_an_old_primary_is_not_gone_back_to() {
    let Some((primary, standby)) = pair() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let url = url(&primary, &standby, "?target_session_attrs=read-write");
    let front_ends = FrontEnds::start(2, Place::database(&url, folder.path()));
    let mut dice = Dice::new("postgres_faults");
    load::under(&front_ends, &mut dice, |dice| {
        std::thread::sleep(load::duration() / 4 + Duration::from_millis(dice.below(1_000)));
        primary.kill9();
        std::thread::sleep(Duration::from_millis(dice.below(1_500)));
        standby.promote();
        let took = front_ends.are_back(PATIENCE);
        eprintln!("both front ends are back {took:?} after the promotion");
        std::thread::sleep(load::duration() / 4);
        // Somebody starts the old primary as it was. It takes writes, but must not get any, not even
        // when the new one can't be reached.
        primary.set("synchronous_standby_names", "");
        primary.run_up();
        eprintln!("the old primary runs again");
        for _ in 0..3 {
            standby.restart_immediately();
            front_ends.are_back(PATIENCE);
        }
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cresset'";
        assert_eq!(primary.sql(sessions), "0", "front ends stay away from the old primary");
        assert_ne!(standby.sql(sessions), "0", "they are at the new one");
    });
    drop(primary);
}

#[test]
fn of_two_servers_the_one_that_writes_is_found_wherever_it_stands() {
    let Some((primary, standby)) = pair() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    // The standby first, and nothing said of what is wanted.
    let front_ends =
        FrontEnds::start(2, Place::database(&url(&standby, &primary, ""), folder.path()));
    let mut dice = Dice::new("postgres_faults");
    load::under(&front_ends, &mut dice, |_| {
        let until = Instant::now() + load::duration() / 2;
        while Instant::now() < until {
            std::thread::sleep(Duration::from_millis(300));
            primary.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE application_name = 'cresset'",
            );
            let sessions = "SELECT count(*) FROM pg_stat_activity
                            WHERE application_name = 'cresset' AND xact_start IS NOT NULL";
            assert_eq!(standby.sql(sessions), "0", "nothing is read from the standby");
        }
    });
}
