//! The change sequence.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;

/// Each change tells resource, versions, kind, time and who.
pub async fn changes_tell_what_was_committed(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let mut told = Vec::new();
    for (n, write) in
        [put(&key, "1"), put(&key, "2"), delete(&key), put(&key, "4")].into_iter().enumerate()
    {
        let provenance = Provenance {
            principal: Some("Dr. Å".into()),
            request: Some(format!("request-{n}").into()),
            origin: None,
        };
        let batch =
            Batch { writes: vec![write], provenance: provenance.clone(), ..Batch::default() };
        let committed = client.try_commit(batch).await.expect("nothing stands against it");
        told.push((committed, provenance));
    }
    let changes = client.changes().await;
    assert_eq!(changes.len(), 4, "one change for each version");
    for (n, (change, (committed, provenance))) in changes.iter().zip(&told).enumerate() {
        let written = committed.written[0];
        assert_eq!(change.key, key, "whose change");
        assert_eq!(Some(change.version), written.version, "the version that came to be");
        assert_eq!(change.previous, Version::new(n as u64), "the version that it replaced");
        assert_eq!(Some(change.kind), written.kind, "what happened");
        assert_eq!(change.time, written.updated, "when");
        assert_eq!(change.provenance, *provenance, "by whom");
        assert_eq!(change.seq, committed.seq, "where");
    }
}

/// Pages of changes follow each other without loss, and say whether more is there.
pub async fn changes_are_paged_by_cursor(fixture: Fixture) {
    let client = fixture.client();
    for n in 0..4 {
        client.commit((0..5).map(|i| put(&person(&format!("{n}-{i}")), "x")).collect()).await;
    }
    let all = client.changes().await;
    assert_eq!(all.len(), 20, "all changes are there");
    for limit in [1, 3, 10, 19, 20, 21] {
        let (mut paged, mut cursor) = (Vec::new(), client.beginning().await);
        loop {
            let page = client.store.changes(&client.scope, cursor, limit).await.expect("a page");
            paged.extend(page.changes);
            assert_eq!(page.more, paged.len() < 20, "more says whether more is there, by {limit}");
            assert_eq!(
                page.cursor.incarnation, cursor.incarnation,
                "a cursor keeps its incarnation"
            );
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        assert_eq!(paged, all, "pages of {limit} are the whole");
        let end = client.store.changes(&client.scope, cursor, limit).await.expect("the end");
        assert_eq!((end.changes, end.cursor), (Vec::new(), cursor), "the end stays the end");
        assert!(!end.more, "nothing is after the end");
    }
}

/// A cursor at the end sees what is committed later.
pub async fn a_cursor_at_the_end_sees_what_comes(fixture: Fixture) {
    let client = fixture.client();
    let start = client.beginning().await;
    let empty = client.store.changes(&client.scope, start, 10).await.expect("no changes yet");
    assert_eq!(empty.changes, [], "a new collection has no changes");
    client.put(&person("a"), "a").await;
    let page = client.store.changes(&client.scope, empty.cursor, 10).await.expect("one change");
    assert_eq!(page.changes.len(), 1, "a cursor from before sees what came since");
    client.put(&person("b"), "b").await;
    let page = client.store.changes(&client.scope, page.cursor, 10).await.expect("one change");
    let keys: Vec<_> = page.changes.iter().map(|c| &c.key).collect();
    assert_eq!(keys, [&person("b")], "and nothing that it had seen");
}

/// A cursor of another incarnation is refused.
pub async fn a_foreign_cursor_is_refused(fixture: Fixture) {
    let client = fixture.client();
    client.put(&person("a"), "a").await;
    let cursor = client.beginning().await;
    let foreign = Cursor { incarnation: Incarnation(cursor.incarnation.0 ^ 1), ..cursor };
    let outcome = client.store.changes(&client.scope, foreign, 10).await;
    assert!(matches!(outcome, Err(StoreError::Incarnation)), "a foreign cursor: {outcome:?}");
}

/// Creating what exists changes nothing.
pub async fn creating_again_keeps_everything(fixture: Fixture) {
    let client = fixture.client();
    let first = client.beginning().await;
    client.put(&person("a"), "a").await;
    assert_eq!(client.beginning().await, first, "the incarnation stays");
    assert_eq!(client.changes().await.len(), 1, "the changes stay");
    assert!(client.read(&person("a")).await.is_some(), "the resources stay");
}

/// The horizon is where the changes end, also for who only reads.
pub async fn the_horizon_is_the_last_change(fixture: Fixture) {
    let client = fixture.client();
    let horizon = || async {
        client.store.horizon(&client.scope).await.expect("the end of the sequence can be read")
    };
    assert_eq!(horizon().await, client.beginning().await, "a new collection has no changes");
    client.commit(vec![put(&person("a"), "a"), put(&person("b"), "b")]).await;
    client.purge(&person("a"), None).await;
    let last = client.changes().await.pop().expect("a change").seq;
    assert_eq!(horizon().await.seq, last, "the last change is the end");
    assert_eq!(last, Seq(3), "each change takes one place");
    assert_eq!(
        fixture
            .neighbour_client()
            .store
            .horizon(&fixture.neighbour_client().scope)
            .await
            .expect("its end")
            .seq,
        Seq(0),
        "of its own collection"
    );
    let end = client.store.changes(&client.scope, horizon().await, 10).await.expect("the end");
    assert_eq!(end.changes, [], "nothing is after it");
}
