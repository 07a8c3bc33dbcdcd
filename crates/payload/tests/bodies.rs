//! What clients do to a store with offload, and what its container holds then.

mod rig;

use cresset_payload::Settings;
use cresset_store::*;
use rig::{Rig, key, put};
use std::collections::BTreeSet;
use std::time::Duration;

fn text(stored: Option<Stored>) -> String {
    let body = stored.expect("it is there").body().expect("it decodes").expect("it is live");
    String::from_utf8(body).expect("text")
}

#[tokio::test]
async fn a_blob_is_the_resource_with_its_version() {
    let rig = Rig::new().await;
    for name in ["one", "two"] {
        rig.commit(vec![put(&key("a.b"), name)]).await.expect("it is committed");
    }
    let names = rig.names().await;
    let parts: Vec<Vec<&str>> = names.iter().map(|name| name.split('/').collect()).collect();
    assert_eq!(parts.len(), 2);
    for (parts, (version, name)) in parts.iter().zip([("1", "one"), ("2", "two")]) {
        assert_eq!(parts[..3], ["97", "a*b", version]);
        let blob = rig.container().get(&parts.join("/")).await.expect("it is read");
        let blob = String::from_utf8(blob.expect("it is there")).expect("text");
        let expected = format!(
            "{{\"resourceType\":\"Observation\",\"id\":\"a.b\",\"meta\":{{\"versionId\":\"{version}\"}},\"x\":\"{name}\"}}"
        );
        assert_eq!(blob, expected);
    }
    let stored = rig.store.read(&rig.scope, &[key("a.b")]).await.expect("it is read").remove(0);
    let updated = stored.as_ref().expect("it is there").updated;
    assert!(text(stored).contains(&format!("\"versionId\":\"2\",\"lastUpdated\":\"{updated}\"}}")));
}

#[tokio::test]
async fn rows_hold_nothing_of_a_body() {
    let rig = Rig::new().await;
    rig.commit(vec![put(&key("a"), "a name that nobody else has")]).await.expect("committed");
    rig.commit(vec![put(&key("a"), "another one")]).await.expect("committed");
    for number in [1, 2] {
        let version = Version::new(number).expect("a version");
        let row = rig.inner.read_version(&rig.scope, &key("a"), version).await.expect("read");
        let row = row.expect("it is there");
        let payload = row.payload().expect("it is live");
        assert!(payload.offloaded().expect("it is whole").is_some());
        assert!(payload.as_kept().len() < 50, "{} bytes", payload.as_kept().len());
    }
}

