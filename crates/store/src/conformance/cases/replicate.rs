//! Versions taken over as they were elsewhere.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

/// Versions, times and deletions are as given.
pub async fn versions_are_taken_over_as_given(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let replicas = vec![
        replica(&key, 1, 10, Some("one")),
        replica(&key, 2, 20, None),
        replica(&key, 3, 30, Some("three")),
    ];
    let committed = client.replicate(replicas).await;
    let kinds: Vec<_> = committed.written.iter().map(|w| w.kind).collect();
    let expected = [ChangeKind::Create, ChangeKind::Delete, ChangeKind::Create].map(Some);
    assert_eq!(kinds, expected, "kinds follow from the versions before");
    for (version, name) in [(1, "one"), (2, ""), (3, "three")] {
        let stored = client.version(&key, version).await.expect("a replicated version is read");
        assert_eq!(stored.updated, moment(version as i64 * 10), "its time is as given");
        assert_eq!(name_of(&stored), name, "its contents are as given");
        assert_eq!(stored.state == State::Deleted, version == 2, "a deletion stays one");
    }
    let page = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&page.versions), [3, 2, 1], "its history is as it was");
    let changes = client.changes().await;
    let previous: Vec<_> = changes.iter().map(|c| c.previous.map(Version::number)).collect();
    assert_eq!(previous, [None, Some(1), Some(2)], "each is a change");
    client.is_sound().await;
}

/// Taking over again changes nothing, whatever the contents.
pub async fn repeating_changes_nothing(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client
        .replicate(vec![replica(&key, 1, 10, Some("one")), replica(&key, 2, 20, Some("two"))])
        .await;
    let before = client.changes().await;
    let again = vec![
        replica(&key, 1, 10, Some("one")),
        replica(&key, 2, 99, Some("other")),
        replica(&person("b"), 1, 5, Some("b")),
        replica(&person("b"), 1, 6, Some("b again")),
    ];
    let kinds: Vec<_> = client.replicate(again).await.written.iter().map(|w| w.kind).collect();
    assert_eq!(kinds, [None, None, Some(ChangeKind::Create), None], "only what is new is written");
    assert_eq!(client.changes().await.len(), before.len() + 1, "only what is new is a change");
    let stored = client.read(&key).await.expect("it is still there");
    assert_eq!((stored.updated, name_of(&stored).as_str()), (moment(20), "two"), "it is as it was");
    assert_eq!(
        client.find(named("other")).await,
        [],
        "the repeated version's keys are not entered"
    );
    client.is_sound().await;
}

/// In whatever order versions come, the highest is current and only its keys are found.
pub async fn the_highest_version_is_current(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    for (version, name) in [(3, "three"), (1, "one"), (2, "two"), (5, "five"), (4, "four")] {
        client.replicate(vec![replica(&key, version, version as i64, Some(name))]).await;
    }
    let stored = client.read(&key).await.expect("it is there");
    assert_eq!((stored.version.number(), name_of(&stored).as_str()), (5, "five"), "the highest");
    assert_eq!(client.find(named("five")).await, std::slice::from_ref(&key), "its keys are found");
    for name in ["one", "two", "three", "four"] {
        assert_eq!(client.find(named(name)).await, [], "keys of a past version are not found");
    }
    for limit in [2, 10] {
        let mut query = whole_history(HistoryRange::Instance(key.clone()));
        query.limit = limit;
        let mut found = Vec::new();
        loop {
            let page = client.history(query.clone()).await;
            found.extend(numbers(&page.versions));
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
        assert_eq!(found, [5, 4, 3, 2, 1], "an instance's history goes by version");
    }
    client.is_sound().await;
}

/// A history may begin late and have gaps; a commit goes on from its highest version.
pub async fn a_history_may_begin_late(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.replicate(vec![replica(&key, 7, 70, Some("seven"))]).await;
    client.replicate(vec![replica(&key, 12, 120, Some("twelve"))]).await;
    assert_eq!(client.version(&key, 1).await, None, "what was not taken over is not there");
    let written = client.put(&key, "thirteen").await;
    assert_eq!(written.version.map(Version::number), Some(13), "a commit goes on from there");
    assert_eq!(written.kind, Some(ChangeKind::Update), "as an update");
    let page = client.history(whole_history(HistoryRange::Instance(key))).await;
    assert_eq!(numbers(&page.versions), [13, 12, 7], "its history has what there is");
    client.is_sound().await;
}

/// A deletion that is highest hides the resource; older versions that come later don't revive it.
pub async fn a_replicated_deletion_stays(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.put(&key, "one").await;
    client.replicate(vec![replica(&key, 9, 90, None)]).await;
    client.replicate(vec![replica(&key, 4, 40, Some("four"))]).await;
    let stored = client.read(&key).await.expect("a deletion is read");
    assert_eq!(
        (stored.version.number(), stored.state),
        (9, State::Deleted),
        "the deletion is current"
    );
    assert_eq!(client.find(Filter::All).await, [], "a deleted resource is not found");
    for name in ["one", "four"] {
        assert_eq!(client.find(named(name)).await, [], "nor by keys that it had");
    }
    assert_eq!(client.list(PERSON, 10).await, [], "nor listed");
    client.is_sound().await;
}

/// Replicas and commits count the same versions.
pub async fn replicas_and_commits_share_versions(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    client.put(&key, "one").await;
    client.put(&key, "two").await;
    let replicas =
        vec![replica(&key, 2, 20, Some("other two")), replica(&key, 3, 30, Some("three"))];
    client.replicate(replicas).await;
    let second = client.version(&key, 2).await.expect("it stays");
    assert_eq!(name_of(&second), "two", "a version that is there is left as it is");
    assert_eq!(
        client.find(named("three")).await,
        std::slice::from_ref(&key),
        "the new one is current"
    );
    assert_eq!(client.find(named("two")).await, [], "the old one's keys are gone");
    client.is_sound().await;
}
