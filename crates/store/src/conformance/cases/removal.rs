//! Collections that are not there.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

fn refused<T>(outcome: Result<T, StoreError>) -> Option<StoreError> {
    outcome.err()
}

/// What each method says.
async fn every_method(client: &Client) -> Vec<(&'static str, Option<StoreError>)> {
    let Client { store, scope } = client;
    let (key, cursor) = (person("a"), Cursor { incarnation: Incarnation(1), seq: Seq(0) });
    let entries = || vec![(person("a"), Version::FIRST, IndexKeys::default())];
    let history = whole_history(HistoryRange::System);
    let provenance = Provenance::default();
    let batch = Batch { writes: vec![put(&key, "a")], ..Batch::default() };
    let replicas = vec![replica(&key, 1, 0, None)];
    let replicas = ReplicaBatch { replicas, ..ReplicaBatch::default() };
    let keys = std::slice::from_ref(&key);
    vec![
        ("commit", refused(store.commit(scope, batch).await)),
        ("commit of nothing", refused(store.commit(scope, Batch::default()).await)),
        ("replicate", refused(store.replicate(scope, replicas).await)),
        ("purge", refused(store.purge(scope, &key, None, provenance).await)),
        ("read", refused(store.read(scope, keys).await)),
        ("read_version", refused(store.read_version(scope, &key, Version::FIRST).await)),
        ("history", refused(store.history(scope, history).await)),
        ("search", refused(store.search(scope, query(&[], Filter::All, 1)).await)),
        ("list", refused(store.list(scope, PERSON, None, 1).await)),
        ("changes", refused(store.changes(scope, cursor, 1).await)),
        ("bookmark", refused(store.bookmark(scope, "a").await)),
        ("reindex", refused(store.reindex(scope, entries()).await)),
        ("compare_index", refused(store.compare_index(scope, entries()).await)),
        ("index_state", refused(store.index_state(scope).await)),
        ("defer_index", refused(store.defer_index(scope).await)),
        ("build_index", refused(store.build_index(scope).await)),
        ("check", refused(store.check(scope, false).await)),
    ]
}

async fn is_unknown(client: &Client) {
    let name = client.scope.collection().name.to_string();
    for (method, error) in every_method(client).await {
        match error {
            Some(StoreError::UnknownCollection(told)) => {
                assert_eq!(told, name, "{method} names it")
            }
            outcome => panic!("{method} of a collection that is not there: {outcome:?}"),
        }
    }
}

/// A collection that was catalogued but never created is unknown to every method.
pub async fn what_was_never_created_is_unknown(fixture: Fixture) {
    let name = CollectionName::new("clinic", "main", "planned").expect("a name");
    fixture.enter(name.clone(), 1);
    let client = fixture.client_at(&name, Principal::unrestricted("anyone"));
    is_unknown(&client).await;
    client.store.remove(&client.scope).await.expect("removing what isn't there is fine");
    is_unknown(&client).await;
}

/// A removed collection is unknown to every method.
pub async fn what_was_removed_is_unknown(fixture: Fixture) {
    let client = fixture.client();
    client.put(&person("a"), "a").await;
    for _ in 0..2 {
        client.store.remove(&client.scope).await.expect("removing, and again, is fine");
        is_unknown(&client).await;
    }
    assert_eq!(fixture.catalogue().names().len(), 3, "the store leaves the catalogue alone");
}

/// Created again, a collection begins empty and with a new incarnation.
pub async fn created_again_it_begins_anew(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let old = client.beginning().await;
    let bookmarks = vec![Bookmark { name: "mark".into(), value: vec![1] }];
    let batch = Batch { writes: vec![put(&key, "old")], bookmarks, ..Batch::default() };
    client.try_commit(batch).await.expect("nothing stands against it");
    client.store.remove(&client.scope).await.expect("a collection can be removed");
    assert_ne!(client.beginning().await.incarnation, old.incarnation, "its sequence is another");
    let outcome = client.store.changes(&client.scope, old, 10).await;
    assert!(
        matches!(outcome, Err(StoreError::Incarnation)),
        "old cursors are refused: {outcome:?}"
    );
    assert_eq!(client.changes().await, [], "no change is left");
    assert_eq!(client.read(&key).await, None, "no resource is left");
    assert_eq!(client.find(Filter::All).await, [], "nothing is found");
    assert_eq!(client.bookmark("mark").await, None, "no bookmark is left");
    let written = client.put(&key, "new").await;
    assert_eq!(written.version, Some(Version::FIRST), "versions begin anew");
    client.is_sound().await;
}

/// Created by many at once, a collection is one.
pub async fn created_at_once_it_is_one(fixture: Fixture) {
    let name = CollectionName::new("clinic", "main", "planned").expect("a name");
    fixture.enter(name.clone(), 1);
    let client = fixture.client_at(&name, Principal::unrestricted("anyone"));
    let create = |n: u32| {
        let client = client.clone();
        tokio::spawn(async move {
            let incarnation = client.beginning().await.incarnation;
            client.put(&person(&n.to_string()), "x").await;
            incarnation
        })
    };
    let tasks: Vec<_> = (0..16).map(create).collect();
    let incarnation = client.beginning().await.incarnation;
    for task in tasks {
        assert_eq!(task.await.expect("creating again is fine"), incarnation, "one incarnation");
    }
    assert_eq!(client.find(named("x")).await.len(), 16, "no creation undoes another's writes");
}
