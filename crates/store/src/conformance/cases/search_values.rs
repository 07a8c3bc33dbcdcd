//! Scans: prefixes, bounds, patterns and suffixes of index values.

use crate::conformance::resources::*;
use crate::conformance::{Client, Fixture};
use crate::*;

fn scan(parameter: &str) -> Scan {
    Scan::all(Parameter::new(parameter))
}

/// Writes a resource for each value, under ids from 0.
async fn with_values(client: &Client, parameter: &str, values: Vec<Vec<Segment>>) {
    let write = |(n, value): (usize, Vec<Segment>)| {
        put_with(&person(&n.to_string()), "x", vec![entry(parameter, value)])
    };
    client.commit(values.into_iter().enumerate().map(write).collect()).await;
}

async fn finds(client: &Client, scan: Scan, expected: &[usize]) {
    let told = format!("{scan:?}");
    let found = client.find(Filter::Scan(scan)).await;
    let found: Vec<&str> = found.iter().map(|key| key.id.as_str()).collect();
    let expected: Vec<String> = expected.iter().map(usize::to_string).collect();
    assert_eq!(found, expected, "{told}");
}

/// A text is found whole, by its beginning and by range, in the order of its bytes.
pub async fn texts_are_found_whole_and_by_range(fixture: Fixture) {
    let client = fixture.client();
    let texts = ["ab", "abc", "a", "b", "", "Ab", "é", "abd"];
    with_values(&client, "t", texts.map(|t| vec![text(t)]).to_vec()).await;
    let whole = |t: &str| Scan::starting(Parameter::new("t"), vec![text(t)]);
    for (n, t) in texts.iter().enumerate() {
        finds(&client, whole(t), &[n]).await;
    }
    finds(&client, whole("abcd"), &[]).await;
    let range = |lower: Option<&str>, upper: Option<&str>| Scan {
        lower: lower.map(|t| t.as_bytes().to_vec()),
        upper: upper.map(|t| t.as_bytes().to_vec()),
        ..scan("t")
    };
    finds(&client, range(Some("ab"), Some("ac")), &[0, 1, 7]).await;
    finds(&client, range(Some("abc"), Some("abd")), &[1]).await;
    finds(&client, range(Some("b"), None), &[3, 6]).await;
    finds(&client, range(None, Some("a")), &[4, 5]).await;
    finds(&client, range(None, None), &[0, 1, 2, 3, 4, 5, 6, 7]).await;
    finds(&client, Scan { lower: Some(Vec::new()), ..scan("t") }, &[0, 1, 2, 3, 4, 5, 6, 7]).await;
    finds(&client, scan("other"), &[]).await;
}

/// A text ends itself: what follows is not taken for a part of it.
pub async fn texts_end_themselves(fixture: Fixture) {
    let client = fixture.client();
    let values = vec![
        vec![text("a"), text("b")],
        vec![text("ab")],
        vec![text("a"), text("bc")],
        vec![text("a\0b")],
        vec![text("a")],
    ];
    with_values(&client, "t", values).await;
    let starting = |value| Scan::starting(Parameter::new("t"), value);
    finds(&client, starting(vec![text("a")]), &[0, 2, 4]).await;
    finds(&client, starting(vec![text("a"), text("b")]), &[0]).await;
    finds(&client, starting(vec![text("a\0b")]), &[3]).await;
    let prefix = vec![Pattern::Is(text("a"))];
    let range =
        Scan { prefix, lower: Some(b"b".to_vec()), upper: Some(b"c".to_vec()), ..scan("t") };
    finds(&client, range, &[0, 2]).await;
}

