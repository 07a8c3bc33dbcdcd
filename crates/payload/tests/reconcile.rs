//! Reconciling: orphans go, and nothing else does.

mod rig;

use cresset_payload::{Prefix, Reconcile, Report, Settings, Token, verify};
use cresset_store::*;
use rig::{Rig, key, put};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const KEY: &str = "6c1f0e0e-3d7b-4f5e-9a5d-0123456789ab";

fn reconcile<'r>(rig: &'r Rig, dry_run: bool, grace: Duration) -> Reconcile<'r> {
    Reconcile {
        store: &*rig.inner,
        scope: &rig.scope,
        container: rig.container(),
        prefix: Prefix::top(),
        dry_run,
        grace,
        most: None,
    }
}

async fn whole(rig: &Rig, dry_run: bool, grace: Duration) -> Report {
    let (report, rest) =
        reconcile(rig, dry_run, grace).run(None, |_, _| {}).await.expect("it runs");
    assert_eq!(rest, None, "it is done");
    report
}

/// Files that no row tells of.
fn leave(rig: &Rig, names: &[&str]) {
    for name in names {
        let path = rig.bodies().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, b"{}").expect("it is written");
    }
}

#[tokio::test]
async fn orphans_go_and_nothing_else_does() {
    let rig = Rig::new().await;
    for name in ["one", "two"] {
        rig.commit(vec![put(&key("a"), name), put(&key("b.c"), name)]).await.expect("committed");
    }
    let kept = rig.names().await;
    let orphans = [
        format!("97/a/1/{KEY}"),
        format!("97/a/3/{KEY}"),
        format!("1/never/1/{KEY}"),
        format!("148/never/1/{KEY}#2"),
    ];
    let foreign = [
        "readme.txt".to_owned(),
        "97/a/1/notes".to_owned(),
        format!("view/97/a/1/{KEY}"),
        format!("97/a/1/{KEY}x"),
    ];
    let all: Vec<&str> = orphans.iter().chain(&foreign).map(String::as_str).collect();
    leave(&rig, &all);
    let (none, hour) = (Duration::ZERO, Duration::from_secs(3600));
    let young = whole(&rig, false, hour).await;
    assert_eq!((young.scanned, young.matched, young.young), (10, 4, 4), "{young:?}");
    assert_eq!((young.foreign, young.orphaned, young.deleted), (2, 0, 0), "{young:?}");
    let dry = whole(&rig, true, none).await;
    assert_eq!((dry.orphaned, dry.deleted, dry.bytes, dry.young), (4, 0, 8, 0), "{dry:?}");
    assert_eq!(rig.names().await.len(), kept.len() + 8, "a dry run takes nothing away");
    let wet = whole(&rig, false, none).await;
    assert_eq!((wet.orphaned, wet.deleted, wet.matched), (4, 4, 4), "{wet:?}");
    assert_eq!((wet.rows, wet.missing_count), (4, 0), "{wet:?}");
    let expected: BTreeSet<String> = kept.into_iter().chain(foreign).collect();
    assert_eq!(rig.names().await, expected);
    let again = whole(&rig, false, none).await;
    assert_eq!((again.orphaned, again.scanned), (0, 6), "{again:?}");
}

#[tokio::test]
async fn versions_without_a_body_are_told_and_stay() {
    let rig = Rig::new().await;
    for name in ["one", "two"] {
        rig.commit(vec![put(&key("a"), name), put(&key("b"), name)]).await.expect("committed");
    }
    for name in rig.names().await {
        if name.starts_with("97/a/") {
            rig.container().delete(&name).await.expect("it is deleted");
        }
    }
    let report = whole(&rig, false, Duration::ZERO).await;
    let missing: BTreeSet<&str> = report.missing.iter().map(String::as_str).collect();
    assert_eq!(missing, BTreeSet::from(["97/a/1", "97/a/2"]));
    assert_eq!((report.rows, report.missing_count), (4, 2));
    assert_eq!(rig.rows().await.len(), 4, "rows stay");
}

#[tokio::test]
async fn a_stopped_reconcile_goes_on_and_covers_each_blob_once() {
    let rig = Rig::new().await;
    let writes = |n: usize| (0..1000).map(|i| put(&key(&format!("{n}-{i}")), "x")).collect();
    for n in 0..3 {
        rig.commit(writes(n)).await.expect("committed");
    }
    let mut sum = (0, 0, 0);
    let (mut token, mut runs): (Option<Token>, u32) = (None, 0);
    loop {
        let mut one = reconcile(&rig, true, Duration::ZERO);
        one.most = Some(Duration::ZERO);
        // As another process would read it.
        let text = token.take().map(|token| token.to_string());
        let place = rig.container().place();
        let from = text.map(|text| Token::read(&text, place, &Prefix::top()).expect("it is read"));
        let mut told = Vec::new();
        let (report, rest) =
            one.run(from, |_, token| told.push(token.clone())).await.expect("it runs");
        sum = (sum.0 + report.scanned, sum.1 + report.matched, sum.2 + report.rows);
        runs += 1;
        token = rest;
        if token.is_none() {
            break;
        }
        assert_eq!(told.last(), token.as_ref(), "the last token that was told is the one");
    }
    assert!(runs > 6, "{runs} runs");
    assert_eq!(sum, (3000, 3000, 3000));
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_go_on_beside_it() {
    let rig = Arc::new(Rig::new().await);
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (rig, done) = (Arc::clone(&rig), Arc::clone(&done));
            tokio::spawn(async move {
                let mut round = 0;
                while !done.load(Ordering::Relaxed) {
                    let id = format!("{n}-{}", round % 20);
                    let write = put(&key(&id), &format!("{round}"));
                    let stale = Precondition::Version(Version::new(999_999).expect("a version"));
                    let refused = Write { precondition: stale, ..write.clone() };
                    rig.commit(vec![write]).await.expect("committed");
                    rig.commit(vec![refused]).await.expect_err("its version isn't current");
                    round += 1;
                }
                round
            })
        })
        .collect();
    // Long enough for what these commits do between put and row, as the real one is for real ones.
    let grace = Duration::from_secs(2);
    for _ in 0..8 {
        let report = whole(&rig, false, grace).await;
        assert_eq!(report.missing_count, 0, "{report:?}");
        assert_eq!(report.orphaned, 0, "nothing is old enough but what has its row");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    done.store(true, Ordering::Relaxed);
    let mut versions = 0;
    for writer in writers {
        versions += writer.await.expect("no panic");
    }
    assert_eq!(rig.names().await, rig.rows().await);
    assert_eq!(rig.names().await.len(), versions);
}

#[tokio::test]
async fn a_container_and_a_store_that_do_not_belong_together_are_told_apart() {
    let (rig, other) = (Rig::new().await, Rig::new().await);
    let check = async |store: &Rig, container: &Rig| {
        verify(&*store.inner, &store.scope, container.container(), &Prefix::top()).await
    };
    check(&rig, &rig).await.expect("they belong together");
    check(&rig, &other).await.expect_err("another container");
    let bare = Rig::bare();
    bare.inner.create(&bare.scope).await.expect("it is made");
    let refused = check(&bare, &rig).await.expect_err("an empty store").to_string();
    assert!(refused.contains("nothing to look after"), "{refused}");
}

#[test]
fn the_grace_is_longer_than_any_commit() {
    let settings = Settings::default();
    assert!(settings.grace() > 2 * settings.deadline);
}
