//! Searches and lists, page by page, while others write.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;
use std::collections::BTreeSet;

const STAYING: u64 = 60;

fn valued(key: &Key, value: u64) -> Write {
    put_with(key, "x", vec![entry("value", vec![ordered(value)])])
}

/// Sixty resources that stay as they are, and as many that change, among them and beyond.
async fn populated(client: &Client) {
    let staying = (0..STAYING).map(|n| valued(&person(&format!("stay-{n}")), n * 37 % 20));
    let moving = (0..STAYING).map(|n| valued(&person(&format!("move-{n}")), n * 11 % 23));
    client.commit(staying.zip(moving).flat_map(|(a, b)| [a, b]).collect()).await;
}

/// What others do between two pages: insert, change, move and delete.
async fn disturb(client: &Client, page: u64) {
    let moving = |n: u64| person(&format!("move-{}", (page * 4 + n) % STAYING));
    let writes = vec![
        valued(&person(&format!("new-{page}")), page % 25),
        valued(&moving(0), page * 7 % 23),
        delete(&moving(1)),
        put(&moving(2), "without a value"),
    ];
    client.commit(writes).await;
}

fn each_once(found: &[Key], what: &str) {
    let staying: Vec<&str> =
        found.iter().map(|key| key.id.as_str()).filter(|id| id.starts_with("stay-")).collect();
    let distinct: BTreeSet<&str> = staying.iter().copied().collect();
    assert_eq!(distinct.len(), staying.len(), "none that stayed is listed twice: {what}");
    assert_eq!(distinct.len() as u64, STAYING, "none that stayed is missed: {what}");
}

/// Whatever others do, a search's pages list each resource that stayed exactly once.
pub async fn search_pages_stand_while_others_write(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let value = || SortBy::Parameters(vec![Parameter::new("value")]);
    let sorts = [None, Some(value()), Some(SortBy::Updated), Some(SortBy::Arrival)];
    for by in sorts {
        for descending in [false, true] {
            let sort: Vec<Sort> =
                by.clone().map(|by| Sort { by, descending }).into_iter().collect();
            let (mut found, mut after, mut page) = (Vec::new(), None, 0);
            loop {
                let start = after.map_or(Start::First, Start::After);
                let query = Query { sort: sort.clone(), start, ..query(&[PERSON], Filter::All, 9) };
                let matches = client.search(query).await;
                assert!(matches.resources.len() <= 9, "a page holds no more than asked for");
                found.extend(matches.resources.into_iter().map(|r| r.key));
                after = matches.next;
                // New resources at the end would keep the listing going for ever.
                if page < 12 {
                    disturb(&client, page).await;
                }
                page += 1;
                if after.is_none() {
                    break;
                }
            }
            each_once(&found, &format!("{by:?}, descending: {descending}"));
        }
    }
    client.is_sound().await;
}

/// A type's list has each resource that stayed exactly once, too.
pub async fn list_pages_stand_while_others_write(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let (mut found, mut after, mut page) = (Vec::new(), None, 0);
    loop {
        let listing = client.store.list(&client.scope, PERSON, after, 9).await.expect("a page");
        found.extend(listing.resources.into_iter().map(|r| r.key));
        after = listing.next;
        if page < 12 {
            disturb(&client, page).await;
        }
        page += 1;
        if after.is_none() {
            break;
        }
    }
    each_once(&found, "a list");
}

/// Lists of any page size give the same order, without an empty page at the end.
pub async fn lists_have_one_order(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    client.commit(vec![put(&note("other"), "other"), delete(&person("move-0"))]).await;
    let whole = client.list(PERSON, 1000).await;
    assert_eq!(whole.len() as u64, 2 * STAYING - 1, "every live resource of the type is listed");
    for limit in [1, 7, 118, 119, 120] {
        assert_eq!(client.list(PERSON, limit).await, whole, "pages of {limit} give the same order");
    }
    let exactly = client.store.list(&client.scope, PERSON, None, 119).await.expect("a page");
    assert!(exactly.next.is_none(), "a page that holds all is the last");
    client.put(&person("stay-0"), "updated").await;
    let keys = |all: &[Stored]| all.iter().map(|r| r.key.clone()).collect::<Vec<_>>();
    let again = client.list(PERSON, 1000).await;
    assert_eq!(keys(&again), keys(&whole), "an update doesn't move a resource");
}

/// Positions that no store made are refused.
pub async fn foreign_positions_are_refused(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    for bytes in [vec![], vec![0xff; 3]] {
        let place = Position(bytes);
        for start in [Start::After(place.clone()), Start::Before(place.clone())] {
            let sort = vec![Sort { by: SortBy::Updated, descending: false }];
            let query = Query { start, sort, ..query(&[PERSON], Filter::All, 9) };
            let outcome = client.store.search(&client.scope, query).await;
            assert!(matches!(outcome, Err(StoreError::Position)), "a search's: {outcome:?}");
        }
        let outcome = client.store.list(&client.scope, PERSON, Some(place), 9).await;
        assert!(matches!(outcome, Err(StoreError::Position)), "a list's: {outcome:?}");
    }
}

/// Pages of any size make up the whole, without an empty page at the end.
pub async fn search_pages_make_up_the_whole(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let by = SortBy::Parameters(vec![Parameter::new("value")]);
    let sort = vec![Sort { by, descending: true }];
    let query =
        |start, limit| Query { sort: sort.clone(), start, ..query(&[PERSON], Filter::All, limit) };
    let whole = client.search(query(Start::First, 1000)).await.resources;
    assert_eq!(whole.len() as u64, 2 * STAYING, "every resource is found");
    for limit in [1, 7, 40, 119, 120, 121] {
        let (mut paged, mut start, mut pages) = (Vec::new(), Start::First, 0);
        loop {
            let matches = client.search(query(start, limit)).await;
            assert_eq!(matches.previous.is_none(), pages == 0, "only the first page is the first");
            paged.extend(matches.resources);
            pages += 1;
            match matches.next {
                Some(next) => start = Start::After(next),
                None => break,
            }
        }
        assert_eq!(paged, whole, "pages of {limit} are the whole");
        assert_eq!(pages, whole.len().div_ceil(limit), "no empty page at the end, by {limit}");
    }
}

/// From any page the way back leads over the same resources, in the same order.
pub async fn pages_lead_back(fixture: Fixture) {
    let client = fixture.client();
    populated(&client).await;
    let by = SortBy::Parameters(vec![Parameter::new("value")]);
    for sort in [vec![], vec![Sort { by, descending: true }]] {
        let query = |start| Query { sort: sort.clone(), start, ..query(&[PERSON], Filter::All, 7) };
        let (mut forth, mut start) = (vec![client.search(query(Start::First)).await], Start::First);
        while let Some(next) = forth.last().and_then(|page| page.next.clone()) {
            start = Start::After(next);
            forth.push(client.search(query(start.clone())).await);
        }
        assert!(matches!(start, Start::After(_)), "there is more than one page");
        while let Some(page) = forth.pop() {
            let Some(before) = forth.last() else { break };
            let previous = page.previous.expect("not the first page");
            let back = client.search(query(Start::Before(previous))).await;
            assert_eq!(back.resources, before.resources, "the page before, in the same order");
            assert!(back.next.is_some(), "there is a page after it");
            let first = forth.len() == 1;
            assert_eq!(back.previous.is_none(), first, "the first page has none before it");
        }
    }
}
