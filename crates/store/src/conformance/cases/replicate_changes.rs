//! Another collection's change sequence, taken over entry by entry.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;
use std::sync::Arc;

fn by(principal: &str) -> Arc<Provenance> {
    let origin = Some("http".into());
    Arc::new(Provenance { principal: Some(principal.into()), request: None, origin })
}

fn version(number: u64) -> Version {
    Version::new(number).expect("a version")
}

fn gone(key: &Key, number: u64, kind: ChangeKind, previous: Option<u64>) -> Replica {
    let lineage = Some(Lineage { kind, previous: previous.map(version) });
    Replica { state: ReplicaState::Gone, lineage, ..replica(key, number, 5, None) }
}

fn purge(key: &Key, number: u64, kept: &[u64]) -> Replica {
    let kept = kept.iter().map(|n| version(*n)).collect();
    Replica { state: ReplicaState::Purge { kept }, ..replica(key, number, 90, None) }
}

/// Each change tells by whom it was made, however many come at once.
pub async fn each_replica_has_its_own_provenance(fixture: Fixture) {
    let client = fixture.client();
    let (a, b) = (by("Dr. Å"), by("b"));
    let whose = [&a, &a, &b, &b, &a, &Arc::new((*a).clone()), &Arc::default()];
    let replicas = whose.iter().enumerate().map(|(n, provenance)| {
        let provenance = Arc::clone(provenance);
        Replica { provenance, ..replica(&person(&format!("p{n}")), 1, 1, Some("x")) }
    });
    // One that is there already writes nothing, and takes nobody's provenance along.
    client.put(&person("p2"), "already").await;
    client.replicate(replicas.collect()).await;
    let told: Vec<_> =
        client.changes().await.into_iter().map(|c| (c.key, c.provenance)).skip(1).collect();
    let wanted = whose.iter().enumerate().filter(|(n, _)| *n != 2);
    let wanted: Vec<_> =
        wanted.map(|(n, by)| (person(&format!("p{n}")), (***by).clone())).collect();
    assert_eq!(told, wanted, "by whom");
    client.is_sound().await;
}

/// What happened and what was replaced are as they were elsewhere, where that is said.
pub async fn lineage_is_as_given(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    // There version 2 was a deletion that has been purged since.
    let given = |kind, previous: u64| Some(Lineage { kind, previous: Some(version(previous)) });
    let third =
        Replica { lineage: given(ChangeKind::Create, 2), ..replica(&key, 3, 30, Some("three")) };
    let fourth =
        Replica { lineage: given(ChangeKind::Update, 3), ..replica(&key, 4, 40, Some("four")) };
    client.replicate(vec![replica(&key, 1, 10, Some("one")), third, fourth]).await;
    let told: Vec<_> = client
        .changes()
        .await
        .into_iter()
        .map(|c| (c.version.number(), c.kind, c.previous.map(Version::number)))
        .collect();
    let wanted = [
        (1, ChangeKind::Create, None),
        (3, ChangeKind::Create, Some(2)),
        (4, ChangeKind::Update, Some(3)),
    ];
    assert_eq!(told, wanted, "changes are as they were there");
    for (number, kind, _) in wanted {
        let stored = client.version(&key, number).await.expect("it is there");
        assert_eq!(stored.kind, kind, "versions as well");
    }
    client.is_sound().await;
}

/// A version whose contents were purged before they could be taken over leaves its change, and can't
/// be read.
pub async fn a_version_whose_contents_are_gone_is_a_change(fixture: Fixture) {
    let (client, key, other) = (fixture.client(), person("a"), person("b"));
    let replicas = vec![
        gone(&other, 1, ChangeKind::Create, None),
        replica(&key, 1, 10, Some("one")),
        gone(&key, 2, ChangeKind::Delete, Some(1)),
        Replica {
            lineage: Some(Lineage { kind: ChangeKind::Create, previous: Some(version(2)) }),
            ..replica(&key, 3, 30, Some("three"))
        },
    ];
    let committed = client.replicate(replicas).await;
    assert_eq!(committed.seq, Seq(4), "each is a change");
    assert_eq!(client.read(&other).await, None, "there is nothing to read");
    assert_eq!(client.version(&key, 2).await, None, "nor is the one between");
    let page = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&page.versions), [3, 1], "histories are without them");
    let system = client.history(whole_history(HistoryRange::System)).await;
    assert_eq!(numbers(&system.versions), [3, 1], "the system's, too");
    let told: Vec<_> = client
        .changes()
        .await
        .into_iter()
        .map(|c| (c.key, c.version.number(), c.kind, c.previous.map(Version::number)))
        .collect();
    let wanted = [
        (other.clone(), 1, ChangeKind::Create, None),
        (key.clone(), 1, ChangeKind::Create, None),
        (key.clone(), 2, ChangeKind::Delete, Some(1)),
        (key.clone(), 3, ChangeKind::Create, Some(2)),
    ];
    assert_eq!(told, wanted, "changes are as they were there");
    assert_eq!(
        client.find(Filter::All).await,
        std::slice::from_ref(&key),
        "nothing is found by it"
    );
    assert_eq!(client.list(PERSON, 10).await.len(), 1, "nor listed");
    let written = client.write(given(Precondition::Unknown, put(&other, "b"))).await;
    assert_eq!(written.version.map(Version::number), Some(2), "its number isn't given again");
    client.is_sound().await;
}

