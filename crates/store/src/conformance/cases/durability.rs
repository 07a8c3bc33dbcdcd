//! What is there after the store was closed and opened again.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

async fn used(client: &Client) {
    client.commit((0..20).map(|n| put(&person(&format!("n{n}")), "kept")).collect()).await;
    client.commit(vec![put(&person("n0"), "updated"), delete(&person("n1"))]).await;
    client.replicate(vec![replica(&note("r"), 4, 40, Some("replica"))]).await;
    client.purge(&person("n2"), None).await;
    let bookmarks = vec![Bookmark { name: "mark".into(), value: vec![7] }];
    let batch = Batch { bookmarks, ..Batch::default() };
    client.try_commit(batch).await.expect("nothing stands against it");
}

/// Everything that can be read, by what it is.
async fn seen(client: &Client) -> Vec<(&'static str, String)> {
    let history = client.history(whole_history(HistoryRange::System)).await;
    vec![
        ("the incarnation", format!("{:?}", client.beginning().await)),
        ("the changes", format!("{:?}", client.changes().await)),
        ("the history", format!("{:?}", history.versions)),
        ("the list", format!("{:?}", client.list(PERSON, 100).await)),
        ("what is found", format!("{:?}", client.find(named("kept")).await)),
        ("an update", format!("{:?}", client.find(named("updated")).await)),
        ("a bookmark", format!("{:?}", client.bookmark("mark").await)),
    ]
}

/// Opened again, a store has everything that was committed, and goes on from there.
pub async fn what_was_committed_survives_reopening(fixture: Fixture) {
    used(&fixture.client()).await;
    let before = seen(&fixture.client()).await;
    let Some(fixture) = fixture.reopened().await else {
        return;
    };
    let client = fixture.client();
    for (before, after) in before.into_iter().zip(seen(&client).await) {
        assert!(before == after, "{} is as it was before the store was closed", before.0);
    }
    client.is_sound().await;
    let last = client.changes().await.last().map(|c| c.seq);
    let committed =
        client.commit(vec![put(&person("n0"), "later"), put(&person("n2"), "later")]).await;
    let versions: Vec<_> =
        committed.written.iter().map(|w| w.version.map(Version::number)).collect();
    assert_eq!(versions, [Some(3), Some(2)], "versions go on, after a purge too");
    assert!(Some(committed.seq) > last, "the sequence goes on");
    assert_eq!(client.find(named("later")).await.len(), 2, "what is written now is found");
}

/// A removed collection stays removed.
pub async fn a_removal_survives_reopening(fixture: Fixture) {
    let client = fixture.client();
    used(&client).await;
    client.store.remove(&client.scope).await.expect("a collection can be removed");
    drop(client);
    let Some(fixture) = fixture.reopened().await else {
        return;
    };
    let client = fixture.client();
    let outcome = client.store.read(&client.scope, &[person("n0")]).await;
    assert!(
        matches!(outcome, Err(StoreError::UnknownCollection(_))),
        "it stays removed: {outcome:?}"
    );
    assert_eq!(fixture.neighbour_client().find(Filter::All).await, [], "its neighbour is there");
}
