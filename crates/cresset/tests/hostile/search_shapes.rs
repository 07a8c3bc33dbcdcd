//! Searches of absurd shapes, over a store that has something to find.

use crate::costs::{Costs, End, entries};
use crate::target::{SECRET, SMALL_MIB, Target};

const PATIENTS: usize = 20_000;

fn patients() -> String {
    let line = |n: usize| {
        format!(
            "{{\"resourceType\":\"Patient\",\"id\":\"p{n}\",\"identifier\":[{{\"system\":\"urn:s\",\"value\":\"{n}\"}}],\"name\":[{{\"family\":\"Fam{n}\"}}],\"birthDate\":\"{}-01-01\",\"gender\":\"{}\"}}\n",
            1900 + n % 100,
            if n.is_multiple_of(2) { "male" } else { "female" }
        )
    };
    (0..PATIENTS).map(line).collect()
}

/// Values with a comma between them.
fn list(count: usize, value: impl Fn(usize) -> String) -> String {
    (0..count).map(value).collect::<Vec<_>>().join(",")
}

#[test]
fn values_by_the_thousand_are_found_or_refused() {
    let target = Target::filled(&patients());
    let costs = Costs::of(&target);
    let form = |told: &str, body: &str, end| costs.form(told, "Patient", body, end);
    let total = |told: &str, search: &str| {
        form(told, &format!("{search}&_summary=count"), End::Full).json()["total"].as_u64()
    };
    let some = |count| Some(count as u64);
    for (told, name, value) in [
        ("identifiers", "identifier", (|n| format!("urn:s|{n}")) as fn(usize) -> String),
        ("names", "family", |n| format!("Fam{n}")),
        ("dates", "birthdate", |n| format!("ap{}", 1000 + n)),
        ("ids", "_id", |n| format!("p{n}")),
        ("secrets", "identifier", |n| format!("{SECRET}{n}")),
    ] {
        form(
            &format!("10,000 {told}"),
            &format!("{name}={}", list(10_000, value)),
            End::Refused(400),
        );
        form(&format!("2,000 {told}"), &format!("{name}={}", list(2_000, value)), End::Full);
    }
    assert_eq!(
        total("2,000 ids", &format!("_id={}", list(2_000, |n| format!("p{n}")))),
        some(2_000)
    );
    // What is outside of much, and of everything.
    let outside = |count| format!("identifier:not={}", list(count, |n| format!("urn:s|{n}")));
    assert_eq!(total(":not of 2,000", &outside(2_000)), some(PATIENTS - 2_000));
    assert_eq!(total(":not of all", "gender:not=male,female,other,unknown"), some(0));
    assert_eq!(total(":not of nothing", "gender:not=other"), some(PATIENTS));
    let many = ["gender:not=other"; 90].join("&");
    assert_eq!(total(":not ninety times", &many), some(PATIENTS));
    let sorted = form(
        "a page of them",
        &format!("{many}&_sort=-family,birthdate,_id&_count=1000"),
        End::Full,
    );
    assert_eq!(entries(&sorted, "match"), 1_000);
    form("a list of nothing", &format!("family={}", ",".repeat(100_000)), End::Refused(400));
    form("a long value", &format!("family={}", "x".repeat(900_000)), End::Full);
    form("too long a form", &format!("family={}", "x".repeat(2 << 20)), End::Refused(413));
    let url = format!("/fhir/Patient?family={}", "x".repeat(200_000));
    let answer = target.raw(format!("GET {url} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    let status = answer.map(|answer| answer.status);
    assert!(matches!(status, Some(400 | 414 | 431)), "{status:?}");
    target.goes_on(SMALL_MIB);
}

#[test]
fn parameters_by_the_thousand_are_refused() {
    let target = Target::filled(&patients());
    let costs = Costs::of(&target);
    let form = |told: &str, body: &str, end| costs.form(told, "Patient", body, end);
    let unknown = |count: usize| {
        (0..count).map(|n| format!("unknown{n}={SECRET}")).collect::<Vec<_>>().join("&")
    };
    let answer = form("90 unknown", &unknown(90), End::Warned);
    assert!(!answer.text().contains(SECRET), "values of unknown parameters come back");
    form("10,000 unknown", &unknown(10_000), End::Refused(400));
    form("one with a long name", &format!("{}=1", "x".repeat(500_000)), End::Warned);
    form("modifiers", &format!("name{}=1", ":exact".repeat(10_000)), End::Refused(400));
    let keys = |count: usize| list(count, |n| ["family", "-birthdate", "gender"][n % 3].to_owned());
    form("8 sort keys", &format!("_sort={}&_count=1000", keys(8)), End::Full);
    form("1,000 sort keys", &format!("_sort={}", keys(1_000)), End::Refused(400));
    let elements = |count: usize| format!("_elements={}", list(count, |n| format!("x{n}")));
    form("200 elements", &format!("{}&_count=1000", elements(200)), End::Full);
    form("10,000 elements", &elements(10_000), End::Refused(400));
    form("types", &format!("_type={}", list(10_000, |_| "Patient".to_owned())), End::Warned);
    for (told, body) in [
        ("count of nothing", "_count=0"),
        ("count of nothing, sorted", "_count=0&_sort=-family&_total=accurate"),
    ] {
        let answer = form(told, body, End::Full);
        assert_eq!(answer.json()["total"], PATIENTS);
        assert_eq!(entries(&answer, "match"), 0);
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn filters_and_composites_have_an_end() {
    let target = Target::filled(&patients());
    let costs = Costs::of(&target);
    let filter = |told: &str, expression: &str, end| {
        let body = format!("_summary=count&_filter={}", expression.replace(' ', "+"));
        costs.form(told, "Patient", &body, end)
    };
    let one = "gender eq male";
    let nested = |depth: usize| format!("{}{one}{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(filter("20 brackets", &nested(20), End::Full).json()["total"], PATIENTS / 2);
    filter("10,000 brackets", &nested(10_000), End::Refused(400));
    filter("brackets without an end", &"(".repeat(100_000), End::Refused(400));
    let negated = |depth: usize| format!("{}{one}{}", "not (".repeat(depth), ")".repeat(depth));
    assert_eq!(filter("20 times not", &negated(20), End::Full).json()["total"], PATIENTS / 2);
    filter("10,000 times not", &negated(10_000), End::Refused(400));
    filter("10,000 links", &format!("{}name eq x", "link.".repeat(10_000)), End::Refused(400));
    let inside =
        format!("{}gender eq male{}", "link[".repeat(10_000), "].gender eq male".repeat(10_000));
    filter("10,000 conditions inside", &inside, End::Refused(400));
    filter("1,000 alternatives", &[one; 1_000].join(" or "), End::Full);
    filter("10,000 alternatives", &[one; 10_000].join(" or "), End::Refused(400));
    filter(
        "a quote without an end",
        &format!("family eq \"{}", "x\\".repeat(10_000)),
        End::Refused(400),
    );
    for (told, search) in [
        ("1,000 $", format!("code-value-quantity={}", ["a"; 1_000].join("$"))),
        ("10,000 $ alone", format!("code-value-quantity={}", "$".repeat(10_000))),
    ] {
        costs.form(told, "Observation", &search, End::Refused(400));
    }
    let pairs = format!("code-value-quantity={}", list(1_000, |n| format!("c{n}$gt{n}")));
    costs.form("1,000 pairs", "Observation", &pairs, End::Full);
    target.goes_on(SMALL_MIB);
}

/// A prefix that doesn't exist, that the type doesn't have, or that stands alone.
#[test]
fn prefixes_out_of_place_are_refused_or_part_of_the_value() {
    let target = Target::start();
    let costs = Costs::of(&target);
    for (of, name, value) in [
        ("Patient", "birthdate", "2020"),
        ("Patient", "_lastUpdated", "2020-01-01"),
        ("RiskAssessment", "probability", "0.5"),
        ("Observation", "value-quantity", "5.4"),
        ("Observation", "code-value-quantity", "c$5"),
    ] {
        for prefix in
            ["zz", "xx", "gtgt", "eqne", "GT", "=", ">", "!", "ge ", "-", "+-", "\u{221e}"]
        {
            let value = match value.split_once('$') {
                Some((code, number)) => format!("{code}${prefix}{number}"),
                None => format!("{prefix}{value}"),
            };
            if prefix == "-" && !matches!(name, "birthdate" | "_lastUpdated") {
                // A negative number.
                continue;
            }
            let body = format!("{name}={}", value.replace('+', "%2B"));
            costs.form(&format!("{of}?{body}"), of, &body, End::Refused(400));
        }
        for alone in ["gt", "ap", "gt$", "ne|", "eq||"] {
            costs.form(
                &format!("{of}?{name}={alone}"),
                of,
                &format!("{name}={alone}"),
                End::Refused(400),
            );
        }
    }
    // Types without prefixes: the letters are those of the value.
    for (of, name) in [
        ("Patient", "gender"),
        ("Patient", "name"),
        ("ValueSet", "url"),
        ("Patient", "general-practitioner"),
    ] {
        let search = format!("{name}=gt2020,zz5,ne");
        costs.form(&format!("{of}?{search}"), of, &search, End::Full);
    }
    target.goes_on(SMALL_MIB);
}
