//! Following a source that is written to.

mod support;

use cresset_copy::Copy;
use cresset_store::Seq;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::life::{Dice, live};
use support::*;

#[tokio::test(flavor = "multi_thread")]
async fn writers_go_on_and_the_last_pass_makes_both_equal() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = sqlite(&folder.path().join("a"), cresset_store_sqlite::OpenMode::Write).await;
    let to = sqlite(&folder.path().join("b"), cresset_store_sqlite::OpenMode::Write).await;
    live(&from, &mut Dice::seeded(1), 100).await;
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|seed| {
            let (from, done) = (from.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut dice = Dice::seeded(100 + seed);
                while !done.load(Ordering::Relaxed) {
                    live(&from, &mut dice, 1).await;
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            })
        })
        .collect();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let mut going = Copy::begin(from.clone(), to.clone(), small(25)).await.expect("it begins");
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let following = tokio::spawn(async move {
        let stopped = async { stopped.await.unwrap_or(()) };
        let mut tell = |progress: cresset_copy::Progress| {
            telling.lock().expect("not poisoned").push((progress.seq, progress.behind()));
        };
        going.follow(stopped, &mut tell).await
    });
    tokio::time::sleep(Duration::from_millis(1500)).await;
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer ends without a panic");
    }
    stop.send(()).expect("it is heard");
    let standing = following.await.expect("it ends").expect("it is copied");
    let horizon = from.store.horizon(&from.scope).await.expect("its end").seq;
    assert_eq!((standing.seq, standing.behind), (horizon, 0), "both are equal");
    assert_equal(&from, &to).await;
    let told = told.lock().expect("not poisoned");
    let followed = told.iter().filter(|(seq, behind)| *seq > Seq(100) && *behind == 0).count();
    assert!(followed > 3, "it had caught up again and again: {followed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_before_it_has_begun_it_still_makes_both_equal() {
    let (from, to) = (memory("source").await, memory("target").await);
    live(&from, &mut Dice::seeded(2), 50).await;
    let mut going = Copy::begin(from.clone(), to.clone(), small(5)).await.expect("it begins");
    let standing = going.follow(std::future::ready(()), &mut |_| {}).await.expect("it is copied");
    assert_eq!(standing.behind, 0);
    assert_equal(&from, &to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_following_it_ends_although_writers_go_on() {
    let (from, to) = (memory("source").await, memory("target").await);
    live(&from, &mut Dice::seeded(3), 50).await;
    let done = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn({
        let (from, done) = (from.clone(), Arc::clone(&done));
        async move {
            let mut dice = Dice::seeded(4);
            while !done.load(Ordering::Relaxed) {
                live(&from, &mut dice, 1).await;
                tokio::task::yield_now().await;
            }
        }
    });
    let copying = copy(&from, &to, small(20));
    let standing = tokio::time::timeout(Duration::from_secs(60), copying).await;
    let standing = standing.expect("it ends").expect("it is copied");
    assert!(standing.seq > Seq(40), "what was there is copied: {standing:?}");
    done.store(true, Ordering::Relaxed);
    writer.await.expect("it ends without a panic");
    copy(&from, &to, small(20)).await.expect("the rest is copied");
    assert_equal(&from, &to).await;
}
