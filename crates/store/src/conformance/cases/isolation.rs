//! A collection sees only itself.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

async fn sees_only(client: &Client, name: &str, key: &Key) {
    let stored = client.read(key).await.expect("each collection has its own");
    assert_eq!(name_of(&stored), name, "contents are the collection's own");
    assert_eq!(stored.version.number(), 1, "versions are the collection's own");
    assert_eq!(client.find(Filter::All).await, std::slice::from_ref(key), "searches too");
    assert_eq!(client.find(named(name)).await.len(), 1, "its own is found");
    let history = client.history(whole_history(HistoryRange::System)).await;
    assert_eq!(history.versions, std::slice::from_ref(&stored), "histories too");
    assert_eq!(client.list(PERSON, 10).await, [stored], "lists too");
    assert_eq!(client.changes().await.len(), 1, "changes too");
    assert_eq!(client.bookmark("mark").await, Some(name.into()), "bookmarks too");
}

/// The same resource in two collections of a tenant, and in two tenants, is three resources.
pub async fn collections_see_only_themselves(fixture: Fixture) {
    let key = person("same");
    let clients = [
        ("home", fixture.client()),
        ("neighbour", fixture.neighbour_client()),
        ("stranger", fixture.stranger_client()),
    ];
    for (name, client) in &clients {
        let bookmarks = vec![Bookmark { name: "mark".into(), value: (*name).into() }];
        let batch = Batch { writes: vec![put(&key, name)], bookmarks, ..Batch::default() };
        client.try_commit(batch).await.expect("nothing stands against it");
    }
    for (name, client) in &clients {
        sees_only(client, name, &key).await;
        for (other, _) in clients.iter().filter(|(other, _)| other != name) {
            assert_eq!(client.find(named(other)).await, [], "no other collection is searched");
        }
    }
}

/// Removing a collection leaves the others.
pub async fn removing_one_leaves_the_others(fixture: Fixture) {
    let key = person("same");
    let (home, others) =
        (fixture.client(), [fixture.neighbour_client(), fixture.stranger_client()]);
    home.put(&key, "home").await;
    for other in &others {
        let bookmarks = vec![Bookmark { name: "mark".into(), value: b"other".to_vec() }];
        let batch = Batch { writes: vec![put(&key, "other")], bookmarks, ..Batch::default() };
        other.try_commit(batch).await.expect("nothing stands against it");
    }
    home.store.remove(&home.scope).await.expect("a collection can be removed");
    for other in &others {
        sees_only(other, "other", &key).await;
        other.put(&person("more"), "more").await;
    }
}

/// A new generation of a collection begins empty, beside the old one.
pub async fn generations_are_apart(fixture: Fixture) {
    let (old, key) = (fixture.client(), person("a"));
    old.put(&key, "old").await;
    fixture.enter(Fixture::home(), 2);
    let new = fixture.client();
    new.store.create(&new.scope).await.expect("a new generation can be created");
    assert_eq!(new.read(&key).await, None, "a new generation begins empty");
    new.put(&key, "new").await;
    let stored = old.read(&key).await.expect("the old generation is still there");
    assert_eq!(name_of(&stored), "old", "generations have their own contents");
    old.store.remove(&old.scope).await.expect("the old generation can be removed");
    assert_eq!(new.find(Filter::All).await, [key], "the new one stays");
}
