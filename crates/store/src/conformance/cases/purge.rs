//! Purging: versions are gone for good, what happened stays.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

async fn three_versions(client: &Client, key: &Key) {
    for name in ["one", "two", "three"] {
        client.put(key, name).await;
    }
}

/// Past versions go, the current one stays and is found.
pub async fn past_versions_can_be_purged(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    three_versions(&client, &key).await;
    assert_eq!(client.purge(&key, Some(&[2, 9])).await, 1, "versions removed are counted");
    assert_eq!(client.version(&key, 2).await, None, "a purged version is gone");
    for range in
        [HistoryRange::Instance(key.clone()), HistoryRange::Type(PERSON), HistoryRange::System]
    {
        let page = client.history(whole_history(range)).await;
        assert_eq!(numbers(&page.versions), [3, 1], "a purged version is in no history");
    }
    assert_eq!(
        client.find(named("three")).await,
        std::slice::from_ref(&key),
        "the current one is found"
    );
    let written = client.put(&key, "four").await;
    assert_eq!(written.version.map(Version::number), Some(4), "versions go on");
    client.is_sound().await;
}

/// Purged as a whole, a resource is as if it had never been.
pub async fn a_resource_can_be_purged_as_a_whole(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    three_versions(&client, &key).await;
    client.put(&person("b"), "other").await;
    assert_eq!(client.purge(&key, None).await, 3, "versions removed are counted");
    assert_eq!(client.read(&key).await, None, "it is not read");
    assert_eq!(client.version(&key, 3).await, None, "none of its versions is");
    let history = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(history.versions, [], "it has no history");
    let system = client.history(whole_history(HistoryRange::System)).await;
    assert!(system.versions.iter().all(|v| v.key != key), "the system's history is without it");
    assert_eq!(client.find(named("three")).await, [], "it is not found");
    assert_eq!(client.find(Filter::All).await, [person("b")], "others are");
    assert_eq!(client.list(PERSON, 10).await.len(), 1, "it is not listed");
    client.is_sound().await;
}

/// A purge of the current version takes the older ones along: they must not become current again.
pub async fn a_purge_of_the_current_version_takes_all(fixture: Fixture) {
    let client = fixture.client();
    let (live, deleted) = (person("live"), person("deleted"));
    three_versions(&client, &live).await;
    three_versions(&client, &deleted).await;
    client.write(delete(&deleted)).await;
    assert_eq!(client.purge(&live, Some(&[3])).await, 3, "the older versions go too");
    assert_eq!(client.purge(&deleted, Some(&[4])).await, 4, "a deletion's purge revives nothing");
    assert_eq!(client.read_all(&[live, deleted]).await, [None, None], "nothing is left");
    assert_eq!(client.find(Filter::All).await, [], "nothing is found");
    client.is_sound().await;
}

/// A purge is a change itself and takes no earlier change away.
pub async fn changes_survive_a_purge(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    three_versions(&client, &key).await;
    let before = client.changes().await;
    let provenance = Provenance {
        principal: Some("officer".into()),
        request: None,
        origin: Some("purge".into()),
    };
    let purging = client.store.purge(&client.scope, &key, None, provenance.clone());
    purging.await.expect("a resource can be purged");
    let after = client.changes().await;
    assert_eq!(&after[..3], &before[..], "earlier changes stay");
    assert_eq!(after.len(), 4, "a purge is one change");
    assert_eq!(
        (after[3].kind, &after[3].key),
        (ChangeKind::Purge, &key),
        "it says what was purged"
    );
    assert_eq!(after[3].version.number(), 3, "and the version that was current");
    assert_eq!(after[3].provenance, provenance, "and by whom");
}

/// Purging what isn't there is no change.
pub async fn purging_nothing_changes_nothing(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    three_versions(&client, &key).await;
    assert_eq!(client.purge(&key, Some(&[4, 5])).await, 0, "versions that never were");
    assert_eq!(client.purge(&key, Some(&[])).await, 0, "no versions");
    assert_eq!(client.purge(&person("never"), None).await, 0, "a resource that never was");
    assert_eq!(client.changes().await.len(), 3, "purging nothing is no change");
    client.purge(&key, None).await;
    assert_eq!(client.purge(&key, None).await, 0, "a resource that was purged");
    assert_eq!(client.changes().await.len(), 4, "purging it again is no change");
}

/// A version number never comes back with other contents: caches and clients know it by its number.
pub async fn versions_go_on_after_a_purge(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    three_versions(&client, &key).await;
    client.purge(&key, None).await;
    let again = client.write(given(Precondition::Unknown, put(&key, "again"))).await;
    assert_eq!(again.version.map(Version::number), Some(4), "versions go on after a purge");
    assert_eq!(again.kind, Some(ChangeKind::Create), "it is created anew");
    let change = client.changes().await.pop().expect("a change");
    assert_eq!(change.previous, None, "it replaces nothing");
    let history = client.history(whole_history(HistoryRange::Instance(key.clone()))).await;
    assert_eq!(numbers(&history.versions), [4], "its history begins there");
    assert_eq!(client.find(named("again")).await, std::slice::from_ref(&key), "it is found");
    client.write(delete(&key)).await;
    client.purge(&key, None).await;
    let third = client.put(&key, "third").await;
    assert_eq!(third.version.map(Version::number), Some(6), "and after the next purge");
    client.is_sound().await;
}

/// A reference to a purged resource stays with the resource that has it.
pub async fn references_to_the_purged_stay(fixture: Fixture) {
    let (client, target) = (fixture.client(), person("target"));
    client.put(&target, "target").await;
    let link = || vec![entry("link", vec![Segment::Resource(target.clone())])];
    client.write(put_with(&note("n"), "n", link())).await;
    client.purge(&target, None).await;
    let by_link = holding("link", vec![Segment::Resource(target.clone())]);
    assert_eq!(client.find(by_link).await, [note("n")], "found by the reference it has");
    let chain = Filter::RefersTo(vec![Parameter::new("link")], vec![PERSON], Box::new(Filter::All));
    assert_eq!(client.find(chain.clone()).await, [], "a chain ends at the purged");
    client.put(&target, "target").await;
    assert_eq!(client.find(chain).await, [note("n")], "and goes on when it is there again");
    client.is_sound().await;
}
