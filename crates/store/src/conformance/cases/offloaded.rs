//! What whoever keeps contents elsewhere needs: numbers before the commit, and an end to each attempt.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;
use std::time::Duration;

async fn next(client: &Client, keys: &[Key]) -> Vec<u64> {
    let asked = client.store.next_versions(&client.scope, keys).await;
    asked.expect("versions are numbered").iter().map(|version| version.number()).collect()
}

/// The number of the next version: also after deletions and purges, and of what never was.
pub async fn the_next_version_is_told(fixture: Fixture) {
    let client = fixture.client();
    let keys = [person("a"), person("b"), person("never"), person("a")];
    assert_eq!(next(&client, &keys).await, [1, 1, 1, 1], "all are new");
    client.put(&keys[0], "a").await;
    client.put(&keys[1], "b").await;
    client.write(delete(&keys[1])).await;
    assert_eq!(next(&client, &keys).await, [2, 3, 1, 2], "a deletion is a version");
    client.purge(&keys[1], None).await;
    assert_eq!(next(&client, &keys).await, [2, 3, 1, 2], "numbers don't come again");
    assert_eq!(client.put(&keys[1], "b").await.version.map(Version::number), Some(3));
    let limited = fixture.limited(&[], &[]);
    let refused = limited.store.next_versions(&limited.scope, &keys).await;
    assert!(matches!(refused, Err(StoreError::Forbidden(_))), "for whoever may write");
}

/// Contents that are kept elsewhere under a version's number become that version or none.
pub async fn contents_kept_elsewhere_become_their_own_version_only(fixture: Fixture) {
    let client = fixture.client();
    if fixture.offloads {
        return;
    }
    let key = person("a");
    let elsewhere = |number: u64| {
        let version = Version::new(number).expect("a version");
        let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
        let (_, payload) = payload.offload(version, [7; 16]).expect("it decodes");
        payload
    };
    let write = |number: u64, precondition| Write {
        key: key.clone(),
        precondition,
        action: Action::Put { payload: elsewhere(number), index: IndexKeys::default() },
    };
    for (number, wanted) in [(2, 1), (1, 1), (1, 2), (3, 2), (2, 2)] {
        let other = put(&person("b"), "b");
        let outcome = client
            .try_commit(Batch {
                writes: vec![other, write(number, Precondition::None)],
                ..Batch::default()
            })
            .await;
        let (prepared, next) = (Version::new(number), Version::new(wanted));
        match outcome {
            Ok(done) => {
                assert_eq!(done.written[1].version, prepared);
                assert_eq!(prepared, next, "it became another version");
            }
            Err(StoreError::Conflict {
                write: 1,
                conflict: Conflict::Numbered { prepared: p, next: n },
            }) => {
                assert_eq!((Some(p), Some(n)), (prepared, next), "both are told");
                assert_ne!(prepared, next);
            }
            Err(other) => panic!("{other}"),
        }
    }
    let refused = client
        .try_commit(Batch { writes: vec![write(9, Precondition::Unknown)], ..Batch::default() });
    let conflict = refused.await.expect_err("it exists");
    let exists = matches!(conflict, StoreError::Conflict { conflict: Conflict::Exists(_), .. });
    assert!(exists, "preconditions come first: {conflict}");
    let stored = client.read(&key).await.expect("it is there");
    assert_eq!(stored.payload(), Some(&elsewhere(2)), "what the row holds comes back");
    assert_eq!(client.version(&key, 1).await.expect("it is there").payload(), Some(&elsewhere(1)));
    client.is_sound().await;
}

/// A commit that comes too late is refused, whole.
pub async fn a_batch_past_its_deadline_writes_nothing(fixture: Fixture) {
    let client = fixture.client();
    let late = Some(Deadline::after(Duration::ZERO));
    let (writes, bookmarks) = (vec![put(&person("a"), "a")], Vec::new());
    let batch = Batch { writes, bookmarks, deadline: late, ..Batch::default() };
    let refused = client.store.commit(&client.scope, batch.clone()).await;
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    let replicas = vec![replica(&person("a"), 1, 0, Some("a"))];
    let replicas = ReplicaBatch { replicas, deadline: late, ..ReplicaBatch::default() };
    let refused = client.store.replicate(&client.scope, replicas).await;
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    assert_eq!(client.changes().await, [], "nothing was written");
    let deadline = Some(Deadline::after(Duration::from_secs(60)));
    client.try_commit(Batch { deadline, ..batch }).await.expect("there is time");
}