/// Ordered bytes are found by range: from the lower bound up to, but without, the upper.
pub async fn ordered_bytes_are_found_by_range(fixture: Fixture) {
    let client = fixture.client();
    let numbers = [5, 0, 255, 256, u64::MAX, 70_000];
    with_values(&client, "n", numbers.map(|n| vec![term("kg"), ordered(n)]).to_vec()).await;
    let kilograms = |lower: Option<u64>, upper: Option<u64>| Scan {
        prefix: vec![Pattern::Is(term("kg"))],
        lower: lower.map(|n| n.to_be_bytes().to_vec()),
        upper: upper.map(|n| n.to_be_bytes().to_vec()),
        ..scan("n")
    };
    finds(&client, kilograms(Some(5), Some(256)), &[0, 2]).await;
    finds(&client, kilograms(Some(256), None), &[3, 4, 5]).await;
    finds(&client, kilograms(None, Some(5)), &[1]).await;
    finds(&client, kilograms(Some(6), Some(255)), &[]).await;
    finds(&client, kilograms(None, None), &[0, 1, 2, 3, 4, 5]).await;
    let pounds = Scan { prefix: vec![Pattern::Is(term("lb"))], ..scan("n") };
    finds(&client, pounds, &[]).await;
}

/// A pattern stands for any term, or for terms that end with a text.
pub async fn patterns_stand_for_terms(fixture: Fixture) {
    let client = fixture.client();
    let values = vec![
        vec![term("loinc|kg"), text("1")],
        vec![term("ucum|kg"), text("2")],
        vec![term("ucum|g"), text("1")],
        vec![term("stone"), text("1")],
        vec![term("kg"), text("0")],
        vec![term("ucum|kg")],
        vec![term("kg|ucum")],
    ];
    with_values(&client, "q", values).await;
    let with = |prefix| Scan { prefix, ..scan("q") };
    finds(&client, with(vec![Pattern::AnyTerm]), &[0, 1, 2, 3, 4, 5, 6]).await;
    finds(&client, with(vec![Pattern::AnyTerm, Pattern::Is(text("1"))]), &[0, 2, 3]).await;
    finds(&client, with(vec![Pattern::TermEnding("|kg".into())]), &[0, 1, 5]).await;
    finds(&client, with(vec![Pattern::TermEnding("g".into())]), &[0, 1, 2, 4, 5]).await;
    for nothing in ["KG", "_g", "g|ucum|"] {
        let pattern = Pattern::TermEnding(nothing.into());
        finds(&client, with(vec![pattern]), &[]).await;
    }
    finds(&client, with(vec![Pattern::TermEnding("%g".into())]), &[]).await;
    finds(&client, with(vec![Pattern::TermEnding(String::new()), Pattern::Is(text("2"))]), &[1])
        .await;
    let ranged = Scan {
        prefix: vec![Pattern::TermEnding("kg".into())],
        lower: Some(b"1".to_vec()),
        upper: Some(b"2".to_vec()),
        ..scan("q")
    };
    finds(&client, ranged, &[0]).await;
    finds(&client, with(vec![Pattern::Is(term("never seen"))]), &[]).await;
}

/// Ranges over many terms that share a bound are told apart by the other one.
pub async fn ranges_over_terms_may_share_a_bound(fixture: Fixture) {
    let client = fixture.client();
    let values = [("kg", 5), ("g", 50)].map(|(unit, n)| vec![term(unit), ordered(n)]);
    with_values(&client, "q", values.to_vec()).await;
    let bytes = |n| match ordered(n) {
        Segment::Ordered(bytes) => bytes,
        other => panic!("{other:?} isn't ordered"),
    };
    let within = |prefix: Pattern, lower: Option<u64>, upper: Option<u64>| {
        let (lower, upper) = (lower.map(bytes), upper.map(bytes));
        Filter::Scan(Scan { prefix: vec![prefix], lower, upper, ..scan("q") })
    };
    let below = |n| within(Pattern::AnyTerm, None, Some(n));
    let above = |n| within(Pattern::AnyTerm, Some(n), None);
    let between = within(Pattern::AnyTerm, Some(2), Some(3));
    let of_one = within(Pattern::Is(term("g")), None, Some(60));
    for (filters, expected) in [
        (vec![below(2), below(10)], &["0"][..]),
        (vec![below(10), below(2), below(60)], &["0", "1"]),
        (vec![between, above(2)], &["0", "1"]),
        (vec![below(2), of_one], &["1"]),
    ] {
        let told = format!("{filters:?}");
        let found = client.find(Filter::Or(filters)).await;
        let found: Vec<&str> = found.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(found, expected, "{told}");
    }
}