/// A purge takes away what was purged there, and says so even where nothing was.
pub async fn purges_are_taken_over(fixture: Fixture) {
    let (client, key, other) = (fixture.client(), person("a"), person("b"));
    let all = [(1, "one"), (2, "two"), (3, "three"), (4, "four")];
    let all = all.map(|(n, name)| replica(&key, n, n as i64 * 10, Some(name)));
    client.replicate(all.to_vec()).await;
    client.replicate(vec![purge(&key, 4, &[2, 4, 5]), purge(&other, 7, &[])]).await;
    let page = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&page.versions), [4, 2], "what was kept there is kept");
    assert_eq!(client.find(named("four")).await, std::slice::from_ref(&key), "and found");
    let changes = client.changes().await;
    let last: Vec<_> = changes[4..]
        .iter()
        .map(|c| (&c.key, c.version.number(), c.kind, c.previous, c.time))
        .collect();
    let purged = ChangeKind::Purge;
    let wanted = [(&key, 4, purged, None, moment(90)), (&other, 7, purged, None, moment(90))];
    assert_eq!(last, wanted, "each is a change, with its time");
    let written = client.put(&other, "b").await;
    assert_eq!(written.version.map(Version::number), Some(8), "its number isn't given again");
    client.is_sound().await;
}

/// A purge that doesn't keep the current version keeps none: what an older one is found by is lost.
pub async fn a_purge_of_the_current_version_is_of_all(fixture: Fixture) {
    let (client, live, deleted) = (fixture.client(), person("a"), person("b"));
    for key in [&live, &deleted] {
        client
            .replicate(vec![replica(key, 1, 1, Some("one")), replica(key, 2, 2, Some("two"))])
            .await;
    }
    client.replicate(vec![replica(&deleted, 3, 3, None)]).await;
    client.replicate(vec![purge(&live, 2, &[1]), purge(&deleted, 3, &[1, 2])]).await;
    assert_eq!(client.read_all(&[live.clone(), deleted]).await, [None, None], "all are gone");
    assert_eq!(client.find(Filter::All).await, [], "nothing is found");
    for name in ["one", "two"] {
        assert_eq!(client.find(named(name)).await, [], "nor by what it was found by");
    }
    let written = client.put(&live, "three").await;
    assert_eq!(written.version.map(Version::number), Some(3), "versions go on");
    client.is_sound().await;
}

/// In one batch a resource is written, purged, written again and purged again, in this order.
pub async fn a_purge_stands_between_versions_of_one_batch(fixture: Fixture) {
    let (client, key, other) = (fixture.client(), person("a"), person("b"));
    client.put(&key, "before").await;
    let replicas = vec![
        replica(&key, 2, 20, Some("two")),
        replica(&other, 1, 10, Some("other")),
        purge(&key, 2, &[]),
        replica(&key, 3, 30, Some("three")),
        replica(&key, 4, 40, Some("four")),
        purge(&key, 4, &[4]),
        replica(&key, 5, 50, Some("five")),
        replica(&other, 2, 20, Some("other two")),
    ];
    let committed = client.replicate(replicas).await;
    let kinds: Vec<_> = committed.written.iter().filter_map(|w| w.kind).collect();
    use ChangeKind::{Create, Purge, Update};
    let wanted = [Update, Create, Purge, Create, Update, Purge, Update, Update];
    assert_eq!(kinds, wanted, "each is told");
    assert_eq!(committed.seq, Seq(9), "each is a change");
    let changes = client.changes().await;
    let seqs: Vec<_> = changes.iter().map(|c| c.seq.0).collect();
    assert_eq!(seqs, (1..=9).collect::<Vec<_>>(), "in their order");
    assert_eq!(changes.iter().skip(1).map(|c| c.kind).collect::<Vec<_>>(), wanted, "as told");
    let page = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&page.versions), [5, 4], "what came before the purges is gone");
    assert_eq!(client.find(named("five")).await, std::slice::from_ref(&key), "the last is found");
    for name in ["before", "two", "three", "four", "other"] {
        assert_eq!(client.find(named(name)).await, [], "nothing is found by older keys");
    }
    assert_eq!(client.find(named("other two")).await, [other], "others are as they should be");
    client.is_sound().await;
}

