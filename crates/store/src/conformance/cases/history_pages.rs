//! Histories, page by page.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

async fn populated(client: &Client) {
    for round in 0..4 {
        for id in ["a", "b", "c"] {
            client.put(&person(id), &format!("{id}{round}")).await;
        }
    }
}

fn told(versions: &[Stored]) -> Vec<(Key, Version)> {
    versions.iter().map(|v| (v.key.clone(), v.version)).collect()
}

/// Pages of any size make up the whole, and the last one says that it is the last.
pub async fn pages_make_up_the_whole(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let ranges =
        [HistoryRange::Instance(person("a")), HistoryRange::Type(PERSON), HistoryRange::System];
    for range in ranges {
        let whole = client.history(whole_history(range.clone())).await.versions;
        for limit in [1, 2, 3, 4, 5, 11, 12, 13] {
            let (mut paged, mut after, mut pages) = (Vec::new(), None, 0);
            loop {
                let query = HistoryQuery { after, limit, ..whole_history(range.clone()) };
                let page = client.history(query).await;
                assert!(page.versions.len() <= limit, "a page holds no more than asked for");
                paged.extend(page.versions);
                (after, pages) = (page.next, pages + 1);
                if after.is_none() {
                    break;
                }
            }
            assert_eq!(told(&paged), told(&whole), "pages of {limit} of {range:?}");
            assert_eq!(pages, whole.len().div_ceil(limit), "no empty page at the end, by {limit}");
        }
    }
}

/// What is written between two pages neither repeats nor loses a version that was there before.
pub async fn pages_stand_while_writes_go_on(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let ranges =
        [HistoryRange::Instance(person("a")), HistoryRange::Type(PERSON), HistoryRange::System];
    for (round, range) in ranges.into_iter().enumerate() {
        let before = told(&client.history(whole_history(range.clone())).await.versions);
        let (mut paged, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let query = HistoryQuery { after, limit: 2, ..whole_history(range.clone()) };
            let page = client.history(query).await;
            paged.extend(page.versions);
            client.put(&person(&format!("new-{round}-{pages}")), "new").await;
            client.put(&person("a"), "new").await;
            (after, pages) = (page.next, pages + 1);
            if after.is_none() {
                break;
            }
        }
        assert_eq!(told(&paged), before, "pages of {range:?} are of what was there at the start");
    }
}

/// A position that no store made is refused, not guessed at.
pub async fn a_foreign_position_is_refused(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    for bytes in [vec![], vec![0xff; 3]] {
        let after = Some(Position(bytes));
        let query = HistoryQuery { after, ..whole_history(HistoryRange::System) };
        let outcome = client.store.history(&client.scope, query).await;
        assert!(matches!(outcome, Err(StoreError::Position)), "a foreign position: {outcome:?}");
    }
}