/// A range behind whatever term, of hundreds, is that of all of them; what ends before it isn't in it.
pub async fn ranges_lie_behind_many_terms(fixture: Fixture) {
    let client = fixture.client();
    let unit = |n: u64| term(&format!("unit-{n}"));
    let mut values: Vec<_> =
        (0..600).map(|n| vec![term("code"), unit(n), ordered(n % 300)]).collect();
    values.push(vec![term("code")]);
    values.push(vec![term("code"), unit(7)]);
    values.push(vec![term("other"), unit(7), ordered(299)]);
    with_values(&client, "q", values).await;
    let bytes = |n| match ordered(n) {
        Segment::Ordered(bytes) => Some(bytes),
        other => panic!("{other:?} isn't ordered"),
    };
    let behind = |prefix: Vec<Pattern>, lower, upper| Scan { prefix, lower, upper, ..scan("q") };
    let code = || vec![Pattern::Is(term("code")), Pattern::AnyTerm];
    finds(&client, behind(code(), bytes(298), None), &[298, 299, 598, 599]).await;
    finds(&client, behind(code(), None, bytes(1)), &[0, 300, 601]).await;
    finds(&client, behind(code(), bytes(5), bytes(6)), &[5, 305]).await;
    let of_other = vec![Pattern::Is(term("other")), Pattern::AnyTerm];
    finds(&client, behind(of_other, bytes(1), None), &[602]).await;
}

/// So is one behind two terms, each of many, also as one of several alternatives.
pub async fn ranges_lie_behind_two_of_many_terms(fixture: Fixture) {
    let client = fixture.client();
    let unit = |n: u64| term(&format!("unit-{n}"));
    let values = (0..40).map(|n| vec![text("a"), unit(n), unit(n * 7 % 40), ordered(n)]);
    with_values(&client, "q", values.collect()).await;
    let Segment::Ordered(bytes) = ordered(37) else { panic!("it is ordered") };
    let prefix = vec![Pattern::Is(text("a")), Pattern::AnyTerm, Pattern::AnyTerm];
    let above = Scan { prefix, lower: Some(bytes), ..scan("q") };
    finds(&client, above.clone(), &[37, 38, 39]).await;
    let second = [Pattern::Is(text("a")), Pattern::Is(unit(2))];
    let second = Scan { prefix: second.to_vec(), ..scan("q") };
    let either = Filter::Or(vec![Filter::Scan(above), Filter::Scan(second)]);
    let found = client.find(either).await;
    let found: Vec<&str> = found.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(found, ["2", "37", "38", "39"]);
}

/// A suffix is all that follows the text, however stores number their terms.
pub async fn suffixes_follow_the_text(fixture: Fixture) {
    let client = fixture.client();
    let mut values = vec![
        vec![text("1"), term("kg")],
        vec![text("2"), term("kg")],
        vec![text("2"), term("g")],
        vec![text("3"), term("kg"), term("g")],
        vec![text("2")],
        vec![ordered(1), term("kg")],
    ];
    let others = (0..600).map(|n| vec![text("x"), term(&format!("unit-{n}"))]);
    values.extend(others);
    with_values(&client, "s", values).await;
    let ending = |suffix| Scan { suffix, ..scan("s") };
    finds(&client, ending(vec![term("kg")]), &[0, 1]).await;
    finds(&client, ending(vec![term("kg"), term("g")]), &[3]).await;
    finds(&client, ending(vec![term("g")]), &[2]).await;
    finds(&client, ending(vec![term("never seen")]), &[]).await;
    for n in [0, 1, 5, 100, 240, 300, 599] {
        finds(&client, ending(vec![term(&format!("unit-{n}"))]), &[n + 6]).await;
    }
    let lower = Some(b"2".to_vec());
    finds(&client, Scan { lower: lower.clone(), ..ending(vec![term("kg")]) }, &[1]).await;
    finds(&client, Scan { upper: lower, ..ending(vec![term("kg")]) }, &[0]).await;
}