#[tokio::test]
async fn a_refused_commit_leaves_no_body() {
    let rig = Rig::new().await;
    rig.commit(vec![put(&key("a"), "one")]).await.expect("committed");
    let before = rig.names().await;
    let stale = |precondition| Write { precondition, ..put(&key("a"), "two") };
    let many = |last: Write| {
        let mut writes: Vec<Write> = (0..100).map(|n| put(&key(&format!("n{n}")), "x")).collect();
        writes.push(last);
        writes
    };
    for writes in [
        many(stale(Precondition::Absent)),
        many(stale(Precondition::Unknown)),
        many(stale(Precondition::Version(Version::new(7).expect("a version")))),
        many(Write { precondition: Precondition::Present, ..put(&key("b"), "two") }),
        many(put(&key("n7"), "twice")),
    ] {
        let refused = rig.commit(writes).await;
        assert!(matches!(refused, Err(StoreError::Conflict { .. })), "{refused:?}");
        assert_eq!(rig.names().await, before);
    }
    let expected = vec![Expected { name: "a".to_owned(), value: Some(vec![1]) }];
    let batch = Batch { writes: vec![put(&key("b"), "x")], expected, ..Batch::default() };
    let refused = rig.store.commit(&rig.scope, batch).await;
    assert!(matches!(refused, Err(StoreError::Moved(_))), "{refused:?}");
    assert_eq!(rig.names().await, before);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_before_anything_goes_out() {
    let rig = Rig::new().await;
    let long = "x".repeat(Settings::default().longest);
    let refused = rig.commit(vec![put(&key("a"), "short"), put(&key("b"), &long)]).await;
    assert!(
        matches!(refused, Err(StoreError::TooLarge { write: 1, limit: 0x40_0000, .. })),
        "{refused:?}"
    );
    assert_eq!(rig.names().await, BTreeSet::new());
    let fits = "x".repeat(Settings::default().longest - 100);
    rig.commit(vec![put(&key("b"), &fits)]).await.expect("it is committed");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_resource_through_two_servers_get_a_version_each() {
    let rig = Rig::new().await;
    let other = rig.another();
    let writers = (0..8).map(|n| {
        let (store, scope) = (if n % 2 == 0 { &rig.store } else { &other }, rig.scope.clone());
        let store = store.clone();
        tokio::spawn(async move {
            for round in 0..25 {
                let writes = vec![put(&key("hot"), &format!("{n} {round}"))];
                let batch = Batch { writes, ..Batch::default() };
                store.commit(&scope, batch).await.expect("it is committed");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no panic");
    }
    let mut seen = BTreeSet::new();
    for number in 1..=200 {
        let version = Version::new(number).expect("a version");
        let read = rig.another().read_version(&rig.scope, &key("hot"), version).await;
        let text = text(read.expect("it is read"));
        seen.insert(text.split("\"x\":").nth(1).expect("its name").to_owned());
    }
    assert_eq!(seen.len(), 200, "each write is a version");
    assert_eq!(rig.names().await.len(), 200, "and has one body");
}

#[tokio::test]
async fn what_is_purged_or_removed_has_no_body() {
    let rig = Rig::new().await;
    for name in ["one", "two", "three"] {
        rig.commit(vec![put(&key("a"), name), put(&key("ab"), name)]).await.expect("committed");
    }
    let purge = |versions: Option<Vec<u64>>| {
        let version = |n: u64| Version::new(n).expect("a version");
        let versions = versions.map(|all| all.into_iter().map(version).collect());
        rig.store.purge(&rig.scope, &key("a"), versions, Provenance::default())
    };
    assert_eq!(purge(Some(vec![2])).await.expect("it is purged"), 1);
    let left: Vec<String> = rig.names().await.into_iter().filter(|n| n.contains("/a/")).collect();
    let versions: Vec<&str> = left.iter().map(|name| &name[5..7]).collect();
    assert_eq!(versions, ["1/", "3/"]);
    purge(None).await.expect("it is purged");
    assert_eq!(rig.names().await.iter().filter(|name| name.contains("/a/")).count(), 0);
    assert_eq!(rig.names().await.len(), 3, "the other one's stay");
    rig.store.remove(&rig.scope).await.expect("it is removed");
    assert_eq!(rig.names().await, BTreeSet::new());
    let page = rig.container().page("", None, 10).await.expect("it is listed");
    assert_eq!(page.blobs, [], "nor does anything else stay");
    rig.store.create(&rig.scope).await.expect("it is made again");
}

#[tokio::test]
async fn what_is_taken_over_twice_has_one_body() {
    let rig = Rig::new().await;
    let Action::Put { payload, .. } = put(&key("a"), "one").action else { unreachable!() };
    let replica = |number: u64| Replica {
        key: key("a"),
        version: Version::new(number).expect("a version"),
        updated: Timestamp::from_milliseconds(1_000 * number as i64),
        state: ReplicaState::Live(payload.clone()),
        index: IndexKeys::default(),
        lineage: None,
        provenance: Default::default(),
    };
    for versions in [vec![1, 2], vec![2, 3, 7]] {
        let replicas = versions.into_iter().map(replica).collect();
        let batch = ReplicaBatch { replicas, ..ReplicaBatch::default() };
        rig.store.replicate(&rig.scope, batch).await.expect("it is taken over");
    }
    let names = rig.names().await;
    let versions: Vec<&str> = names.iter().map(|name| &name[5..6]).collect();
    assert_eq!(versions, ["1", "2", "3", "7"]);
    let after = Some(Seq(99));
    let replicas = vec![replica(8)];
    let refused = ReplicaBatch { after, replicas, ..ReplicaBatch::default() };
    let refused = rig.store.replicate(&rig.scope, refused).await;
    assert!(matches!(refused, Err(StoreError::Guard(0))), "{refused:?}");
    assert_eq!(rig.names().await, names);
}

#[tokio::test]
async fn a_body_that_is_missing_or_another_is_an_error_and_is_found_by_the_check() {
    let rig = Rig::new().await;
    for id in ["gone", "changed", "sound"] {
        rig.commit(vec![put(&key(id), id)]).await.expect("committed");
    }
    for name in rig.names().await {
        if name.contains("/gone/") {
            rig.container().delete(&name).await.expect("it is deleted");
        } else if name.contains("/changed/") {
            let path = rig.bodies().join(&name);
            let text = std::fs::read_to_string(&path).expect("it is read");
            std::fs::write(&path, text.replace("changed\"}", "chanced\"}")).expect("written");
        }
    }
    let fresh = rig.another();
    for id in ["gone", "changed"] {
        let read = fresh.read(&rig.scope, &[key(id)]).await;
        assert!(matches!(read, Err(StoreError::Corrupt(_))), "{id}: {read:?}");
    }
    fresh.read(&rig.scope, &[key("sound")]).await.expect("it is read");
    let breaches = fresh.check(&rig.scope, false).await.expect("it is checked");
    let mut problems: Vec<_> = breaches.iter().map(|b| (&b.place[..], &b.problem[..])).collect();
    problems.sort_unstable();
    let expected = [
        ("97/changed version 1", "its body in the payload store is not what was put there"),
        ("97/gone version 1", "its body is missing from the payload store"),
    ];
    assert_eq!(problems, expected);
}

#[tokio::test]
async fn bodies_are_read_once_and_kept() {
    let rig = Rig::new().await;
    rig.commit(vec![put(&key("a"), "one")]).await.expect("committed");
    let (store, scope) = (rig.another(), &rig.scope);
    store.read(scope, &[key("a")]).await.expect("it is read");
    for name in rig.names().await {
        rig.container().delete(&name).await.expect("it is deleted");
    }
    for store in [&store, &rig.store] {
        let read = store.read(scope, &[key("a")]).await.expect("from memory");
        assert!(text(read.into_iter().next().flatten()).contains("one"));
    }
}

#[tokio::test]
async fn a_client_that_leaves_does_not_leave_a_body_behind() {
    let rig = Rig::new().await;
    for n in 0..50 {
        let commit = rig.commit(vec![put(&key(&format!("n{n}")), "x")]);
        // Dropped at any point.
        drop(tokio::time::timeout(Duration::from_micros(n * 40), commit).await);
    }
    for _ in 0..200 {
        if rig.names().await == rig.rows().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(rig.names().await, rig.rows().await);
}

#[tokio::test]
async fn a_store_is_opened_as_it_was_filled_or_not_at_all() {
    let rig = Rig::new().await;
    rig.commit(vec![put(&key("a"), "one")]).await.expect("committed");
    let elsewhere = rig.at("elsewhere");
    let refused = elsewhere.create(&rig.scope).await.expect_err("another container").to_string();
    assert!(refused.contains("are in file") && refused.contains("elsewhere"), "{refused}");

    let other = Rig::new().await;
    let shared = other.over(&rig.bodies());
    let refused = shared.create(&other.scope).await.expect_err("its record differs").to_string();
    assert!(refused.contains("configured for"), "{refused}");
    let fresh = Rig::bare();
    let shared = fresh.over(&rig.bodies());
    let refused = shared.create(&fresh.scope).await.expect_err("somebody else's").to_string();
    assert!(refused.contains("another store"), "{refused}");

    let filled = Rig::bare();
    filled.inner.create(&filled.scope).await.expect("it is made");
    let batch = Batch { writes: vec![put(&key("a"), "inside")], ..Batch::default() };
    filled.inner.commit(&filled.scope, batch).await.expect("committed");
    let refused = filled.store.create(&filled.scope).await.expect_err("it has bodies").to_string();
    assert!(refused.contains("before the first resource"), "{refused}");
}

#[tokio::test]
async fn without_offload_bodies_that_are_elsewhere_are_not_told_wrongly() {
    let rig = Rig::new().await;
    rig.commit(vec![put(&key("a"), "one")]).await.expect("committed");
    let row = rig.inner.read(&rig.scope, &[key("a")]).await.expect("read").remove(0);
    let refused = row.expect("it is there").body().expect_err("it has no body").to_string();
    assert!(refused.contains("without payload offload"), "{refused}");
}
