//! Writers at the same time.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;
use std::collections::{BTreeMap, BTreeSet};

const VERSIONS: u64 = 200;

/// Two writers of one resource: each version has one winner, and no version is left out.
pub async fn each_version_has_one_winner(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("contested"));
    client.put(&key, "start").await;
    let writer = |name: &'static str| tokio::spawn(win_versions(client.clone(), key.clone(), name));
    let (left, right) = (writer("left"), writer("right"));
    let mut winners = BTreeMap::new();
    for (name, won) in [("left", left.await), ("right", right.await)] {
        for version in won.expect("a writer ends without a panic") {
            assert_eq!(winners.insert(version, name), None, "one winner of version {version}");
        }
    }
    let versions: Vec<u64> = winners.keys().copied().collect();
    assert_eq!(versions, Vec::from_iter(2..=VERSIONS), "no version is left out");
    for (version, name) in winners {
        let stored = client.version(&key, version).await.expect("each version is there");
        assert_eq!(name_of(&stored), name, "version {version} is its winner's");
    }
    let changed: Vec<u64> = client.changes().await.iter().map(|c| c.version.number()).collect();
    assert_eq!(changed, Vec::from_iter(1..=VERSIONS), "changes come in the order of versions");
    client.is_sound().await;
}

async fn win_versions(client: Client, key: Key, name: &'static str) -> Vec<u64> {
    let mut won = Vec::new();
    loop {
        let current = client.read(&key).await.expect("the resource stays").version;
        if current.number() >= VERSIONS {
            return won;
        }
        let writes = vec![given(Precondition::Version(current), put(&key, name))];
        match client.try_commit(Batch { writes, ..Batch::default() }).await {
            Ok(committed) => won.extend(committed.written[0].version.map(Version::number)),
            Err(StoreError::Conflict { write: 0, conflict: Conflict::Version { .. } }) => {}
            Err(error) => panic!("only the other writer's version stands against it: {error:?}"),
        }
    }
}

/// Writers commit while a poller reads changes: it misses none and sees none twice.
pub async fn a_poller_misses_nothing(fixture: Fixture) {
    let client = fixture.client();
    let writers: Vec<_> = (0..32).map(|n| tokio::spawn(create_twenty(client.clone(), n))).collect();
    let (done, finished) = tokio::sync::watch::channel(false);
    let poller = tokio::spawn(poll(client.clone(), finished));
    let mut committed = BTreeMap::new();
    for writer in writers {
        committed.extend(writer.await.expect("a writer ends without a panic"));
    }
    done.send(true).expect("the poller is still there");
    let seen = poller.await.expect("the poller ends without a panic");
    assert!(seen.is_sorted_by(|a, b| a.seq < b.seq), "seq rises from change to change");
    let keys: BTreeSet<&Key> = seen.iter().map(|c| &c.key).collect();
    assert_eq!(keys.len(), seen.len(), "no change is seen twice");
    assert_eq!(keys, committed.keys().collect(), "what is seen is what was committed");
    for change in &seen {
        let told = committed[&change.key];
        assert!(change.seq <= told, "who has read up to a commit's seq has seen the commit");
    }
    assert_eq!(seen, client.changes().await, "reading again gives the same order");
    let keys: Vec<Key> = committed.into_keys().collect();
    let read = client.read_all(&keys).await;
    assert!(read.iter().all(Option::is_some), "what was acknowledged is there");
    client.is_sound().await;
}

async fn create_twenty(client: Client, writer: u32) -> Vec<(Key, Seq)> {
    let mut committed = Vec::new();
    for n in 0..20 {
        let key = person(&format!("w{writer}-{n}"));
        let seq = client.commit(vec![put(&key, "raced")]).await.seq;
        assert!(client.read(&key).await.is_some(), "a writer reads what it wrote");
        committed.push((key, seq));
    }
    committed
}

async fn poll(client: Client, finished: tokio::sync::watch::Receiver<bool>) -> Vec<Change> {
    let (mut seen, mut cursor) = (Vec::new(), client.beginning().await);
    loop {
        let last_round = *finished.borrow();
        let page = client.store.changes(&client.scope, cursor, 7).await.expect("changes are read");
        assert!(page.changes.len() <= 7, "a page holds no more than asked for");
        let empty = page.changes.is_empty();
        seen.extend(page.changes);
        cursor = page.cursor;
        if empty && last_round {
            return seen;
        }
        tokio::task::yield_now().await;
    }
}
