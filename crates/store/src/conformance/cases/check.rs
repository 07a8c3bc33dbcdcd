//! What a store finds when it checks itself.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

/// The check names a resource whose contents can't be decoded.
pub async fn damaged_contents_are_named_by_the_check(fixture: Fixture) {
    let client = fixture.client();
    client.put(&person("whole"), "whole").await;
    client.is_sound().await;
    let action =
        Action::Put { payload: Payload::from_kept(vec![0xff; 9]), index: IndexKeys::default() };
    let precondition = Precondition::None;
    let write = Write { key: person("damaged"), precondition, action };
    if fixture.offloads {
        // Read before they go out, they are refused.
        let refused = client.try_commit(Batch { writes: vec![write], ..Batch::default() }).await;
        assert!(matches!(refused, Err(StoreError::Corrupt(_))), "{refused:?}");
        return client.is_sound().await;
    }
    client.write(write).await;
    let breaches = client.store.check(&client.scope, false).await.expect("it can be checked");
    assert_eq!(breaches.len(), 1, "one resource is damaged: {breaches:?}");
    assert!(breaches[0].place.contains("damaged"), "it is named: {breaches:?}");
    assert!(!breaches[0].mended, "contents can't be mended");
}

/// Mending a sound store changes nothing.
pub async fn mending_a_sound_store_changes_nothing(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    for write in [put(&key, "1"), put(&key, "2"), delete(&key), put(&key, "4")] {
        client.write(write).await;
    }
    client.purge(&key, Some(&[2])).await;
    client.replicate(vec![replica(&note("late"), 7, 70, Some("late"))]).await;
    let changes = client.changes().await;
    let breaches = client.store.check(&client.scope, true).await.expect("it can be checked");
    assert_eq!(breaches, [], "gaps that a purge or an import left are no breach");
    assert_eq!(client.changes().await, changes, "mending makes no change");
    assert_eq!(client.find(named("4")).await, [key], "what was found is found");
    assert_eq!(client.find(named("2")).await, [], "what was not is not");
}
