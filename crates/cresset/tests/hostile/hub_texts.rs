//! Texts that are all alike, and patterns that have to look at all of them.

use crate::costs::{Costs, End, entries};
use crate::target::{SMALL_MIB, Target};

const TEXTS: usize = 20_000;

/// Observations whose value is nothing but `a` up to its last letter.
pub(crate) fn resources() -> String {
    let alike = "a".repeat(190);
    let line = |n: usize| {
        format!(
            "{{\"resourceType\":\"Observation\",\"id\":\"o{n}\",\"status\":\"final\",\"code\":{{\"text\":\"{alike}\",\"coding\":[{{\"code\":\"c{n}\"}}]}},\"valueString\":\"{alike}{n:05}\"}}\n"
        )
    };
    (0..TEXTS).map(line).collect()
}

#[test]
fn patterns_over_texts_that_are_all_alike_end() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    let ask = |told: &str, search: &str, end| {
        let answer = costs.form(told, "Observation", &format!("{search}&_summary=count"), end);
        answer.json()["total"].as_u64()
    };
    let all = Some(TEXTS as u64);
    let contains = |pattern: &str| format!("value-string:contains={pattern}");
    assert_eq!(ask("one letter", &contains("a"), End::Full), all);
    assert_eq!(ask("a letter that nobody has", &contains("x"), End::Full), Some(0));
    assert_eq!(ask("the whole text", &contains(&"a".repeat(190)), End::Full), all);
    assert_eq!(
        ask("all but the end", &contains(&format!("{}b", "a".repeat(150))), End::Full),
        Some(0)
    );
    assert_eq!(ask("the end", &contains("a01234"), End::Full), Some(1));
    ask("ten thousand letters", &contains(&"a".repeat(10_000)), End::Full);
    ask("wildcards of elsewhere", &contains("%25a%25_%25*.*(a%2B)%2B$"), End::Full);
    let empty = costs.form("nothing", "Observation", &contains(""), End::Warned);
    assert_eq!(entries(&empty, "match"), 50);
    let many = |count: usize| {
        let patterns: Vec<_> = (0..count).map(|n| format!("{}b{n}", "a".repeat(20))).collect();
        contains(&patterns.join(","))
    };
    assert_eq!(ask("a hundred patterns", &many(100), End::FullOrLate).unwrap_or(0), 0);
    assert_eq!(ask("2,000 patterns", &many(2_000), End::FullOrLate).unwrap_or(0), 0);
    ask("10,000 patterns", &many(10_000), End::Refused(400));
    let all_hold = vec![contains("aaaa"); 90].join("&");
    assert_eq!(
        ask("ninety times", &all_hold, End::FullOrLate).unwrap_or(TEXTS as u64),
        TEXTS as u64
    );
    assert_eq!(ask("a prefix", &format!("value-string={}", "a".repeat(150)), End::Full), all);
    ask("10,000 letters exactly", &format!("value-string:exact={}", "a".repeat(10_000)), End::Full);
    assert_eq!(ask("texts of codes", "code:text=a", End::Full), all);
    target.goes_on(SMALL_MIB);
}

#[test]
fn thousands_of_words_end() {
    let target = Target::filled(&resources());
    let costs = Costs::of(&target);
    let words: Vec<_> = (0..10_000).map(|n| format!("word{n}x")).collect();
    for name in ["_text", "_content"] {
        let ask = |told: &str, value: &str, end| {
            let search = format!("{name}={value}&_summary=count");
            costs.form(&format!("{name}: {told}"), "Observation", &search, end)
        };
        ask("10,000 words", &words.join("+"), End::Refused(400));
        ask("10,000 alternatives", &words.join(","), End::Refused(400));
        ask("2,000 alternatives", &words[..2_000].join(","), End::Full);
        ask("a word of 100,000 letters", &"a".repeat(100_000), End::Refused(400));
        ask("whatever begins so", "aa*", End::Full);
        ask("no word at all", "%21%21%21", End::Refused(400));
    }
    target.goes_on(SMALL_MIB);
}
