//! What the consumer does with announcements that aren't, or aren't any more, of what is in the database.

use crate::rig::{Rig, SOON, found, found_strongly, must_put, put, until};

/// Enough for the consumer to have said what it counted.
fn until_counted(indexer: &crate::support::remote::Indexer, kind: &str, least: u64) {
    until(&format!("{least} {kind}: {}", indexer.log()), SOON, || {
        indexer.counted(kind).is_some_and(|count| count >= least)
    });
}

#[test]
fn what_a_front_end_announced_and_did_not_commit_is_discarded() {
    let Some(rig) = Rig::new() else { return };
    let indexer = rig.remote.indexer(&[]);
    let dying = rig.remote.server(&[("CRESSET_FAIL_POINT", "index-announced")]);
    put(&mut dying.client(), "a", "lost").expect_err("it dies before it answers");
    until_counted(&indexer, "aborted", 1);
    let server = rig.remote.server(&[]);
    let client = &mut server.client();
    assert_eq!(client.get("/fhir/Patient/a").expect("an answer").status, 404);
    // The same version, by another front end.
    assert_eq!(must_put(client, "a", "kept").version(), Some(1));
    assert_eq!(found_strongly(client, "kept"), ["a"]);
    assert_eq!(found(client, "lost"), [""; 0]);
    rig.assert_whole();
}

#[test]
fn of_one_version_by_two_front_ends_the_one_that_was_committed_counts() {
    let Some(rig) = Rig::new() else { return };
    // Announced, and then nothing more: its transaction stays open until it dies.
    let stalled = rig.remote.server(&[("CRESSET_FAIL_POINT", "index-announced:1:stall")]);
    let mut lost = stalled.client();
    let waiting =
        std::thread::spawn(move || put(&mut lost, "a", "lost").map(|answer| answer.status));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let server = rig.remote.server(&[]);
    let indexer = rig.remote.indexer(&[]);
    until_counted(&indexer, "early", 1);
    stalled.kill9();
    waiting.join().expect("no panic").expect_err("it died");
    assert_eq!(must_put(&mut server.client(), "a", "kept").version(), Some(1));
    assert_eq!(found_strongly(&mut server.client(), "kept"), ["a"]);
    until(&format!("the other one is discarded: {}", indexer.log()), SOON, || {
        indexer.counted("aborted").unwrap_or(0) + indexer.counted("foreign").unwrap_or(0) >= 1
    });
    assert_eq!(found(&mut server.client(), "lost"), [""; 0]);
    rig.assert_whole();
}

#[test]
fn of_ten_updates_the_newest_is_found() {
    let Some(rig) = Rig::new() else { return };
    let server = rig.remote.server(&[]);
    let client = &mut server.client();
    for n in 0..10 {
        must_put(client, "a", &format!("v{n}"));
        must_put(client, "b", "same");
    }
    assert_eq!(found(client, "v9"), [""; 0], "nobody has indexed it");
    assert_eq!(rig.pending(), 2);
    let indexer = rig.remote.indexer(&["--consumer-count", "2"]);
    assert_eq!(found_strongly(client, "v9"), ["a"]);
    assert_eq!(found(client, "same"), ["b"]);
    until_counted(&indexer, "overtaken", 18);
    for n in 0..9 {
        assert_eq!(found(client, &format!("v{n}")), [""; 0]);
    }
    indexer.stop_cleanly();
    rig.assert_whole();
}

#[test]
fn what_another_installation_announces_is_left_to_it() {
    let Some(rig) = Rig::new() else { return };
    let foreign = rig.remote.foreign_server();
    must_put(&mut foreign.client(), "a", "theirs");
    let indexer = rig.remote.indexer(&[]);
    until_counted(&indexer, "ignored", 1);
    assert_eq!(rig.pending(), 1, "it waits for its own");
    indexer.stop_cleanly();
    let group = format!("{}-foreign", rig.remote.topic);
    let theirs = rig.remote.indexer_of("foreign", &group, &[]);
    assert_eq!(found_strongly(&mut foreign.client(), "theirs"), ["a"]);
    theirs.stop_cleanly();
    rig.assert_whole();
}

#[test]
fn a_search_that_presents_a_position_finds_what_was_written_there() {
    let Some(rig) = Rig::new() else { return };
    let server = rig.remote.server(&[]);
    let _indexer = rig.remote.indexer(&[]);
    let client = &mut server.client();
    for n in 0..20 {
        let family = format!("f{n}");
        let written = must_put(client, &format!("p{n}"), &family);
        let position = written.header("x-cresset-position").expect("a position").to_owned();
        let path = format!("/fhir/Patient?family:exact={family}");
        let answer = client.request("GET", &path, &[("x-cresset-position", &position)], b"");
        assert_eq!(crate::rig::ids(&answer.expect("an answer")), [format!("p{n}")]);
    }
    client.request("DELETE", "/fhir/Patient/p0", &[], b"").expect("an answer");
    assert_eq!(found(client, "f0"), [""; 0], "a deletion is seen at once");
}
