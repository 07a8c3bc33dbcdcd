//! Random queries give what the store gives that scans its keys: the same resources in the same
//! order, page by page, with the same total.

use crate::conformance::population::*;
use crate::conformance::random::Random;
use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::memory::MemoryStore;
use crate::*;
use std::sync::Arc;

const IDS: u64 = 110;
const QUERIES: u64 = 150;

/// Every query, page by page.
async fn pages(client: &Client, query: &Query) -> (Vec<(Key, Version)>, Option<u64>) {
    let (mut found, mut total, mut query) = (Vec::new(), None, query.clone());
    loop {
        let matches = client.search(query.clone()).await;
        assert!(matches.resources.len() <= query.limit, "a page holds no more than asked for");
        found.extend(matches.resources.into_iter().map(|r| (r.key, r.version)));
        total = total.max(matches.total);
        let Some(next) = matches.next else {
            return (found, total);
        };
        query.start = Start::After(next);
    }
}

/// Asks both stores the same, sometimes as somebody who may not read every type.
async fn agree(fixture: &Fixture, oracle: &Fixture, random: &mut Random, timed: bool) {
    let mut fruitful = 0;
    for number in 0..QUERIES {
        let allowed = if random.once_in(4) { &TYPES[..2] } else { &TYPES[..] };
        let types = &allowed[..random.below(allowed.len() as u64 + 1) as usize];
        let query = Query {
            sort: any_sort(random, timed),
            limit: 10 + random.below(80) as usize,
            total: random.once_in(2),
            ..query(types, any_filter(random, 3, IDS, timed), 0)
        };
        let expected = pages(&oracle.limited(allowed, &[]), &query).await;
        let found = pages(&fixture.limited(allowed, &[]), &query).await;
        assert_eq!(found, expected, "query {number}, reading {allowed:?}: {query:#?}");
        fruitful += u64::from(!expected.0.is_empty());
    }
    assert!(
        fruitful > QUERIES / 3,
        "queries that find nothing prove little: {fruitful} find something"
    );
}

async fn memory() -> Fixture {
    Fixture::of(Arc::new(MemoryStore::new())).await
}

/// Over resources that were created, updated, deleted and created again.
pub async fn random_queries_over_commits_agree(fixture: Fixture) {
    let (oracle, mut random) = (memory().await, Random(20_260_131));
    let mut written: Vec<Key> = Vec::new();
    for _ in 0..40 {
        let mut batch = Batch::default();
        for _ in 0..random.below(30) {
            let key = any_key(&mut random, IDS);
            let index = any_index(&mut random, &written);
            let action = Action::Put { payload: payload("x"), index };
            let action = if random.once_in(5) { Action::Delete } else { action };
            batch.writes.push(Write { key, precondition: Precondition::None, action });
        }
        while let Some(twice) = batch.twice() {
            batch.writes.remove(twice);
        }
        // What is referred to exists or existed, so that both stores know the same arrivals.
        let puts = batch.writes.iter().filter(|w| matches!(w.action, Action::Put { .. }));
        written.extend(puts.map(|w| w.key.clone()));
        for client in [fixture.client(), oracle.client()] {
            client.try_commit(batch.clone()).await.expect("nothing stands against it");
        }
    }
    agree(&fixture, &oracle, &mut random, false).await;
    fixture.client().is_sound().await;
}

/// Over replicated resources, whose times both stores know.
pub async fn random_queries_over_replicas_agree(fixture: Fixture) {
    let (oracle, mut random) = (memory().await, Random(7));
    let mut known: Vec<Key> = Vec::new();
    for _ in 0..40 {
        let mut replicas = Vec::new();
        for _ in 0..12 {
            let key = any_key(&mut random, IDS);
            let name = (!random.once_in(6)).then_some("x");
            let (version, seconds) = (1 + random.below(9), random.below(50) as i64);
            let mut replica = replica(&key, version, seconds, name);
            if name.is_some() {
                replica.index = any_index(&mut random, &known);
            }
            replicas.push(replica);
        }
        known.extend(replicas.iter().map(|r| r.key.clone()));
        for client in [fixture.client(), oracle.client()] {
            client.replicate(replicas.clone()).await;
        }
    }
    agree(&fixture, &oracle, &mut random, true).await;
    fixture.client().is_sound().await;
}
