//! Bookmarks: cursors that are set with a commit.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

fn marks(marks: &[(&str, &[u8])]) -> Vec<Bookmark> {
    let mark =
        |(name, value): &(&str, &[u8])| Bookmark { name: (*name).into(), value: value.to_vec() };
    marks.iter().map(mark).collect()
}

async fn set(client: &Client, bookmarks: Vec<Bookmark>) {
    let batch = Batch { bookmarks, ..Batch::default() };
    client.try_commit(batch).await.expect("bookmarks alone can be committed");
}

/// A bookmark is as the last commit left it.
pub async fn a_bookmark_is_as_last_set(fixture: Fixture) {
    let client = fixture.client();
    assert_eq!(client.bookmark("a").await, None, "a bookmark that was never set");
    set(&client, marks(&[("a", b"1"), ("view/é b", &[0, 255, 0])])).await;
    set(&client, marks(&[("a", b"")])).await;
    assert_eq!(client.bookmark("a").await, Some(Vec::new()), "set again, to nothing");
    assert_eq!(client.bookmark("view/é b").await, Some(vec![0, 255, 0]), "any bytes, any name");
    assert_eq!(client.bookmark("A").await, None, "names are told apart by case");
    assert_eq!(client.changes().await, [], "a bookmark is no change");
}

/// A replica batch sets bookmarks too.
pub async fn replicas_carry_bookmarks(fixture: Fixture) {
    let client = fixture.client();
    let replicas = vec![replica(&person("a"), 1, 0, Some("a"))];
    let bookmarks = marks(&[("a", b"7")]);
    let batch = ReplicaBatch { replicas, bookmarks, ..ReplicaBatch::default() };
    client.store.replicate(&client.scope, batch).await.expect("replicas are taken over");
    assert_eq!(client.bookmark("a").await, Some(b"7".to_vec()), "set with the replicas");
}

/// A bookmark that is expected elsewhere stops its batch, and stays where it is.
pub async fn a_bookmark_moves_from_where_it_was_seen(fixture: Fixture) {
    let client = fixture.client();
    let step = |from: Option<&[u8]>, to: &[u8]| Batch {
        writes: vec![put(&person("a"), "a")],
        expected: vec![Expected { name: "a".into(), value: from.map(<[u8]>::to_vec) }],
        bookmarks: marks(&[("a", to)]),
        ..Batch::default()
    };
    for (from, to, moves) in [
        (Some(&b"1"[..]), &b"2"[..], false),
        (None, b"1", true),
        (None, b"2", false),
        (Some(b"2"), b"3", false),
        (Some(b"1"), b"2", true),
    ] {
        let before = (client.bookmark("a").await, client.changes().await.len());
        match client.try_commit(step(from, to)).await {
            Ok(_) => assert!(moves, "{from:?} to {to:?} was let through"),
            Err(StoreError::Moved(name)) => {
                assert!(!moves, "{from:?} to {to:?} was refused");
                assert_eq!(name, "a", "the bookmark is named");
                let after = (client.bookmark("a").await, client.changes().await.len());
                assert_eq!(after, before, "nothing was written");
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(client.bookmark("a").await, Some(b"2".to_vec()), "moved twice");
}

/// Each step is taken by one of those who try.
pub async fn of_many_who_move_a_bookmark_one_does(fixture: Fixture) {
    let client = fixture.client();
    for round in 0..10u8 {
        let value = client.bookmark("a").await;
        let tries = (0..8u8).map(|by| {
            let (client, value) = (client.clone(), value.clone());
            tokio::spawn(async move {
                let expected = vec![Expected { name: "a".into(), value }];
                let bookmarks = marks(&[("a", &[round, by])]);
                client.try_commit(Batch { expected, bookmarks, ..Batch::default() }).await
            })
        });
        let mut moved = 0;
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.expect("no panic") {
                Ok(_) => moved += 1,
                Err(StoreError::Moved(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(moved, 1, "round {round}");
    }
}

/// Writes of a commit and its bookmark are seen together.
pub async fn writes_and_bookmark_appear_together(fixture: Fixture) {
    let client = fixture.client();
    set(&client, marks(&[("count", &[0])])).await;
    let writer = tokio::spawn({
        let client = client.clone();
        async move {
            for n in 1..=100u8 {
                let writes = vec![put(&person(&n.to_string()), "counted")];
                let bookmarks = marks(&[("count", &[n])]);
                let batch = Batch { writes, bookmarks, ..Batch::default() };
                client.try_commit(batch).await.expect("nothing stands against it");
            }
        }
    });
    loop {
        let finished = writer.is_finished();
        let before = client.bookmark("count").await.expect("it was set")[0];
        let found = client.find(named("counted")).await.len();
        let after = client.bookmark("count").await.expect("it was set")[0];
        // One commit may be under way.
        let torn = usize::from(fixture.tears);
        let span = usize::from(before).saturating_sub(torn)..=usize::from(after) + torn;
        assert!(span.contains(&found), "{found} resources between bookmarks {span:?}");
        if finished {
            break;
        }
        tokio::task::yield_now().await;
    }
    writer.await.expect("the writer ends without a panic");
}
