//! What a search finds: filters and how they combine.

use crate::conformance::Fixture;
use crate::conformance::resources::*;
use crate::*;
use std::time::Duration;

/// An update's old keys are gone, its new ones found; a deletion takes all away.
pub async fn keys_follow_the_current_version(fixture: Fixture) {
    let (client, key) = (fixture.client(), person("a"));
    let two = |a: &str, b: &str| [a, b].map(|name| entry("name", vec![text(name)])).to_vec();
    client.write(put_with(&key, "1", two("old", "kept"))).await;
    client.write(put_with(&key, "2", two("kept", "new"))).await;
    assert_eq!(client.find(named("old")).await, [], "an old key is gone");
    for name in ["kept", "new"] {
        assert_eq!(client.find(named(name)).await, std::slice::from_ref(&key), "{name} is found");
    }
    client.write(delete(&key)).await;
    assert_eq!(client.find(Filter::All).await, [], "a deleted resource is not found");
    assert_eq!(client.find(named("kept")).await, [], "nor by its keys");
    let not = Filter::Not(Box::new(named("kept")));
    assert_eq!(client.find(not).await, [], "nor by what it has not");
    assert_eq!(client.find(Filter::Keys(vec![key.clone()])).await, [], "nor by its key");
    client.write(put_with(&key, "4", two("again", "kept"))).await;
    assert_eq!(client.find(named("kept")).await, [key], "created again, it is found");
    assert_eq!(client.find(named("new")).await, [], "but not by keys from before");
    client.is_sound().await;
}

/// And, Or and Not, empty and nested.
pub async fn filters_combine(fixture: Fixture) {
    let client = fixture.client();
    let names =
        |names: &str| names.chars().map(|c| entry("name", vec![text(&c.to_string())])).collect();
    let all = ["x", "y", "xy", "z"];
    client.commit(all.map(|id| put_with(&person(id), id, names(id))).to_vec()).await;
    let (x, y) = (|| named("x"), || named("y"));
    let not = |filter| Filter::Not(Box::new(filter));
    let cases: [(Filter, &[&str]); 9] = [
        (Filter::And(vec![x(), y()]), &["xy"]),
        (Filter::Or(vec![x(), y()]), &["x", "y", "xy"]),
        (not(x()), &["y", "z"]),
        (Filter::And(vec![x(), not(y())]), &["x"]),
        (not(Filter::Or(vec![x(), y()])), &["z"]),
        (not(not(x())), &["x", "xy"]),
        (Filter::And(vec![]), &all),
        (Filter::Or(vec![]), &[]),
        (Filter::And(vec![Filter::All, Filter::Or(vec![not(Filter::All), y()])]), &["y", "xy"]),
    ];
    for (filter, expected) in cases {
        let told = format!("{filter:?}");
        let expected: Vec<Key> = expected.iter().map(|id| person(id)).collect();
        assert_eq!(client.find(filter).await, expected, "{told}");
    }
}

/// Keys find what is there of them; types narrow any filter.
pub async fn keys_and_types_narrow(fixture: Fixture) {
    let client = fixture.client();
    client.commit(vec![put(&person("a"), "x"), put(&note("a"), "x"), put(&note("b"), "y")]).await;
    let keys = vec![note("b"), person("never"), person("a"), person("a")];
    assert_eq!(client.find(Filter::Keys(keys)).await, [person("a"), note("b")], "by their keys");
    assert_eq!(client.find(Filter::Keys(Vec::new())).await, [], "by no keys");
    let many = (0..3000).map(|n| person(&n.to_string())).chain([note("a")]).collect();
    assert_eq!(client.find(Filter::Keys(many)).await, [note("a")], "by thousands of keys");
    let cases: [(&[TypeNumber], &[Key]); 5] = [
        (&[PERSON, PERSON], &[person("a")]),
        (&[PERSON], &[person("a")]),
        (&[NOTE], &[note("a")]),
        (&[NOTE, PERSON, PLACE], &[person("a"), note("a")]),
        (&[PLACE], &[]),
    ];
    for (types, expected) in cases {
        let matches = client.search(query(types, named("x"), 10)).await;
        let found: Vec<Key> = matches.resources.into_iter().map(|r| r.key).collect();
        assert_eq!(found, expected, "types {types:?}");
        assert_eq!(matches.total, Some(expected.len() as u64), "their total");
    }
}

/// Spans of time take the moment they begin with, and not the one they end with.
pub async fn spans_of_time_are_half_open(fixture: Fixture) {
    let client = fixture.client();
    let replicas = (0..5).map(|n| replica(&person(&n.to_string()), 1, n, Some("x"))).collect();
    client.replicate(replicas).await;
    let cases: [(Option<i64>, Option<i64>, &[&str]); 6] = [
        (None, None, &["0", "1", "2", "3", "4"]),
        (Some(2), None, &["2", "3", "4"]),
        (None, Some(2), &["0", "1"]),
        (Some(1), Some(3), &["1", "2"]),
        (Some(2), Some(2), &[]),
        (Some(5), None, &[]),
    ];
    for (from, to, expected) in cases {
        let expected: Vec<Key> = expected.iter().map(|id| person(id)).collect();
        let filter = Filter::Updated(from.map(moment), to.map(moment));
        assert_eq!(client.find(filter).await, expected, "from {from:?} to {to:?}");
    }
    tokio::time::sleep(Duration::from_millis(3)).await;
    let updated = client.put(&person("0"), "y").await.updated;
    let since = Filter::Updated(Some(updated), None);
    assert_eq!(client.find(since).await, [person("0")], "the current version's time counts");
    let then = Filter::Updated(Some(moment(0)), Some(moment(1)));
    assert_eq!(client.find(then).await, [], "a past version's does not");
}

/// Without a limit's room for results, the total alone is told.
pub async fn a_total_needs_no_results(fixture: Fixture) {
    let client = fixture.client();
    client.commit((0..30).map(|n| put(&person(&n.to_string()), "x")).collect()).await;
    let matches = client.search(query(&[PERSON], named("x"), 0)).await;
    assert_eq!((matches.resources.len(), matches.total), (0, Some(30)), "the total alone");
    let matches = client.search(query(&[PERSON], named("x"), 7)).await;
    assert_eq!((matches.resources.len(), matches.total), (7, Some(30)), "the total of all pages");
    let start = Start::After(matches.next.expect("more is there"));
    let matches = client.search(Query { start, ..query(&[PERSON], named("x"), 7) }).await;
    assert_eq!(matches.total, Some(30), "the total is the same on each page");
    let untold = Query { total: false, ..query(&[PERSON], named("x"), 7) };
    assert_eq!(client.search(untold).await.total, None, "no total unless asked for");
    let none = client.search(query(&[PERSON], named("y"), 0)).await;
    assert_eq!(none.total, Some(0), "the total of nothing");
}
