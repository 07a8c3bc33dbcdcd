//! What arrives is what was there, between stores of every kind.

mod support;

use cresset_copy::{Copy, Settings};
use cresset_store::*;
use cresset_store_sqlite::OpenMode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use support::faulty::{Fault, Faulty};
use support::life::{Dice, live, patient};
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn histories_arrive_as_they_were_whatever_the_size_of_chunks() {
    for seed in 0..6 {
        let from = memory("source").await;
        live(&from, &mut Dice::seeded(seed), 150).await;
        for changes in [1, 2, 7, 50, 100_000] {
            let to = memory("target").await;
            let standing = copy(&from, &to, small(changes)).await.expect("it is copied");
            assert_eq!(standing.behind, 0, "nothing is left");
            assert_eq!((standing.unindexed, standing.unexplained), (0, 0), "all is explained");
            assert_equal(&from, &to).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_store_is_source_and_target() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    let served = sqlite(&path("source"), OpenMode::Write).await;
    let mut dice = Dice::seeded(20);
    live(&served, &mut dice, 200).await;
    // Beside the one who writes, as another process would.
    let from = sqlite(&path("source"), OpenMode::Read).await;
    let to = sqlite(&path("target"), OpenMode::Write).await;
    let mut going = Copy::begin(from.clone(), to.clone(), small(30)).await.expect("it begins");
    going.catch_up(&mut |_| {}).await.expect("it is copied");
    assert_equal(&from, &to).await;
    for _ in 0..3 {
        live(&served, &mut dice, 20).await;
        let standing = going.catch_up(&mut |_| {}).await.expect("the rest is copied");
        assert_eq!(standing.behind, 0, "the other process's commits are seen");
        assert_equal(&served, &to).await;
    }
    let back = memory("back").await;
    copy(&to, &back, small(13)).await.expect("it is copied on");
    assert_equal(&from, &back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_purged_before_the_copy_came_by_leaves_its_numbers() {
    let (from, to) = (memory("source").await, memory("target").await);
    let mut dice = Dice::seeded(3);
    for _ in 0..4 {
        commit(&from, vec![patient(1, &mut dice), patient(2, &mut dice)]).await;
    }
    let (whole, part) = (key("Patient", "p1"), key("Patient", "p2"));
    let by = Provenance { principal: Some("officer".into()), ..Provenance::default() };
    from.store.purge(&from.scope, &whole, None, by.clone()).await.expect("purged");
    let second = vec![Version::new(2).expect("a version")];
    from.store.purge(&from.scope, &part, Some(second), by).await.expect("purged");
    copy(&from, &to, small(3)).await.expect("it is copied");
    assert_equal(&from, &to).await;
    let read = to.store.read(&to.scope, std::slice::from_ref(&whole)).await.expect("read");
    assert_eq!(read, [None], "nothing of it is there");
    commit(&to, vec![patient(1, &mut dice)]).await;
    let read = to.store.read(&to.scope, &[whole]).await.expect("read").remove(0);
    assert_eq!(read.expect("it is there").version.number(), 5, "its numbers aren't given again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purge_after_the_copy_came_by_is_a_purge_there_too() {
    let (from, to) = (memory("source").await, memory("target").await);
    let mut dice = Dice::seeded(4);
    for _ in 0..3 {
        commit(&from, vec![patient(1, &mut dice), patient(2, &mut dice)]).await;
    }
    copy(&from, &to, small(2)).await.expect("it is copied");
    let first = vec![Version::FIRST];
    let (one, two) = (key("Patient", "p1"), key("Patient", "p2"));
    from.store.purge(&from.scope, &one, Some(first), Provenance::default()).await.expect("purged");
    from.store.purge(&from.scope, &two, None, Provenance::default()).await.expect("purged");
    copy(&from, &to, small(2)).await.expect("the purges are copied");
    assert_equal(&from, &to).await;
    let gone = to.store.read_version(&to.scope, &one, Version::FIRST).await.expect("read");
    assert_eq!(gone, None, "it is gone there as well");
}

#[tokio::test(flavor = "multi_thread")]
async fn chunks_end_where_they_would_become_too_large() {
    let (from, to) = (memory("source").await, memory("target").await);
    let mut dice = Dice::seeded(5);
    for id in 0..400 {
        commit(&from, vec![patient(id, &mut dice)]).await;
    }
    let whole = Arc::new(Faulty::new(&to.store, Fault::Before, usize::MAX));
    let watched = cresset_copy::Side { store: whole.clone(), ..to.clone() };
    // Not limited, for comparison.
    copy(&from, &watched, small(100_000)).await.expect("it is copied");
    let unlimited = whole.largest.load(Ordering::Relaxed);

    let again = memory("again").await;
    let limited = Arc::new(Faulty::new(&again.store, Fault::Before, usize::MAX));
    let watched = cresset_copy::Side { store: limited.clone(), ..again.clone() };
    let settings = Settings { bytes: 4_000, ..small(100_000) };
    copy(&from, &watched, settings).await.expect("it is copied");
    let largest = limited.largest.load(Ordering::Relaxed);
    assert!(largest * 8 < unlimited, "{largest} of {unlimited} bytes in one commit");
    assert_equal(&from, &again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_is_lost_is_told_and_not_taken_for_purged() {
    let (from, to) = (memory("source").await, memory("target").await);
    let mut dice = Dice::seeded(6);
    for _ in 0..3 {
        commit(&from, vec![patient(1, &mut dice), patient(2, &mut dice)]).await;
    }
    from.store
        .purge(&from.scope, &key("Patient", "p2"), None, Provenance::default())
        .await
        .expect("purged");
    let mut damaged = Faulty::new(&from.store, Fault::Before, usize::MAX);
    damaged.lost = Some((key("Patient", "p1"), Version::new(2).expect("a version")));
    let damaged = cresset_copy::Side { store: Arc::new(damaged), ..from.clone() };
    let standing = copy(&damaged, &to, small(2)).await.expect("the rest is copied");
    assert_eq!(standing.unexplained, 1, "one is lost; what was purged isn't");
    assert_eq!(standing.behind, 0, "the rest is there");
}
