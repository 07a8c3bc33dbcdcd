//! Versions, kinds and reads.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

/// Create, update, delete and create again: each is a version, one higher.
pub async fn versions_rise_by_one(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let writes = [put(&key, "one"), put(&key, "two"), delete(&key), put(&key, "four")];
    let kinds = [ChangeKind::Create, ChangeKind::Update, ChangeKind::Delete, ChangeKind::Create];
    for (index, (write, kind)) in writes.into_iter().zip(kinds).enumerate() {
        let written = client.write(write).await;
        let version = Version::new(index as u64 + 1);
        assert_eq!(written.version, version, "versions rise by one");
        assert_eq!(written.kind, Some(kind), "kind of version {}", index + 1);
        let stored = client.read(&key).await.expect("what was written is read");
        assert_eq!(Some(stored.version), version, "the newest version is current");
        assert_eq!(stored.updated, written.updated, "the time told is the time kept");
        assert_eq!(stored.kind, kind, "the kind is kept");
    }
    client.is_sound().await;
}

/// Every version stays readable, deletions too.
pub async fn every_version_is_readable(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    for write in [put(&key, "one"), put(&key, "two"), delete(&key), put(&key, "four")] {
        client.write(write).await;
    }
    for (version, name) in [(1, "one"), (2, "two"), (3, ""), (4, "four")] {
        let stored = client.version(&key, version).await.expect("a past version is read");
        assert_eq!(stored.key, key, "a version knows its resource");
        assert_eq!(stored.version.number(), version, "the version asked for");
        assert_eq!(name_of(&stored), name, "version {version} keeps its contents");
        assert_eq!(stored.state == State::Deleted, version == 3, "version 3 is the deletion");
    }
    assert_eq!(client.version(&key, 5).await, None, "no version beyond the newest");
    assert_eq!(client.version(&person("b"), 1).await, None, "no version of what never was");
}

/// A deleted resource reads as its deletion, one that never was as nothing.
pub async fn a_deletion_is_current(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.put(&key, "one").await;
    client.write(delete(&key)).await;
    let stored = client.read(&key).await.expect("a deletion is read");
    assert_eq!(stored.state, State::Deleted, "a deletion is a version of its own");
    assert_eq!(stored.version.number(), 2, "a deletion has a number");
    assert_eq!(client.read(&person("b")).await, None, "what never was is not there");
}

/// Deleting the unknown or the deleted makes no version and no change.
pub async fn deleting_what_is_not_there_writes_nothing(fixture: Fixture) {
    let client = fixture.client();
    let unknown = client.write(delete(&person("never"))).await;
    assert_eq!((unknown.version, unknown.kind), (None, None), "deleting the unknown");
    assert_eq!(
        client.read(&person("never")).await,
        None,
        "deleting the unknown leaves no deletion"
    );
    let key = person("a");
    client.put(&key, "one").await;
    let deleted = client.write(delete(&key)).await;
    let again = client.write(delete(&key)).await;
    assert_eq!((again.version, again.kind), (deleted.version, None), "deleting the deleted");
    assert_eq!(client.changes().await.len(), 2, "writing nothing leaves no change");
}

/// A version is never older than the one it replaces, even if that came from a fast clock.
pub async fn last_updated_never_goes_back(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let ahead = Timestamp::from_milliseconds(Timestamp::now().milliseconds() + 3_600_000);
    let version = Replica { updated: ahead, ..replica(&key, 5, 0, Some("ahead")) };
    client.replicate(vec![version]).await;
    let mut last = ahead;
    for write in [put(&key, "six"), delete(&key), put(&key, "eight")] {
        let written = client.write(write).await;
        assert!(
            written.updated >= last,
            "lastUpdated never goes back: {} < {last}",
            written.updated
        );
        last = written.updated;
    }
    let other = client.put(&person("b"), "other").await;
    assert!(other.updated < ahead, "another resource's time comes from the clock");
}

/// A read of many keys answers in their order, with gaps, and twice for a key asked twice.
pub async fn many_keys_are_read_in_the_order_asked(fixture: Fixture) {
    let client = fixture.client();
    let writes = (0..50).map(|n| put(&person(&n.to_string()), &n.to_string()));
    client.commit(writes.collect()).await;
    let asked: Vec<Key> = (0..120).map(|n| person(&(n * 37 % 60).to_string())).collect();
    let found = client.read_all(&asked).await;
    assert_eq!(found.len(), asked.len(), "one answer for each key asked");
    for (key, stored) in asked.iter().zip(&found) {
        let there = key.id.as_str().parse::<u32>().is_ok_and(|n| n < 50);
        assert_eq!(stored.is_some(), there, "{} is there or not", key.id);
        assert!(stored.as_ref().is_none_or(|s| s.key == *key), "answers come in the order asked");
    }
    assert_eq!(client.read_all(&[]).await, [], "no keys, no answers");
}

