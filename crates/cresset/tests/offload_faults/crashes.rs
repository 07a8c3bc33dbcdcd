//! Servers that die at named points between a put and its acknowledgement.

use crate::reconcile;
use crate::rig::{Rig, Rows, put};
use std::time::{Duration, Instant};

/// What one crash leaves.
struct Left {
    point: &'static str,
    /// Whether the version is there.
    written: bool,
    /// Blobs that no row tells of.
    orphans: usize,
}

const BETWEEN: [Left; 2] = [
    Left { point: "offload-before-commit", written: false, orphans: 1 },
    Left { point: "offload-after-commit", written: true, orphans: 0 },
];
/// Points of the embedded store's writer.
const IN_THE_WRITER: [Left; 2] = [
    Left { point: "before-commit", written: false, orphans: 1 },
    Left { point: "after-commit", written: true, orphans: 0 },
];

#[test]
fn crashes_between_put_and_acknowledgement_leave_orphans_at_most_on_sqlite() {
    let Some(rig) = Rig::on_azurite(Rows::Sqlite) else { return };
    for left in BETWEEN.iter().chain(&IN_THE_WRITER) {
        crash(&rig, left);
    }
    crash_before_the_clean_up(&rig);
}

#[test]
fn crashes_between_put_and_acknowledgement_leave_orphans_at_most_in_a_directory() {
    let rig = Rig::on_files(Rows::Sqlite);
    for left in BETWEEN.iter().chain(&IN_THE_WRITER) {
        crash(&rig, left);
    }
    crash_before_the_clean_up(&rig);
}

#[test]
fn crashes_between_put_and_acknowledgement_leave_orphans_at_most_on_postgresql() {
    let Some(rig) = Rig::on_azurite(Rows::Postgres) else { return };
    for left in &BETWEEN {
        crash(&rig, left);
    }
    crash_before_the_clean_up(&rig);
}

/// Writes a version that the server dies of; then looks at what is left, and reconciles.
fn crash(rig: &Rig, left: &Left) {
    let Left { point, written, orphans } = *left;
    let server = rig.server();
    let client = &mut server.client();
    let before = match put(client, "p", "before", None).expect("an answer").version() {
        Some(version) => version,
        None => panic!("{point}: no version"),
    };
    rig.assert_agreement(client, point);
    server.stop_cleanly();
    let server = rig.server_with(&[("CRESSET_FAIL_POINT", point)]);
    let answer = put(&mut server.client(), "p", point, Some(before));
    assert!(answer.is_none(), "{point}: {answer:?}");
    assert_eq!(server.wait(Duration::from_secs(30)).code(), None, "{point}: it is aborted");
    let server = rig.server();
    let client = &mut server.client();
    let read = client.get("/fhir/Patient/p").expect("an answer");
    let family = if written { point } else { "before" };
    let found = (read.status, read.version(), read.json()["name"][0]["family"].clone());
    assert_eq!(found, (200, Some(before + u64::from(written)), family.into()), "{point}");
    let blobs = rig.blobs().len();
    // A reconcile with its grace leaves alone what is young.
    let report = reconcile::beside(rig).succeeded();
    assert_eq!((report.number("deleted"), rig.blobs().len()), (Some(0), blobs), "{point}");
    let report = reconcile::in_quiet(rig);
    assert_eq!(report.number("deleted"), Some(orphans as u64), "{point}: {}", report.said);
    rig.assert_agreement(client, point);
    let again = put(client, "p", "again", Some(before + u64::from(written)));
    assert_eq!(again.expect("an answer").status, 200, "{point}");
}

/// A refused commit whose body isn't taken away any more.
fn crash_before_the_clean_up(rig: &Rig) {
    let server = rig.server_with(&[("CRESSET_FAIL_POINT", "offload-before-discard")]);
    let blobs = rig.blobs().len();
    let version = server.client().get("/fhir/Patient/p").expect("an answer").version();
    let answer = put(&mut server.client(), "p", "late", Some(1));
    assert!(answer.is_none(), "{answer:?}");
    assert_eq!(server.wait(Duration::from_secs(30)).code(), None);
    assert_eq!(rig.blobs().len(), blobs + 1, "its body is left");
    let server = rig.server();
    let client = &mut server.client();
    assert_eq!(client.get("/fhir/Patient/p").expect("an answer").version(), version);
    assert_eq!(reconcile::in_quiet(rig).number("deleted"), Some(1));
    rig.assert_agreement(client, "after a crash before the clean-up");
}

/// The worst that can happen to a commit: its body is put, it stands still until a reconcile has taken the
/// body for an orphan's, and then goes on.
#[test]
fn a_commit_that_stood_still_for_longer_than_the_grace_is_not_written() {
    for rows in [Rows::Sqlite, Rows::Postgres] {
        let Some(rig) = Rig::on_azurite(rows) else { return };
        let server = rig.server();
        assert_eq!(put(&mut server.client(), "p", "one", None).expect("an answer").status, 201);
        let stall = cresset_blob_server::Rule::new(cresset_blob_server::Fault::Stall);
        rig.proxy().add(stall.afterwards().method("PUT").next(1));
        std::thread::scope(|scope| {
            let write = scope.spawn(|| put(&mut server.client(), "p", "two", Some(1)));
            let until = Instant::now() + Duration::from_secs(10);
            while rig.proxy().stalled() == 0 {
                assert!(Instant::now() < until, "nothing is put");
                std::thread::sleep(Duration::from_millis(5));
            }
            crate::support::server::signal(server.pid(), "-STOP");
            rig.proxy().release();
            // The body's answer waits in a socket of the server that stands still.
            std::thread::sleep(Duration::from_secs(crate::rig::GRACE + 1));
            let taken = reconcile::beside(&rig).number("deleted");
            crate::support::server::signal(server.pid(), "-CONT");
            assert_eq!(taken, Some(1), "it is an orphan by then");
            let answer = write.join().expect("a client").expect("an answer");
            crate::rig::assert_unavailable(&answer);
        });
        let read = server.client().get("/fhir/Patient/p").expect("an answer");
        assert_eq!((read.status, read.version()), (200, Some(1)));
        rig.assert_agreement(&mut server.client(), "after a commit that stood still");
    }
}
