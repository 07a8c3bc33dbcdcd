//! Value sets and code systems that are too large, too deep, or have no end.

use crate::costs::{Costs, End, entries};
use crate::target::{SMALL_MIB, Target};

const SYSTEM: &str = "http://example.org/hostile";
/// What a server may hold that has read code systems with tens of thousands of concepts.
const SETS_MIB: u64 = SMALL_MIB + 200;

fn code_system(id: &str, concepts: &str) -> String {
    format!(
        "{{\"resourceType\":\"CodeSystem\",\"id\":\"{id}\",\"url\":\"{SYSTEM}/{id}\",\"status\":\"active\",\"content\":\"complete\",\"concept\":[{concepts}]}}\n"
    )
}

fn value_set(id: &str, include: &str) -> String {
    format!(
        "{{\"resourceType\":\"ValueSet\",\"id\":\"{id}\",\"url\":\"{SYSTEM}/vs/{id}\",\"status\":\"active\",\"compose\":{{\"include\":[{include}]}}}}\n"
    )
}

fn joined(count: usize, each: impl Fn(usize) -> String) -> String {
    (0..count).map(each).collect::<Vec<_>>().join(",")
}

/// Concepts of which each has the one before as its parent.
fn staircase(steps: usize) -> String {
    let property =
        |n: usize| format!("\"property\":[{{\"code\":\"parent\",\"valueCode\":\"d{}\"}}]", n - 1);
    joined(steps, |n| match n {
        0 => "{\"code\":\"d0\"}".to_owned(),
        n => format!("{{\"code\":\"d{n}\",{}}}", property(n)),
    })
}

fn resources() -> String {
    let mut lines = String::new();
    for (system, code) in [("big", "c7"), ("big", "c19999"), ("deep", "d9999"), ("round", "b")] {
        lines.push_str(&format!(
            "{{\"resourceType\":\"Observation\",\"id\":\"{code}\",\"status\":\"final\",\"code\":{{\"coding\":[{{\"system\":\"{SYSTEM}/{system}\",\"code\":\"{code}\"}}]}}}}\n"
        ));
    }
    lines.push_str(&code_system("big", &joined(20_000, |n| format!("{{\"code\":\"c{n}\"}}"))));
    lines.push_str(&code_system("deep", &staircase(10_000)));
    lines.push_str(&code_system("shallow", &staircase(9_000)));
    let parent = |code: &str, of: &str| {
        format!(
            "{{\"code\":\"{code}\",\"property\":[{{\"code\":\"parent\",\"valueCode\":\"{of}\"}}]}}"
        )
    };
    lines.push_str(&code_system("round", &[parent("a", "b"), parent("b", "a")].join(",")));
    let of = |system: &str| format!("{{\"system\":\"{SYSTEM}/{system}\"}}");
    let import = |sets: &[&str]| {
        let sets: Vec<_> = sets.iter().map(|set| format!("\"{SYSTEM}/vs/{set}\"")).collect();
        format!("{{\"valueSet\":[{}]}}", sets.join(","))
    };
    let listed = |count| {
        let concepts = joined(count, |n| format!("{{\"code\":\"c{n}\"}}"));
        format!("{{\"system\":\"{SYSTEM}/big\",\"concept\":[{concepts}]}}")
    };
    let filtered = |op: &str, value: &str| {
        format!(
            "{{\"system\":\"{SYSTEM}/big\",\"filter\":[{{\"property\":\"code\",\"op\":\"{op}\",\"value\":\"{value}\"}}]}}"
        )
    };
    for (id, include) in [
        ("whole", of("big")),
        ("listed", listed(20_000)),
        ("few", listed(9_000)),
        ("itself", import(&["itself"])),
        ("ping", import(&["pong"])),
        ("pong", import(&["ping"])),
        ("regex", filtered("regex", "(c+)+(c*)*z$")),
        ("evil", filtered("regex", "((((((((((c{0,90}){0,90}){0,90}){0,90}){0,90}))))))")),
        ("many", joined(5_000, |n| listed(1 + n % 3))),
        ("hundred", import(&["few"; 100])),
    ] {
        lines.push_str(&value_set(id, &include));
    }
    // Sets of sets: 2 to the power of 30 ways, and 60 one inside another.
    for level in 0..60 {
        let below = format!("level{}", level + 1);
        let include = if level == 59 { of("round") } else { format!("{0},{0}", import(&[&below])) };
        lines.push_str(&value_set(&format!("level{level}"), &include));
    }
    lines
}

#[test]
fn value_sets_without_an_end_are_refused() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    for modifier in ["in", "not-in"] {
        let ask = |set: &str, end| {
            let path = format!("/fhir/Observation?code:{modifier}={SYSTEM}/vs/{set}");
            costs.get(&format!("{modifier} {set}"), &path, end)
        };
        // Once to read it, once from what was kept.
        for _ in 0..2 {
            ask("whole", End::Refused(400));
            ask("listed", End::Refused(400));
            let found = entries(&ask("few", End::Full), "match");
            assert_eq!(found, if modifier == "in" { 1 } else { 3 });
        }
        for set in ["itself", "ping", "pong", "evil", "level0", "unknown"] {
            ask(set, End::Refused(400));
        }
        ask("many", End::Full);
        ask("hundred", End::Full);
    }
    let regex = format!("/fhir/Observation?code:in={SYSTEM}/vs/regex");
    costs.get("in regex", &regex, End::Full);
    let sets = vec![format!("{SYSTEM}/vs/few"); 300].join(",");
    costs.form(
        "300 times the same set",
        "Observation",
        &format!("code:in={sets}"),
        End::Refused(400),
    );
    let sets: Vec<_> = (0..300).map(|n| format!("{SYSTEM}/vs/level{}", n % 60)).collect();
    costs.form("60 sets", "Observation", &format!("code:in={}", sets.join(",")), End::Refused(400));
    target.goes_on(SETS_MIB);
}

#[test]
fn hierarchies_ten_thousand_deep_are_climbed_or_refused() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    let ask = |told: &str, modifier: &str, code: &str, end| {
        let path = format!("/fhir/Observation?code:{modifier}={SYSTEM}/{code}");
        costs.get(told, &path, end)
    };
    for _ in 0..2 {
        assert_eq!(entries(&ask("below the top", "below", "deep|d0", End::Full), "match"), 1);
        assert_eq!(entries(&ask("above the bottom", "above", "deep|d9999", End::Full), "match"), 1);
        assert_eq!(entries(&ask("below the middle", "below", "deep|d5000", End::Full), "match"), 1);
    }
    assert_eq!(entries(&ask("another system", "below", "shallow|d0", End::Full), "match"), 0);
    assert_eq!(entries(&ask("in a circle", "below", "round|a", End::Full), "match"), 1);
    ask("a code that isn't there", "below", "deep|none", End::Refused(400));
    let nested = |depth: usize| {
        let open: String =
            (0..depth).map(|n| format!("{{\"code\":\"n{n}\",\"concept\":[")).collect();
        code_system("nested", &format!("{open}{{\"code\":\"last\"}}{}", "]}".repeat(depth)))
    };
    let put = |body: String| {
        let mut client = target.client();
        client.request("PUT", "/fhir/CodeSystem/nested", &[], body.as_bytes()).expect("an answer")
    };
    let refused = put(nested(10_000));
    assert!(matches!(refused.status, 400 | 413 | 422), "{}", refused.text());
    assert!(put(nested(20)).status == 201, "twenty levels are fine");
    ask("nested in the text", "above", "nested|last", End::Full);
    target.goes_on(SETS_MIB);
}
