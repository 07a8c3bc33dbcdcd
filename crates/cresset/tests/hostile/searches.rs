//! Searches that mean harm, or nothing.

use crate::target::{SECRET, SMALL_MIB, Target, refused};

#[test]
fn absurd_pages_are_refused_or_bounded() {
    let target = Target::start();
    for count in ["-1", "ZZ", "1.5", "1e9", "%00", "0x10"] {
        refused(&target.get(&format!("/fhir/Patient?_count={count}")), 400, "value");
    }
    for count in ["", "0", "1", "1000", "1000000000", "99999999999999999999999"] {
        assert_eq!(target.get(&format!("/fhir/Patient?_count={count}")).status, 200, "{count}");
    }
    let long = "A".repeat(40_000);
    for token in
        ["ZZSECRETZZ", "!!!!", "AAAA", "", "%00", "_", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &long]
    {
        let path = format!("/fhir/Patient?_page={token}");
        for path in [path.clone(), format!("{path}&_sort=-birthdate")] {
            let answer = target.get(&path);
            assert!(
                matches!(answer.status, 200 | 400),
                "{} {}",
                &path[..path.len().min(90)],
                answer.text()
            );
            assert!(!answer.text().contains("exception"), "{}", answer.text());
        }
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn values_that_make_no_sense_are_refused_and_not_repeated() {
    let target = Target::start();
    for query in [
        "birthdate=ZZSECRETZZ",
        "birthdate=ge2020-13-45",
        "birthdate=zz2020",
        "_lastUpdated=ZZSECRETZZ",
        "_sort=ZZSECRETZZ",
        "_summary=ZZSECRETZZ",
        "_total=ZZSECRETZZ",
        "name:exact:exact=ZZSECRETZZ",
        "gender:below=ZZSECRETZZ",
        "general-practitioner:ZZ=ZZSECRETZZ",
        "_has:Observation:ZZ:code=ZZSECRETZZ",
        "_has:Observation=ZZSECRETZZ",
        "birthdate:missing=ZZSECRETZZ",
    ] {
        let mut client = target.client();
        let strict = [("Prefer", "handling=strict")];
        let answer =
            client.request("GET", &format!("/fhir/Patient?{query}"), &strict, b"").unwrap();
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(!answer.text().contains(SECRET), "{query}: {}", answer.text());
    }
    for query in [
        "value-quantity=ZZSECRETZZ",
        "value-quantity=1e99999999",
        "component-code-value-quantity=$$$",
    ] {
        let answer = target.get(&format!("/fhir/Observation?{query}"));
        assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.text());
        assert!(
            answer.status == 200 || !answer.text().contains(SECRET),
            "{query}: {}",
            answer.text()
        );
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn ten_thousand_values_are_answered_or_refused() {
    let target = Target::start();
    let values: Vec<_> = (0..10_000).map(|n| format!("{SECRET}{n}")).collect();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let mut client = target.client();
    for body in [
        format!("identifier={}", values.join(",")),
        format!("name={}", values.join(",")),
        values.iter().map(|value| format!("identifier={value}")).collect::<Vec<_>>().join("&"),
        values.iter().map(|value| format!("{value}=1")).collect::<Vec<_>>().join("&"),
    ] {
        let answer =
            client.request("POST", "/fhir/Patient/_search", &form, body.as_bytes()).unwrap();
        let start = &body[..40];
        assert!(matches!(answer.status, 200 | 400), "{start}: {}", answer.text());
        // Names of parameters are repeated, values are not.
        assert!(answer.status == 200 || !answer.text().contains(&format!("{SECRET}7,")), "{start}");
    }
    let values = values[..2_000].join(",");
    let answer = client.request(
        "POST",
        "/fhir/Patient/_search",
        &form,
        format!("identifier={values}").as_bytes(),
    );
    assert_eq!(answer.unwrap().status, 200, "two thousand values are allowed");
    target.goes_on(SMALL_MIB);
}

#[test]
fn chains_have_an_end() {
    let target = Target::start();
    let chain = |links: usize| {
        format!("/fhir/Observation?{}status=final", "has-member:Observation.".repeat(links))
    };
    assert_eq!(target.get(&chain(3)).status, 200);
    refused(&target.get(&chain(50)), 400, "value");
    refused(&target.get(&chain(2_000)), 400, "value");
    let reverse = "_has:Observation:has-member:".repeat(50);
    let answer = target.get(&format!("/fhir/Observation?{reverse}status=final"));
    refused(&answer, 400, "value");
    target.goes_on(SMALL_MIB);
}

#[test]
fn malformed_escapes_break_nothing() {
    let target = Target::start();
    for query in [
        "name=%",
        "name=%zz",
        "name=%e2%82",
        "name=%ff%fe",
        "%=1",
        "name=%00",
        "=",
        "&&&",
        "?",
        "name=a\\",
    ] {
        let answer = target.get(&format!("/fhir/Patient?{query}"));
        assert!(matches!(answer.status, 200 | 400), "{query}: {}", answer.text());
        let kind = answer.json()["resourceType"].as_str().unwrap_or_default().to_owned();
        assert!(["Bundle", "OperationOutcome"].contains(&&*kind), "{query}: {}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}
