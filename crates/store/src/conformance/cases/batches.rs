//! A batch is written as a whole or not at all.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

/// All that can be seen of a collection.
async fn seen(client: &Client) -> (Vec<Stored>, Vec<Change>, Vec<Key>, Vec<Stored>) {
    let history = client.history(whole_history(HistoryRange::System)).await.versions;
    let list = client.list(PERSON, 100).await;
    (list, client.changes().await, client.find(Filter::All).await, history)
}

async fn populated(client: &Client) {
    client.commit(vec![put(&person("kept"), "kept"), put(&person("doomed"), "doomed")]).await;
}

/// Forty creations, an update, a deletion and a bookmark.
fn large_batch() -> Batch {
    let mut writes: Vec<Write> = (0..40).map(|n| put(&person(&format!("n{n}")), "new")).collect();
    writes.push(put(&person("kept"), "new"));
    writes.push(delete(&person("doomed")));
    let bookmarks = vec![Bookmark { name: "place".into(), value: vec![1] }];
    Batch { writes, bookmarks, ..Batch::default() }
}

async fn leaves_nothing(client: &Client, batch: Batch) -> StoreError {
    let before = seen(client).await;
    let error = client.try_commit(batch).await.expect_err("the batch is refused");
    assert_eq!(seen(client).await, before, "a refused batch leaves no trace");
    assert_eq!(client.bookmark("place").await, None, "a refused batch sets no bookmark");
    assert_eq!(client.find(named("new")).await, [], "a refused batch leaves no index entry");
    assert_eq!(client.find(named("doomed")).await, [person("doomed")], "nor takes one away");
    client.is_sound().await;
    error
}

/// The last write of a large batch fails: nothing of it is there.
pub async fn a_failing_write_leaves_nothing(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let mut batch = large_batch();
    batch.writes.push(given(Precondition::Present, put(&person("missing"), "new")));
    let error = leaves_nothing(&client, batch).await;
    let StoreError::Conflict { write: 42, conflict: Conflict::Missing } = error else {
        panic!("the error names the write: {error:?}");
    };
    client.try_commit(large_batch()).await.expect("without the failing write it is committed");
    assert_eq!(client.find(named("new")).await.len(), 41, "then all of it is there");
    assert_eq!(client.bookmark("place").await, Some(vec![1]), "and its bookmark");
}

/// A guard fails: nothing of the batch is there.
pub async fn a_failing_guard_leaves_nothing(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let guards = vec![guard(named("kept"), &[person("kept")]), guard(named("doomed"), &[])];
    let error = leaves_nothing(&client, Batch { guards, ..large_batch() }).await;
    assert!(matches!(error, StoreError::Guard(1)), "the error names the guard: {error:?}");
}

/// One batch can't write a resource twice.
pub async fn a_resource_twice_is_refused(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let mut batch = large_batch();
    batch.writes.push(delete(&person("n7")));
    let error = leaves_nothing(&client, batch).await;
    let StoreError::Conflict { write: 42, conflict: Conflict::Twice } = error else {
        panic!("the error names the second write: {error:?}");
    };
}

/// A commit tells what became of each write, in their order.
pub async fn writes_are_told_in_their_order(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let writes = vec![
        put(&note("z"), "new"),
        delete(&person("unknown")),
        put(&person("kept"), "again"),
        delete(&person("doomed")),
        put(&note("a"), "new"),
    ];
    let told = client.commit(writes).await.written;
    let told: Vec<_> = told.iter().map(|w| (w.version.map(Version::number), w.kind)).collect();
    let expected = [
        (Some(1), Some(ChangeKind::Create)),
        (None, None),
        (Some(2), Some(ChangeKind::Update)),
        (Some(2), Some(ChangeKind::Delete)),
        (Some(1), Some(ChangeKind::Create)),
    ];
    assert_eq!(told, expected, "what became of each write, in their order");
}

/// An empty batch is committed and changes nothing.
pub async fn an_empty_batch_changes_nothing(fixture: Fixture) {
    let client = fixture.client();
    let first = client.commit(vec![put(&person("a"), "a")]).await;
    let before = seen(&client).await;
    let empty = client.commit(Vec::new()).await;
    assert_eq!(empty.written, [], "an empty batch writes nothing");
    assert_eq!(empty.seq, first.seq, "an empty batch leaves the sequence where it is");
    assert_eq!(seen(&client).await, before, "an empty batch changes nothing");
}

/// Thousands of writes in one batch are one commit.
pub async fn five_thousand_writes_are_one_commit(fixture: Fixture) {
    let client = fixture.client();
    let keys: Vec<Key> = (0..5000).map(|n| person(&format!("n{n}"))).collect();
    let committed = client.commit(keys.iter().map(|key| put(key, "many")).collect()).await;
    assert_eq!(committed.written.len(), 5000, "each write is told");
    let changes = client.changes().await;
    assert_eq!(changes.len(), 5000, "each write is a change");
    assert_eq!(changes.last().map(|c| c.seq), Some(committed.seq), "seq is that of the last write");
    let found = client.find(named("many")).await;
    assert_eq!(found, keys, "the order of arrival in a batch is the batch's");
    let listed: Vec<Key> = client.list(PERSON, 999).await.into_iter().map(|r| r.key).collect();
    assert_eq!(listed.len(), 5000, "each write is listed");
    let read = client.read_all(&keys).await;
    assert!(read.iter().all(Option::is_some), "each write is read in one call");
}
