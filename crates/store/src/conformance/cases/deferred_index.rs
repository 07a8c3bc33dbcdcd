//! Indexing put off during an import.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

/// Everything that can happen to a resource between deferring and building.
async fn written_while_deferred(client: &Client) {
    let ids = ["stays", "updated", "deleted", "purged"];
    client.commit(ids.map(|id| put(&person(id), "before")).to_vec()).await;
    client.store.defer_index(&client.scope).await.expect("indexing can be deferred");
    client.commit((0..30).map(|n| put(&person(&format!("n{n}")), "during")).collect()).await;
    client.commit(vec![put(&person("updated"), "during"), delete(&person("deleted"))]).await;
    client.purge(&person("purged"), None).await;
    client.commit(vec![put(&person("n0"), "again"), delete(&person("n1"))]).await;
    client.purge(&person("n2"), None).await;
    client.replicate(vec![replica(&person("replica"), 3, 0, Some("during"))]).await;
    let entries = vec![(person("n3"), Version::FIRST, named_index("reindexed"))];
    client.store.reindex(&client.scope, entries).await.expect("it can be reindexed");
}

async fn searches_wait(client: &Client) {
    let state = client.store.index_state(&client.scope).await.expect("a state");
    assert!(matches!(state, IndexState::Building { .. }), "the state tells of waiting: {state:?}");
    let outcome = client.store.search(&client.scope, query(&[PERSON], named("before"), 1)).await;
    assert!(matches!(outcome, Err(StoreError::Indexing { .. })), "a search waits: {outcome:?}");
    let guards = vec![guard(named("before"), &[])];
    let outcome = client.try_commit(Batch { guards, ..Batch::default() }).await;
    assert!(matches!(outcome, Err(StoreError::Indexing { .. })), "a guard waits: {outcome:?}");
}

async fn all_is_found(client: &Client) {
    client.store.build_index(&client.scope).await.expect("the index can be built");
    let state = client.store.index_state(&client.scope).await.expect("a state");
    assert_eq!(state, IndexState::Ready, "built, it is ready");
    assert_eq!(client.find(named("before")).await, [person("stays")], "no old key is left");
    assert_eq!(client.find(named("again")).await, [person("n0")], "updates are found");
    assert_eq!(client.find(named("reindexed")).await, [person("n3")], "reindexed keys are found");
    let during = client.find(named("during")).await;
    assert_eq!(during.len(), 28, "26 creations, an update and a replica are found");
    for id in ["updated", "replica", "n4", "n29"] {
        assert!(during.contains(&person(id)), "{id} was written meanwhile and is found");
    }
    assert_eq!(client.find(Filter::All).await.len(), 31, "nothing else is found");
    client.is_sound().await;
}

/// While indexing is deferred searches wait and reads work; built, everything is found.
pub async fn what_was_deferred_is_found_once_built(fixture: Fixture) {
    let client = fixture.client();
    written_while_deferred(&client).await;
    searches_wait(&client).await;
    let stored = client.read(&person("updated")).await.expect("reads don't wait");
    assert_eq!(name_of(&stored), "during", "a read gives the newest version");
    assert_eq!(client.list(PERSON, 100).await.len(), 31, "lists don't wait");
    let history = client.history(whole_history(HistoryRange::Instance(person("updated")))).await;
    assert_eq!(numbers(&history.versions), [2, 1], "histories don't wait");
    all_is_found(&client).await;
    client.put(&person("later"), "later").await;
    assert_eq!(
        client.find(named("later")).await,
        [person("later")],
        "later writes are found at once"
    );
}

/// Deferring twice, building twice and building what was not deferred are fine.
pub async fn deferring_and_building_may_be_repeated(fixture: Fixture) {
    let client = fixture.client();
    client.store.build_index(&client.scope).await.expect("building what was not deferred");
    client.store.defer_index(&client.scope).await.expect("indexing can be deferred");
    written_while_deferred(&client).await;
    all_is_found(&client).await;
    all_is_found(&client).await;
}

/// One collection's deferral is not another's.
pub async fn deferral_is_one_collections_own(fixture: Fixture) {
    let (client, neighbour) = (fixture.client(), fixture.neighbour_client());
    client.store.defer_index(&client.scope).await.expect("indexing can be deferred");
    neighbour.put(&person("a"), "a").await;
    assert_eq!(neighbour.find(named("a")).await, [person("a")], "the neighbour's searches go on");
}

/// Deferral survives closing and opening the store.
pub async fn deferral_is_durable(fixture: Fixture) {
    written_while_deferred(&fixture.client()).await;
    let Some(fixture) = fixture.reopened().await else {
        return;
    };
    searches_wait(&fixture.client()).await;
    all_is_found(&fixture.client()).await;
}
