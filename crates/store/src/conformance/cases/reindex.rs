//! Index keys exchanged without a new version.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

/// New keys take the place of the old ones; versions, times and changes stay.
pub async fn reindexing_replaces_keys(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let version = client.put(&key, "old").await.version.expect("a version");
    let (stored, changes) = (client.read(&key).await, client.changes().await);
    let entries = vec![(key.clone(), version, named_index("new"))];
    let replaced = client.store.reindex(&client.scope, entries).await.expect("it can be reindexed");
    assert_eq!(replaced, 1, "resources with new keys are counted");
    assert_eq!(client.find(named("new")).await, std::slice::from_ref(&key), "found by the new key");
    assert_eq!(client.find(named("old")).await, [], "not by the old one");
    assert_eq!(client.read(&key).await, stored, "reindexing makes no version");
    assert_eq!(client.changes().await, changes, "and no change");
    client.write(delete(&key)).await;
    assert_eq!(client.find(named("new")).await, [], "a deletion takes the new keys away");
    client.is_sound().await;
}

/// A resource whose version has moved on is left alone, as is one that is deleted or unknown.
pub async fn reindexing_leaves_newer_versions_alone(fixture: Fixture) {
    let client = fixture.client();
    let (updated, deleted, live) = (person("updated"), person("deleted"), person("live"));
    client.commit([&updated, &deleted, &live].map(|key| put(key, "first")).to_vec()).await;
    client.commit(vec![put(&updated, "second"), delete(&deleted)]).await;
    let stale = |key: &Key| (key.clone(), Version::FIRST, named_index("stale"));
    let entries = vec![stale(&updated), stale(&deleted), stale(&live), stale(&person("unknown"))];
    let replaced = client.store.reindex(&client.scope, entries).await.expect("it can be reindexed");
    assert_eq!(replaced, 1, "only what is still current is counted");
    assert_eq!(
        client.find(named("stale")).await,
        [live],
        "only what is still current has new keys"
    );
    assert_eq!(client.find(named("second")).await, [updated], "what moved on keeps its own");
    client.is_sound().await;
}

/// Comparing names the resources whose keys differ, and no others.
pub async fn comparing_names_what_differs(fixture: Fixture) {
    let client = fixture.client();
    let ids = ["same", "other", "fewer", "more", "moved", "deleted"];
    client.commit(ids.map(|id| put(&person(id), "first")).to_vec()).await;
    client.commit(vec![put(&person("moved"), "second"), delete(&person("deleted"))]).await;
    let both = || {
        let keys = ["first", "second"].map(|name| entry("name", vec![text(name)]));
        IndexKeys::new(keys.to_vec())
    };
    let with = |id: &str, index: IndexKeys| (person(id), Version::FIRST, index);
    let entries = vec![
        with("same", named_index("first")),
        with("other", named_index("second")),
        with("fewer", IndexKeys::default()),
        with("more", both()),
        with("moved", named_index("third")),
        with("deleted", named_index("third")),
    ];
    let changes = client.changes().await;
    let differ =
        client.store.compare_index(&client.scope, entries).await.expect("it can be compared");
    assert_eq!(
        differ,
        [person("other"), person("fewer"), person("more")],
        "what differs, in order"
    );
    assert_eq!(client.find(named("third")).await, [], "comparing enters nothing");
    assert_eq!(client.changes().await, changes, "comparing changes nothing");
}

/// Keys of every kind of segment compare as equal to what was written.
pub async fn keys_of_every_kind_are_kept_exactly(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let index = vec![
        entry("empty", vec![]),
        entry("text", vec![text("")]),
        entry("text", vec![text("a\0b")]),
        entry("text", vec![text("a"), text("b")]),
        entry("text", vec![text(&"long ".repeat(2000))]),
        entry("term", vec![term(""), term("http://example.org"), text("é")]),
        entry("ordered", vec![term("kg"), Segment::Ordered(vec![0, 255, 0, 1])]),
        entry("bare", vec![Segment::Ordered(Vec::new())]),
        entry("link", vec![Segment::Resource(person("a"))]),
        entry("link", vec![Segment::Resource(note("never")), text("1")]),
    ];
    client.write(put_with(&key, "a", index.clone())).await;
    let same = vec![(key.clone(), Version::FIRST, IndexKeys::new(index.clone()))];
    let differ = client.store.compare_index(&client.scope, same).await.expect("it can be compared");
    assert_eq!(differ, [], "keys are kept as they were written");
    for left_out in 0..index.len() {
        let mut fewer = index.clone();
        let missing = fewer.remove(left_out);
        let entries = vec![(key.clone(), Version::FIRST, IndexKeys::new(fewer))];
        let differ = client.store.compare_index(&client.scope, entries).await.expect("comparable");
        assert_eq!(differ, std::slice::from_ref(&key), "without {missing:?} it differs");
    }
    client.is_sound().await;
}
