//! A copy that is killed anywhere goes on as if nothing had been.

mod support;

use cresset_copy::{CopyError, Settings, Side};
use cresset_store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use support::faulty::{Fault, Faulty};
use support::life::{Dice, live};
use support::*;

fn with(side: &Side, store: Faulty) -> (Side, Arc<Faulty>) {
    let store = Arc::new(store);
    (Side { store: store.clone(), ..side.clone() }, store)
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_each_call_of_the_target_it_goes_on() {
    let from = memory("source").await;
    live(&from, &mut Dice::seeded(1), 40).await;
    for fault in [Fault::Before, Fault::After] {
        let mut killed = 0;
        for nth in 1.. {
            let to = memory("target").await;
            let (dying, store) = with(&to, Faulty::new(&to.store, fault, nth));
            let ended = copy(&from, &dying, small(6)).await;
            assert_eq!(ended.is_err(), store.has_failed(), "a failure is told: {ended:?}");
            if ended.is_ok() {
                break;
            }
            killed += 1;
            copy(&from, &to, small(9)).await.expect("it goes on");
            assert_equal(&from, &to).await;
        }
        assert!(killed > 15, "it was killed at each of its calls: {killed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_again_and_again_it_arrives() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = memory("source").await;
    let mut dice = Dice::seeded(2);
    live(&from, &mut dice, 300).await;
    let (mut killed, mut arrived) = (0, false);
    while !arrived {
        // Closed and opened each time.
        let to = sqlite(folder.path(), cresset_store_sqlite::OpenMode::Write).await;
        let fault = if dice.below(2) == 0 { Fault::Before } else { Fault::After };
        let (dying, _) = with(&to, Faulty::new(&to.store, fault, 3 + dice.below(20) as usize));
        arrived = copy(&from, &dying, small(11)).await.is_ok();
        killed += usize::from(!arrived);
        live(&from, &mut dice, 2).await;
        assert!(killed < 200, "it gets on");
    }
    assert!(killed >= 5, "it was killed on the way: {killed}");
    let to = sqlite(folder.path(), cresset_store_sqlite::OpenMode::Write).await;
    copy(&from, &to, small(50)).await.expect("the rest is copied");
    assert_equal(&from, &to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_ends_the_copy_and_not_the_target() {
    let from = memory("source").await;
    live(&from, &mut Dice::seeded(7), 50).await;
    for nth in 1.. {
        let to = memory("target").await;
        let (failing, store) = with(&from, Faulty::new(&from.store, Fault::Before, nth));
        let ended = copy(&failing, &to, small(8)).await;
        assert_eq!(ended.is_err(), store.has_failed(), "a failure is told: {ended:?}");
        if ended.is_ok() {
            break;
        }
        copy(&from, &to, small(9)).await.expect("it goes on");
        assert_equal(&from, &to).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn busy_stores_are_waited_for() {
    for fault in [Fault::Busy, Fault::BusyAfter] {
        let (from, to) = (memory("source").await, memory("target").await);
        live(&from, &mut Dice::seeded(8), 200).await;
        let (busy_from, reading) = with(&from, Faulty::every(&from.store, Fault::Busy, 23));
        let (busy_to, writing) = with(&to, Faulty::every(&to.store, fault, 29));
        let standing = copy(&busy_from, &busy_to, small(4)).await.expect("it arrives");
        assert!(reading.has_failed() && writing.has_failed(), "both were busy");
        assert_eq!(standing.behind, 0);
        assert_equal(&from, &to).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_stays_busy_ends_the_copy() {
    let (from, to) = (memory("source").await, memory("target").await);
    live(&from, &mut Dice::seeded(9), 20).await;
    let (busy, _) = with(&to, Faulty::every(&to.store, Fault::Busy, 3));
    let settings = Settings { patience: Duration::from_millis(300), ..small(4) };
    let ended = copy(&from, &busy, settings).await.expect_err("it never gets through");
    let CopyError::Store { error: StoreError::Busy { .. }, place } = ended else {
        panic!("{ended}");
    };
    assert_eq!(place, "target", "it says who was busy");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_copies_at_once_write_nothing_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let from = memory("source").await;
    let to = sqlite(folder.path(), cresset_store_sqlite::OpenMode::Write).await;
    live(&from, &mut Dice::seeded(10), 200).await;
    let both = (copy(&from, &to, small(3)), copy(&from, &to, small(5)));
    let (one, other) = tokio::join!(both.0, both.1);
    assert!(one.is_ok() && other.is_ok(), "{one:?}, {other:?}");
    assert_equal(&from, &to).await;
}