/// Ids that look alike are different resources.
pub async fn ids_of_every_form_are_their_own(fixture: Fixture) {
    let client = fixture.client();
    let (long, nines) = ("x".repeat(64), "9".repeat(64));
    let ids = [
        "0b8b2a3e-9d56-4c58-9b59-6a3f2f9c1d10",
        "0B8B2A3E-9D56-4C58-9B59-6A3F2F9C1D10",
        "0b8b2a3e9d564c589b596a3f2f9c1d10",
        "0B8b2a3e-9d56-4c58-9b59-6a3f2f9c1d10",
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        &long,
        &long[1..],
        &nines,
        ".",
        "..",
        "...",
        "-",
        "--",
        "0",
        "00",
        "1",
        "01",
        "1.",
        "1.0",
        "1e5",
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "9223372036854775807",
        "9223372036854775808",
        "a",
        "A",
        "a.b-C",
        "null",
        "CON",
    ];
    client.commit(ids.iter().map(|id| put(&person(id), id)).collect()).await;
    for id in ids {
        let stored = client.read(&person(id)).await.expect("an id of any form is read back");
        assert_eq!(
            (name_of(&stored).as_str(), stored.key),
            (id, person(id)),
            "ids keep their form"
        );
        assert_eq!(client.find(named(id)).await, [person(id)], "texts keep their form");
        assert_eq!(client.find(Filter::Keys(vec![person(id)])).await, [person(id)], "search by id");
    }
    assert_eq!(client.list(PERSON, 7).await.len(), ids.len(), "each id is one resource");
}

/// The same id under two types is two resources.
pub async fn two_types_share_an_id(fixture: Fixture) {
    let client = fixture.client();
    client.commit(vec![put(&person("1"), "person"), put(&note("1"), "note")]).await;
    client.write(delete(&note("1"))).await;
    let left = client.read(&person("1")).await.expect("the other type's resource stays");
    assert_eq!(name_of(&left), "person", "types keep their own contents");
    assert_eq!(left.version.number(), 1, "types count their own versions");
    assert_eq!(client.find(Filter::All).await, [person("1")], "types are deleted apart");
    assert_eq!(client.list(NOTE, 10).await, [], "a deleted resource is not listed");
}

/// Versions are given in the order asked, current, past, deleted and missing ones alike.
pub async fn many_versions_are_read_in_the_order_asked(fixture: Fixture) {
    let (client, a, b) = (fixture.client(), person("a"), note("a"));
    for name in ["one", "two", "three"] {
        client.put(&a, name).await;
    }
    client.put(&b, "other").await;
    client.write(delete(&b)).await;
    let never = person("never");
    let asked =
        [(&b, 2), (&a, 1), (&never, 1), (&a, 3), (&a, 4), (&b, 1), (&a, 2), (&b, 3), (&a, 1)];
    let found = client.versions(&asked, usize::MAX).await;
    let told: Vec<_> = found.iter().map(|f| f.as_ref().map(name_of)).collect();
    let wanted = [
        Some(""),
        Some("one"),
        None,
        Some("three"),
        None,
        Some("other"),
        Some("two"),
        None,
        Some("one"),
    ];
    assert_eq!(told, wanted.map(|name| name.map(str::to_owned)), "each in its place");
    for ((key, version), stored) in asked.iter().zip(&found) {
        assert_eq!(*stored, client.version(key, *version).await, "as one that is read alone");
    }
    assert_eq!(client.versions(&[], 0).await, [], "nothing for nothing");
    client.purge(&a, Some(&[2])).await;
    assert_eq!(client.versions(&[(&a, 2)], usize::MAX).await, [None], "a purged one is gone");
    let limited = fixture.limited(&[NOTE], &[]);
    let asked = [(b, Version::FIRST), (a, Version::FIRST)];
    let refused = limited.store.read_versions(&limited.scope, &asked, usize::MAX).await;
    assert!(matches!(refused, Err(StoreError::Forbidden(_))), "a forbidden type: {refused:?}");
}

/// A read of many versions ends where they would become too many bytes, but gives at least one.
pub async fn versions_are_read_up_to_a_size(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    for name in ["one", "two", "three", "four"] {
        client.put(&key, name).await;
    }
    client.write(delete(&key)).await;
    let one = kept_size("one");
    let asked = [(&key, 9), (&key, 1), (&key, 5), (&key, 2), (&key, 3), (&key, 4)];
    for (bytes, wanted) in [
        (0, 1),
        (one - 1, 1),
        (one, 3),
        (one + kept_size("two") - 1, 3),
        (one + kept_size("two"), 4),
        (1 << 20, 6),
        (usize::MAX, 6),
    ] {
        let found = client.versions(&asked, bytes).await;
        assert_eq!(found.len(), wanted, "within {bytes} bytes");
    }
    assert_eq!(client.versions(&asked[1..], 0).await.len(), 1, "at least one, however large");
}

/// Bytes that the contents of this name take.
fn kept_size(name: &str) -> usize {
    payload(name).as_kept().len()
}
