//! What a copy doesn't overwrite, and doesn't take for its own.

mod support;

use cresset_copy::{Copy, CopyError, Side};
use cresset_store::*;
use std::sync::Arc;
use support::life::{Dice, live, patient};
use support::*;

async fn filled(place: &str, seed: u64) -> Side {
    let side = memory(place).await;
    live(&side, &mut Dice::seeded(seed), 40).await;
    side
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_holds_something_else_is_left_alone() {
    let (from, to) = (filled("source", 1).await, filled("target", 2).await);
    let before = changes(&to).await;
    let refused = copy(&from, &to, small(9)).await.expect_err("it isn't empty");
    assert!(matches!(refused, CopyError::NotEmpty(_)), "{refused}");
    assert!(refused.is_usage() && refused.to_string().contains("target"), "{refused}");
    assert_eq!(changes(&to).await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_another_source_is_left_alone() {
    let (from, other, to) =
        (filled("source", 1).await, filled("other", 2).await, memory("target").await);
    copy(&other, &to, small(9)).await.expect("it is copied");
    let refused = copy(&from, &to, small(9)).await.expect_err("it is another's");
    assert!(matches!(refused, CopyError::OtherSource { .. }), "{refused}");
    assert_equal(&other, &to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_was_written_to_takes_nothing_any_more() {
    let (from, to) = (filled("source", 1).await, memory("target").await);
    copy(&from, &to, small(9)).await.expect("it is copied");
    copy(&from, &to, small(9)).await.expect("and again, while nobody wrote to it");
    live(&from, &mut Dice::seeded(3), 5).await;
    commit(&to, vec![patient(1, &mut Dice::seeded(4))]).await;
    let before = changes(&to).await;
    let refused = copy(&from, &to, small(9)).await.expect_err("it has a life of its own");
    assert!(matches!(refused, CopyError::WrittenTo { .. }), "{refused}");
    assert_eq!(changes(&to).await, before, "nothing was written");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_written_to_meanwhile_is_noticed() {
    let (from, to) = (filled("source", 1).await, memory("target").await);
    let mut going = Copy::begin(from.clone(), to.clone(), small(2)).await.expect("it begins");
    going.catch_up(&mut |_| {}).await.expect("it is copied");
    commit(&to, vec![patient(1, &mut Dice::seeded(4))]).await;
    live(&from, &mut Dice::seeded(3), 5).await;
    let noticed = going.catch_up(&mut |_| {}).await.expect_err("somebody wrote to it");
    assert!(matches!(noticed, CopyError::WrittenTo { .. }), "{noticed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_is_not_copied_onto_itself() {
    let from = filled("source", 1).await;
    let refused = copy(&from, &from, small(9)).await.expect_err("it is the same");
    assert!(matches!(refused, CopyError::Same), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_was_set_back_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (live_at, backup) = (folder.path().join("live"), folder.path().join("backup"));
    let to = memory("target").await;
    let open = |path: &std::path::Path| {
        let path = path.to_owned();
        async move { sqlite(&path, cresset_store_sqlite::OpenMode::Write).await }
    };
    let from = open(&live_at).await;
    live(&from, &mut Dice::seeded(1), 20).await;
    drop(from);
    let collection = "default/default/fhir.db";
    std::fs::create_dir_all(backup.join("default/default")).expect("a folder");
    std::fs::copy(live_at.join(collection), backup.join(collection)).expect("a backup");
    let from = open(&live_at).await;
    live(&from, &mut Dice::seeded(2), 20).await;
    copy(&from, &to, small(9)).await.expect("it is copied");
    drop(from);
    let restored = open(&backup).await;
    let noticed = copy(&restored, &to, small(9)).await.expect_err("it was set back");
    assert!(matches!(noticed, CopyError::SetBack { .. }), "{noticed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_cannot_be_read_is_not_overwritten() {
    let (from, to) = (filled("source", 1).await, memory("target").await);
    let value = b"copy-9 from the future".to_vec();
    let bookmarks = vec![Bookmark { name: "copy".into(), value: value.clone() }];
    let batch = Batch { bookmarks, ..Batch::default() };
    to.store.commit(&to.scope, batch).await.expect("it is set");
    let refused = copy(&from, &to, small(9)).await.expect_err("it can't be read");
    assert!(matches!(refused, CopyError::Mark(_)), "{refused}");
    assert_eq!(to.store.bookmark(&to.scope, "copy").await.expect("read"), Some(value));
    drop(Arc::clone(&to.store));
}
