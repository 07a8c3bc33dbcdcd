//! The order of what a search finds.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

fn by(by: SortBy, descending: bool) -> Sort {
    Sort { by, descending }
}

fn by_values(parameters: &[&str], descending: bool) -> Sort {
    by(SortBy::Parameters(parameters.iter().map(|p| Parameter::new(p)).collect()), descending)
}

async fn in_order(client: &Client, sort: Vec<Sort>, expected: &[&str]) {
    let told = format!("{sort:?}");
    let matches = client.search(Query { sort, ..query(&[PERSON], Filter::All, 100) }).await;
    let found: Vec<&str> = matches.resources.iter().map(|r| r.key.id.as_str()).collect();
    assert_eq!(found, expected, "{told}");
}

/// By the smallest value ascending, by the largest descending, without a value last either way.
pub async fn values_order_by_their_extremes(fixture: Fixture) {
    let client = fixture.client();
    let values = |texts: &[&str]| texts.iter().map(|t| entry("t", vec![text(t)])).collect();
    let writes = vec![
        put_with(&person("none"), "x", values(&[])),
        put_with(&person("wide"), "x", values(&["a", "z"])),
        put_with(&person("middle"), "x", values(&["m"])),
        put_with(&person("longer"), "x", values(&["ma"])),
        put_with(&person("nought"), "x", values(&[])),
        put_with(&person("upper"), "x", values(&["B", "b"])),
    ];
    client.commit(writes).await;
    let ascending = ["upper", "wide", "middle", "longer", "none", "nought"];
    in_order(&client, vec![by_values(&["t"], false)], &ascending).await;
    let descending = ["wide", "longer", "middle", "upper", "none", "nought"];
    in_order(&client, vec![by_values(&["t"], true)], &descending).await;
}

/// Values of several segments order by the first, then by the second.
pub async fn segments_order_one_after_another(fixture: Fixture) {
    let client = fixture.client();
    let values = [
        ("az", vec![text("a"), text("z")]),
        ("ab-a", vec![text("ab"), text("a")]),
        ("ab", vec![text("a"), text("b")]),
        ("a", vec![text("a")]),
    ];
    let write = |(id, value)| put_with(&person(id), "x", vec![entry("t", value)]);
    client.commit(values.map(write).to_vec()).await;
    let ascending = ["a", "ab", "az", "ab-a"];
    in_order(&client, vec![by_values(&["t"], false)], &ascending).await;
    let descending = ["ab-a", "az", "ab", "a"];
    in_order(&client, vec![by_values(&["t"], true)], &descending).await;
}

/// Values that begin with the same text are equal where texts are sorted by.
pub async fn texts_order_by_themselves(fixture: Fixture) {
    let client = fixture.client();
    let values = [
        ("p", vec![text("baker"), text("Baker")], 2),
        ("q", vec![text("baker"), text("")], 1),
        ("r", vec![text("bake"), text("")], 9),
        ("s", vec![text("baker"), text("BAKER")], 3),
        ("t", vec![text("bakers"), text("")], 0),
    ];
    let write = |(id, value, n): (&str, Vec<Segment>, u64)| {
        put_with(&person(id), "x", vec![entry("t", value), entry("n", vec![ordered(n)])])
    };
    client.commit(values.map(write).to_vec()).await;
    let texts = |down| by(SortBy::Texts(vec![Parameter::new("t")]), down);
    let n = |down| by_values(&["n"], down);
    in_order(&client, vec![texts(false)], &["r", "p", "q", "s", "t"]).await;
    in_order(&client, vec![texts(true)], &["t", "p", "q", "s", "r"]).await;
    in_order(&client, vec![texts(false), n(false)], &["r", "q", "p", "s", "t"]).await;
    in_order(&client, vec![texts(true), n(true)], &["t", "s", "p", "q", "r"]).await;
}

/// Several parameters under one sort key count as one; further sort keys decide among equals.
pub async fn sort_keys_follow_each_other(fixture: Fixture) {
    let client = fixture.client();
    let both = |a: u64, b: u64| vec![entry("a", vec![ordered(a)]), entry("b", vec![ordered(b)])];
    let values = [("p", both(2, 9)), ("q", both(1, 3)), ("r", both(2, 1)), ("s", both(1, 3))];
    let write = |(id, index): (&str, Vec<IndexKey>)| put_with(&person(id), "x", index);
    client.commit(values.map(write).to_vec()).await;
    let (a, b) = (|down| by_values(&["a"], down), |down| by_values(&["b"], down));
    in_order(&client, vec![a(false), b(false)], &["q", "s", "r", "p"]).await;
    in_order(&client, vec![a(false), b(true)], &["q", "s", "p", "r"]).await;
    in_order(&client, vec![a(true), b(false)], &["r", "p", "q", "s"]).await;
    in_order(&client, vec![a(false), by(SortBy::Arrival, true)], &["s", "q", "r", "p"]).await;
    in_order(&client, vec![by_values(&["a", "b"], false)], &["q", "r", "s", "p"]).await;
    in_order(&client, vec![by_values(&["a", "b"], true)], &["p", "q", "s", "r"]).await;
}

/// By time of the current version, and by arrival, which an update doesn't change.
pub async fn times_and_arrival_order(fixture: Fixture) {
    let client = fixture.client();
    let replicas = [("a", 30), ("b", 10), ("c", 20), ("d", 10), ("e", -999_999_999_999)];
    let replicas = replicas.map(|(id, time)| replica(&person(id), 1, time, Some("x"))).to_vec();
    client.replicate(replicas).await;
    let updated = |down| vec![by(SortBy::Updated, down)];
    let arrival = |down| vec![by(SortBy::Arrival, down)];
    in_order(&client, updated(false), &["e", "b", "d", "c", "a"]).await;
    in_order(&client, updated(true), &["a", "c", "b", "d", "e"]).await;
    client.put(&person("b"), "later").await;
    in_order(&client, updated(true), &["b", "a", "c", "d", "e"]).await;
    in_order(&client, arrival(false), &["a", "b", "c", "d", "e"]).await;
    in_order(&client, arrival(true), &["e", "d", "c", "b", "a"]).await;
    in_order(&client, Vec::new(), &["a", "b", "c", "d", "e"]).await;
}

/// By id, as text: those that a store keeps in another form, too.
pub async fn ids_order_as_text(fixture: Fixture) {
    let client = fixture.client();
    let ids = [
        "b",
        "9b2d5b2e-5c1d-4f6a-9a43-0c6a3d6f1e20",
        "B",
        "0b2d5b2e-5c1d-4f6a-9a43-0c6a3d6f1e20",
        "9b2d5b2e",
        "10",
        "9B2D5B2E-5C1D-4F6A-9A43-0C6A3D6F1E20",
    ];
    client.commit(ids.map(|id| put(&person(id), "x")).to_vec()).await;
    let mut ascending = ids;
    ascending.sort_unstable();
    in_order(&client, vec![by(SortBy::Id, false)], &ascending).await;
    let mut descending = ascending;
    descending.reverse();
    in_order(&client, vec![by(SortBy::Id, true)], &descending).await;
}
