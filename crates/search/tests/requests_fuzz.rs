//! Whole URLs at random: each is answered, soon, and never with its values in an error.

mod server;

use cresset_search::{Expansions, SearchRequest};
use cresset_store::Filter;
use proptest::prelude::*;
use server::Server;
use std::time::{Duration, Instant};

thread_local! {
    static SERVER: Server = Server::with(&[
        r#"{"resourceType": "Organization", "id": "org", "name": "Clinic"}"#,
        r#"{"resourceType": "Patient", "id": "p1", "name": [{"family": "Peters"}], "gender": "female",
            "birthDate": "1980-02", "managingOrganization": {"reference": "Organization/org"}}"#,
        r#"{"resourceType": "Patient", "id": "p2", "name": [{"family": "Smith"}], "gender": "male"}"#,
        r#"{"resourceType": "Observation", "id": "o1", "status": "final",
            "code": {"coding": [{"system": "urn:s", "code": "a"}]},
            "subject": {"reference": "Patient/p1"}, "effectiveDateTime": "2020-05-10",
            "valueQuantity": {"value": 5.4, "unit": "mg"}}"#,
        r#"{"resourceType": "Observation", "id": "o2", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/p2"}, "valueString": "Text"}"#,
        r#"{"resourceType": "List", "id": "l1", "status": "current", "mode": "working",
            "entry": [{"item": {"reference": "Patient/p1"}}]}"#,
    ]);
}

/// Stands in values alone, and must not come back.
const MARK: &str = "zqx7";

fn name() -> impl Strategy<Value = String> {
    let base = prop::sample::select(vec![
        "family",
        "name",
        "gender",
        "birthdate",
        "organization",
        "identifier",
        "code",
        "date",
        "subject",
        "patient",
        "value-quantity",
        "code-value-quantity",
        "status",
        "_id",
        "_lastUpdated",
        "_tag",
        "_profile",
        "_list",
        "_count",
        "_sort",
        "_total",
        "_summary",
        "_elements",
        "_include",
        "_revinclude",
        "_filter",
        "_type",
        "_contained",
        "_query",
        "_text",
        "nonsense",
        "",
        "_has",
        "é",
    ]);
    let modifier = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        ":missing",
        ":exact",
        ":not",
        ":Patient",
        ":Medication",
        ":identifier",
        ":below",
        ":iterate",
        ":above",
        ":nonsense",
        ":",
    ]);
    let link = prop::sample::select(vec![
        "",
        "",
        "",
        "",
        "subject.",
        "subject:Patient.",
        "patient.",
        "organization.",
        "focus.",
        "_has:Observation:subject:",
        "_has:Patient:organization:",
        "_has:List:item:",
        "_has:",
        ".",
    ]);
    (prop::collection::vec(link, 0..3), base, modifier)
        .prop_map(|(links, base, modifier)| format!("{}{base}{modifier}", links.concat()))
}

fn value() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a",
        "p1",
        "Patient/p1",
        "List/l1",
        "l1",
        "male",
        "urn:s|a",
        "|a",
        "urn:s|",
        "2020",
        "ge2020-05",
        "ne1980-02-01",
        "5.4",
        "lt7||mg",
        "a$5.4",
        "true",
        "false",
        "count",
        "accurate",
        "-date",
        "_id",
        "Observation:subject",
        "*",
        "Patient",
        "Observation",
        ",",
        ",",
        r"\,",
        r"\",
        "$",
        "|",
        " ",
        "10",
        "0",
        "subject.family eq peters",
        "gender ne male",
        " and ",
        " or ",
        "not (",
        ")",
        "\"",
        MARK,
        "é",
        "http://example.org/x",
        "id,name",
    ]);
    prop::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