/// Whatever order versions and purges come in, a number that was used is never used again.
pub async fn numbers_of_purged_versions_are_not_given_again(fixture: Fixture) {
    let (client, key, other) = (fixture.client(), person("a"), person("b"));
    client.replicate(vec![replica(&key, 9, 90, Some("nine"))]).await;
    client.purge(&key, None).await;
    client.replicate(vec![replica(&key, 3, 30, Some("three"))]).await;
    let stored = client.read(&key).await.expect("it is there again");
    assert_eq!(stored.version.number(), 3, "an older version may be taken over after a purge");
    client.replicate(vec![gone(&other, 6, ChangeKind::Update, Some(5))]).await;
    client.replicate(vec![replica(&other, 2, 20, Some("two"))]).await;
    let written = client.put(&key, "ten").await;
    assert_eq!(written.version.map(Version::number), Some(10), "9 isn't given again");
    assert_eq!(written.kind, Some(ChangeKind::Update), "it replaces version 3");
    let change = client.changes().await.pop().expect("a change");
    assert_eq!(change.previous.map(Version::number), Some(3), "and says so");
    let written = client.put(&other, "seven").await;
    assert_eq!(written.version.map(Version::number), Some(7), "nor is one whose contents are gone");
    client.write(delete(&key)).await;
    client.purge(&key, None).await;
    let written = client.put(&key, "twelve").await;
    assert_eq!(written.version.map(Version::number), Some(12), "nor after the next purge");
    client.is_sound().await;
}

/// A cursor that comes with a purge is set in its commit.
pub async fn bookmarks_and_purges_appear_together(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let bookmark = |value: &[u8]| vec![Bookmark { name: "copy".into(), value: value.to_vec() }];
    let replicas =
        vec![replica(&key, 1, 10, Some("one")), purge(&key, 1, &[]), replica(&key, 2, 20, None)];
    let batch = ReplicaBatch { replicas, bookmarks: bookmark(b"first"), ..ReplicaBatch::default() };
    client.store.replicate(&client.scope, batch).await.expect("it is taken over");
    assert_eq!(client.bookmark("copy").await.as_deref(), Some(&b"first"[..]), "it is set");
    let batch = ReplicaBatch {
        replicas: vec![purge(&key, 2, &[])],
        bookmarks: bookmark(b"second"),
        ..ReplicaBatch::default()
    };
    client.store.replicate(&client.scope, batch).await.expect("it is taken over");
    assert_eq!(client.bookmark("copy").await.as_deref(), Some(&b"second"[..]), "and again");
    let batch = ReplicaBatch { bookmarks: bookmark(b"third"), ..ReplicaBatch::default() };
    let committed = client.store.replicate(&client.scope, batch).await.expect("it is taken over");
    assert_eq!(committed.seq, Seq(4), "a bookmark alone is no change");
    assert_eq!(client.bookmark("copy").await.as_deref(), Some(&b"third"[..]), "but is set");
    assert_eq!(client.read(&key).await, None, "nothing is left");
    client.is_sound().await;
}

/// A batch that follows on a place of the sequence is written there or not at all.
pub async fn a_batch_that_follows_another_place_is_refused(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.put(&key, "one").await;
    let batch = |after: u64| ReplicaBatch {
        after: Some(Seq(after)),
        replicas: vec![replica(&key, 2, 20, Some("two")), purge(&key, 2, &[2])],
        bookmarks: vec![Bookmark { name: "copy".into(), value: vec![1] }],
        deadline: None,
    };
    for other in [0, 2, u64::MAX] {
        let refused = client.store.replicate(&client.scope, batch(other)).await;
        assert!(matches!(refused, Err(StoreError::Guard(0))), "after {other}: {refused:?}");
    }
    assert_eq!(client.changes().await.len(), 1, "nothing was written");
    assert_eq!(client.bookmark("copy").await, None, "nor marked");
    let mut tasks = Vec::new();
    for _ in 0..4 {
        let (client, batch) = (client.clone(), batch(1));
        tasks.push(tokio::spawn(async move {
            let written = client.store.replicate(&client.scope, batch).await;
            assert!(matches!(written, Ok(_) | Err(StoreError::Guard(0))), "{written:?}");
            u64::from(written.is_ok())
        }));
    }
    let mut written = 0;
    for task in tasks {
        written += task.await.expect("a task ends without a panic");
    }
    assert_eq!(written, 1, "one of those that come at once is written");
    assert_eq!(client.changes().await.len(), 3, "once");
    let stored = client.version(&key, 1).await;
    assert_eq!(stored, None, "as a whole");
    client.is_sound().await;
}

/// A version that was purged may be taken over again: its last change counts.
pub async fn what_was_purged_may_be_taken_over_again(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.replicate(vec![replica(&key, 1, 10, Some("one"))]).await;
    client.purge(&key, None).await;
    let again = client.replicate(vec![replica(&key, 1, 10, Some("one again"))]).await;
    assert_eq!(again.written[0].kind, Some(ChangeKind::Create), "it is there again");
    let stored = client.read(&key).await.expect("it is read");
    assert_eq!(name_of(&stored), "one again", "with what came last");
    let system = client.history(whole_history(HistoryRange::System)).await;
    assert_eq!(numbers(&system.versions), [1], "histories have it once");
    assert_eq!(client.changes().await.len(), 3, "each is a change");
    // Nothing about that is wrong.
    client.is_sound().await;
}
