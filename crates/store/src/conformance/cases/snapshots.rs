//! A search sees one moment.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

/// A token moves between two resources in each batch: every search finds it exactly once.
pub async fn a_search_sees_one_moment(fixture: Fixture) {
    let client = fixture.client();
    let (a, b) = (person("a"), person("b"));
    client.commit(vec![put(&a, "here"), put(&b, "away")]).await;
    let (done, finished) = tokio::sync::watch::channel(false);
    // Where the index lags, or a commit is seen node by node, what holds at rest is all that holds.
    let count = if fixture.lags || fixture.tears { 0 } else { 4 };
    let searchers: Vec<_> =
        (0..count).map(|_| tokio::spawn(search_until(client.clone(), finished.clone()))).collect();
    for n in 0..200 {
        let (from, to) = if n % 2 == 0 { (&a, &b) } else { (&b, &a) };
        client.commit(vec![put(from, "away"), put(to, "here")]).await;
        tokio::task::yield_now().await;
    }
    let _ = done.send(true);
    for searcher in searchers {
        searcher.await.expect("every search sees the token once");
    }
    search_until(client, finished).await;
}

async fn search_until(client: Client, finished: tokio::sync::watch::Receiver<bool>) {
    loop {
        let last_round = *finished.borrow();
        let here = client.search(query(&[PERSON], named("here"), 10)).await;
        assert_eq!(here.resources.len(), 1, "the token is in exactly one place");
        assert_eq!(here.total, Some(1), "the total is of the same moment");
        assert_eq!(name_of(&here.resources[0]), "here", "contents are of the same moment");
        let away = client.find(Filter::Not(Box::new(named("here")))).await;
        assert_eq!(away.len(), 1, "the token is missing in exactly one place");
        let both = client.find(Filter::And(vec![named("here"), named("away")])).await;
        assert_eq!(both, [], "no resource is found by keys of two versions");
        let either = client.find(Filter::Or(vec![named("here"), named("away")])).await;
        assert_eq!(either.len(), 2, "each resource is found by keys of one version");
        if last_round {
            return;
        }
        tokio::task::yield_now().await;
    }
}