/// How many filters there are in a filter.
fn size(filter: &Filter) -> usize {
    match filter {
        Filter::And(inner) | Filter::Or(inner) => 1 + inner.iter().map(size).sum::<usize>(),
        Filter::Not(inner) | Filter::RefersTo(_, _, inner) | Filter::ReferredFrom(_, _, inner) => {
            1 + size(inner)
        }
        Filter::Keys(keys) => 1 + keys.len(),
        _ => 1,
    }
}

fn check(pairs: &[(String, String)], request: &SearchRequest) {
    let pages = pairs.iter().filter(|(name, _)| name == "_page").count();
    assert_eq!(request.used.len() + request.ignored.len() + pages, pairs.len(), "{pairs:?}");
    for ignored in &request.ignored {
        assert!(!ignored.reason.contains(MARK), "{ignored:?}");
    }
    assert!(size(&request.query.filter) < 200_000);
    assert!(request.query.sort.len() <= 8 && request.includes.len() <= 50);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_search_is_answered_and_the_order_of_criteria_does_not_matter(
        of in prop::sample::select(vec!["Patient", "Observation", "List", ""]),
        pairs in prop::collection::vec((name(), value()), 0..5),
    ) {
        SERVER.with(|server| {
            let of = server.resource_type(of);
            let ask = |pairs: &[(String, String)]| {
                server.registry.request(of, pairs, &Expansions::default())
            };
            match ask(&pairs) {
                Err(error) => {
                    let text = error.to_string();
                    // The names of parameters in an expression are told.
                    let tells = pairs.iter().any(|(name, _)| name == "_filter");
                    assert!(tells || !text.contains(MARK), "{text}");
                }
                Ok(request) => {
                    check(&pairs, &request);
                    let unsorted = |mut request: SearchRequest| {
                        request.query.sort.clear();
                        server.run(request)
                    };
                    let found = unsorted(request);
                    let mut reversed = pairs.clone();
                    reversed.reverse();
                    if let Ok(reversed) = ask(&reversed) {
                        assert_eq!(unsorted(reversed), found, "{pairs:?}");
                    }
                }
            }
        });
    }
}

/// What is repeated up to 64 KiB neither overflows the stack nor takes long.
#[test]
fn long_texts_end_soon() {
    const LONG: usize = 64 * 1024;
    let server = Server::new();
    let units = [
        "a",
        ",",
        "a,",
        "$",
        "a$",
        "|",
        r"\",
        r"\,",
        "/",
        "a/",
        ".",
        "subject.",
        ":",
        "(",
        "not (",
        "[",
        "a[",
        "a eq 1 and ",
        "a.",
        "\"",
        r"\u",
        "-",
        "_id,",
        "9",
        "é",
        "*",
        "Patient:",
        "Patient,",
        "_has:Observation:subject:",
        "a eq \"\" or a eq 1 and ",
    ];
    let names = [
        "family",
        "name",
        "code",
        "subject",
        "date",
        "value-quantity",
        "code-value-quantity",
        "_id",
        "_list",
        "_lastUpdated",
        "_sort",
        "_count",
        "_elements",
        "_include",
        "_revinclude:iterate",
        "_filter",
        "_type",
        "_summary",
        "_tag",
        "_profile",
        "_profile:below",
        "instantiates:above",
        "_profile:above",
    ];
    let types = ["Observation", ""].map(|name| server.resource_type(name));
    for unit in units {
        let long = unit.repeat(LONG / unit.len());
        let values = names.iter().map(|name| ((*name).to_owned(), long.clone()));
        let open = [(long.clone(), "x".to_owned()), (format!("{long}name"), "x".to_owned())];
        for pair in values.chain(open) {
            for of in types {
                let started = Instant::now();
                let name = pair.0.chars().take(40).collect::<String>();
                let _ = server.registry.request(
                    of,
                    std::slice::from_ref(&pair),
                    &Expansions::default(),
                );
                let took = started.elapsed();
                assert!(took < Duration::from_secs(5), "{name} with {unit}: {took:?}");
            }
        }
    }
}