/// A text is found by what stands anywhere in it, and only in the segment after the prefix.
pub async fn texts_are_found_by_what_they_contain(fixture: Fixture) {
    let client = fixture.client();
    let values = vec![
        vec![text("springfield"), text("Springfield")],
        vec![text("field"), text("")],
        vec![text("fiel"), text("field")],
        vec![text("dünnfeld"), text("")],
        vec![ordered(7)],
    ];
    with_values(&client, "c", values).await;
    let part = |part| Scan { contains: Some(part), ..scan("c") };
    let containing = |wanted: &str| part(TextPart::Anywhere(wanted.into()));
    finds(&client, containing("field"), &[0, 1]).await;
    finds(&client, containing("ring"), &[0]).await;
    finds(&client, containing("ün"), &[3]).await;
    finds(&client, containing("Field"), &[]).await;
    let lower = Some(b"g".to_vec());
    finds(&client, Scan { lower, ..containing("field") }, &[0]).await;
    let ending = |wanted: &str| part(TextPart::End(wanted.into()));
    finds(&client, ending("feld"), &[3]).await;
    finds(&client, ending("ld"), &[0, 1, 3]).await;
    finds(&client, ending("fie"), &[]).await;
}

/// A second range is about the same value as the first, behind the prefix and so many bytes.
pub async fn a_second_range_is_of_the_same_value(fixture: Fixture) {
    let client = fixture.client();
    let span = |from: u64, to: u64| {
        let bytes = [from.to_be_bytes(), to.to_be_bytes()].concat();
        vec![term("x"), Segment::Ordered(bytes)]
    };
    let short = Segment::Ordered(vec![0, 0, 0]);
    let values = vec![span(1, 9), span(5, 6), span(5, 300), span(7, 8), vec![term("x"), short]];
    with_values(&client, "p", values).await;
    let both = vec![entry("p", span(1, 2)), entry("p", span(8, 9))];
    client.write(put_with(&person("5"), "x", both)).await;
    let bytes = |bound: Option<u64>| bound.map(|n| n.to_be_bytes().to_vec());
    let spans = |starts: [Option<u64>; 2], ends: [Option<u64>; 2]| {
        let [lower, upper] = ends.map(bytes);
        let within = Some(Within { at: 8, lower, upper });
        let [lower, upper] = starts.map(bytes);
        Scan { prefix: vec![Pattern::Is(term("x"))], lower, upper, within, ..scan("p") }
    };
    finds(&client, spans([None, None], [None, None]), &[0, 1, 2, 3, 5]).await;
    finds(&client, spans([Some(5), None], [None, Some(9)]), &[1, 3]).await;
    finds(&client, spans([None, Some(6)], [Some(6), None]), &[0, 1, 2]).await;
    finds(&client, spans([None, Some(5)], [Some(9), Some(256)]), &[0]).await;
    finds(&client, spans([Some(9), None], [None, None]), &[]).await;
}

/// A resource with several matching values is found and counted once.
pub async fn a_resource_is_found_once(fixture: Fixture) {
    let client = fixture.client();
    let values = (0..50).map(|n| entry("t", vec![text(&format!("a{n}"))])).collect();
    client.write(put_with(&person("many"), "x", values)).await;
    let range = Scan { lower: Some(b"a".to_vec()), ..scan("t") };
    assert_eq!(client.find(Filter::Scan(range)).await, [person("many")], "found and counted once");
}
