//! Writers of one version: one wins, and the body of none of the others stays.

use crate::rig::{Rig, Rows, put};
use crate::support::server::Server;
use std::sync::Barrier;
use std::time::{Duration, Instant};

const ROUNDS: u64 = 12;
const WRITERS: usize = 8;

#[test]
fn one_of_many_writers_of_a_version_wins_within_a_server() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    let server = rig.server();
    compete(&rig, &[&server]);
}

#[test]
fn one_of_many_writers_of_a_version_wins_through_two_servers_on_one_database() {
    let Some(rig) = Rig::on_azurite(Rows::Postgres) else { return };
    let (one, other) = (rig.server(), rig.server());
    compete(&rig, &[&one, &other]);
}

#[test]
fn writers_who_name_no_version_all_win_and_leave_nothing_else() {
    let Some(rig) = Rig::on_azurite(Rows::Postgres) else { return };
    let servers = [rig.server(), rig.server()];
    let statuses = together(&[&servers[0], &servers[1]], |_| None);
    let taken = statuses.iter().filter(|status| matches!(status, 200 | 201)).count();
    assert!(taken >= 1 && statuses.iter().all(|s| matches!(s, 200 | 201 | 409)), "{statuses:?}");
    let read = servers[0].client().get("/fhir/Patient/p").expect("an answer");
    assert_eq!(read.version(), Some(taken as u64), "{statuses:?}");
    comes_to_agree(&rig, &servers[1]);
}

fn compete(rig: &Rig, servers: &[&Server]) {
    let first = put(&mut servers[0].client(), "p", "first", None).expect("an answer");
    assert_eq!(first.status, 201);
    for version in 1..=ROUNDS {
        let statuses = together(servers, |_| Some(version));
        let winners = statuses.iter().filter(|status| **status == 200).count();
        let losers = statuses.iter().filter(|status| matches!(**status, 409 | 412)).count();
        assert_eq!((winners, losers), (1, WRITERS - 1), "{statuses:?}");
    }
    for server in servers {
        let read = server.client().get("/fhir/Patient/p").expect("an answer");
        assert_eq!(read.version(), Some(ROUNDS + 1));
    }
    comes_to_agree(rig, servers[0]);
}

fn together(servers: &[&Server], tag: impl Fn(usize) -> Option<u64> + Sync) -> Vec<u16> {
    let barrier = Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        let write = |writer: usize| {
            let (mut client, barrier, tag) =
                (servers[writer % servers.len()].client(), &barrier, &tag);
            scope.spawn(move || {
                barrier.wait();
                let answer = put(&mut client, "p", &format!("by{writer}"), tag(writer));
                answer.expect("an answer").status
            })
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        writers.into_iter().map(|writer| writer.join().expect("a writer")).collect()
    })
}

/// Without a reconcile: what a refused commit put goes by itself, soon.
#[track_caller]
pub(crate) fn comes_to_agree(rig: &Rig, server: &Server) {
    let until = Instant::now() + Duration::from_secs(10);
    while let Some(problem) = rig.disagreement(&mut server.client()) {
        assert!(Instant::now() < until, "{problem}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
