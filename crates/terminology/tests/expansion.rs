//! `include`, `exclude`, imports, versions, and what can't be expanded.

mod rig;

use cresset_terminology::{Content, Problem, ValueSet, expand};
use rig::{COLOURS, codes, json, library, value_set};

const ALL: &str = r#"{"include":[{"system":"http://test/colours"}]}"#;

#[test]
fn a_system_alone_is_all_of_its_codes() {
    let all = ["warm", "red", "crimson", "orange", "cold", "blue", "grey"];
    assert_eq!(codes(ALL, &[]).unwrap(), all);
}

#[test]
fn listed_codes_come_in_their_order_if_they_exist() {
    let compose = r#"{"include":[{"system":"http://test/colours","concept":[{"code":"red"},{"code":"green"},{"code":"blue"}]}]}"#;
    assert_eq!(codes(compose, &[]).unwrap(), ["red", "blue"]);
    let unknown = compose.replace("colours", "unknown");
    assert_eq!(codes(&unknown, &[]).unwrap(), ["red", "green", "blue"]);
}

#[test]
fn includes_are_united_and_each_code_comes_once() {
    let compose = r#"{"include":[
        {"system":"http://test/colours","concept":[{"code":"red"},{"code":"blue"}]},
        {"system":"http://test/colours","concept":[{"code":"blue"},{"code":"grey"}]}]}"#;
    assert_eq!(codes(compose, &[]).unwrap(), ["red", "blue", "grey"]);
}

#[test]
fn value_sets_in_one_include_are_intersected_with_each_other_and_the_system() {
    let warm = value_set(
        "warm",
        r#"{"include":[{"system":"http://test/colours","filter":[{"property":"concept","op":"is-a","value":"warm"}]}]}"#,
    );
    let bright = value_set(
        "bright",
        r#"{"include":[{"system":"http://test/colours","concept":[{"code":"red"},{"code":"blue"}]}]}"#,
    );
    let more = [warm.as_str(), bright.as_str()];
    let one = r#"{"include":[{"valueSet":["http://test/warm"]}]}"#;
    assert_eq!(codes(one, &more).unwrap(), ["warm", "red", "crimson", "orange"]);
    let both = r#"{"include":[{"valueSet":["http://test/warm","http://test/bright"]}]}"#;
    assert_eq!(codes(both, &more).unwrap(), ["red"]);
    let with_system =
        r#"{"include":[{"system":"http://test/animals","valueSet":["http://test/warm"]}]}"#;
    assert_eq!(codes(with_system, &more).unwrap(), [""; 0]);
}

#[test]
fn excluded_codes_are_left_out_whatever_includes_them() {
    let compose = r#"{"include":[{"system":"http://test/colours"}],"exclude":[
        {"system":"http://test/colours","filter":[{"property":"concept","op":"is-a","value":"warm"}]},
        {"system":"http://test/animals"}]}"#;
    assert_eq!(codes(compose, &[]).unwrap(), ["cold", "blue", "grey"]);
}

#[test]
fn an_exclusion_stays_within_its_value_set() {
    let inner = value_set(
        "inner",
        r#"{"include":[{"system":"http://test/colours"}],"exclude":[{"system":"http://test/colours","concept":[{"code":"red"}]}]}"#,
    );
    let compose = r#"{"include":[{"valueSet":["http://test/inner"]},{"system":"http://test/colours","concept":[{"code":"red"}]}]}"#;
    let found = codes(compose, &[&inner]).unwrap();
    assert_eq!(found.last().map(String::as_str), Some("red"));
    assert_eq!(found.len(), 7);
}

#[test]
fn inactive_codes_can_be_left_out() {
    let compose = r#"{"inactive":false,"include":[{"system":"http://test/colours","concept":[{"code":"grey"},{"code":"blue"}]}]}"#;
    assert_eq!(codes(compose, &[]).unwrap(), ["blue"]);
    let listed = compose.replace("false", "true");
    assert_eq!(codes(&listed, &[]).unwrap(), ["grey", "blue"]);
}

#[test]
fn the_newest_version_is_meant_unless_one_is_named() {
    let of_version = |version: &str, code: &str| {
        format!(
            r#"{{"resourceType":"CodeSystem","url":"http://test/v","version":"{version}","status":"active","content":"complete","concept":[{{"code":"{code}"}}]}}"#
        )
    };
    let (old, new) = (of_version("1.9", "old"), of_version("1.10", "new"));
    let more = [new.as_str(), old.as_str()];
    let include =
        |version: &str| format!(r#"{{"include":[{{"system":"http://test/v"{version}}}]}}"#);
    assert_eq!(codes(&include(""), &more).unwrap(), ["new"]);
    assert_eq!(codes(&include(r#","version":"1.9""#), &more).unwrap(), ["old"]);
    let missing = codes(&include(r#","version":"2""#), &more).unwrap_err();
    assert!(missing.is_unknown() && missing.to_string().contains("http://test/v|2"), "{missing}");
}

#[test]
fn value_sets_that_refer_back_to_themselves_are_errors() {
    let a = value_set("a", r#"{"include":[{"valueSet":["http://test/b"]}]}"#);
    let b = value_set("b", r#"{"include":[{"valueSet":["http://test/a"]}]}"#);
    let compose = r#"{"include":[{"valueSet":["http://test/a"]}]}"#;
    let problem = codes(compose, &[&a, &b]).unwrap_err();
    assert!(problem.to_string().contains("refers back to itself"), "{problem}");
}

#[test]
fn value_sets_may_share_others_and_be_nested_so_deep_only() {
    let chain = |depth: usize| {
        let link = |n: usize| {
            let next = n + 1;
            let both = format!(
                r#"{{"valueSet":["http://test/n{next}"]}},{{"valueSet":["http://test/n{next}"]}}"#
            );
            let last = r#"{"system":"http://test/colours"}"#.to_owned();
            let include = if n == depth { last } else { both };
            value_set(&format!("n{n}"), &format!(r#"{{"include":[{include}]}}"#))
        };
        (0..=depth).map(link).collect::<Vec<_>>()
    };
    let expanded = |depth| {
        let sets = chain(depth);
        let more: Vec<&str> = sets.iter().map(String::as_str).collect();
        codes(r#"{"include":[{"valueSet":["http://test/n0"]}]}"#, &more)
    };
    assert_eq!(expanded(15).unwrap().len(), 7);
    assert!(expanded(30).unwrap_err().to_string().contains("nested too deep"));
}

#[test]
fn an_expansion_counts_where_there_is_no_compose() {
    let made = r#"{"resourceType":"ValueSet","url":"http://test/made","status":"active","expansion":{
        "timestamp":"2026-01-01","contains":[
          {"display":"a group","contains":[{"system":"http://test/c","code":"one"}]},
          {"system":"http://test/c","code":"two","contains":[{"system":"http://test/c","code":"one"}]}]}}"#;
    let compose = r#"{"include":[{"valueSet":["http://test/made"]}]}"#;
    assert_eq!(codes(compose, &[made]).unwrap(), ["one", "two"]);
    let page = made.replace("\"contains\":[\n", "\"total\":9,\"contains\":[\n");
    assert!(codes(compose, &[&page]).unwrap_err().to_string().contains("only a page"));
}

#[test]
fn what_is_not_known_is_named() {
    let system = codes(r#"{"include":[{"system":"http://test/none"}]}"#, &[]).unwrap_err();
    assert_eq!(
        system.to_string(),
        "CodeSystem http://test/none is not known here: create it on this server first"
    );
    let other = codes(r#"{"include":[{"valueSet":["http://test/none|3"]}]}"#, &[]).unwrap_err();
    assert!(other.to_string().starts_with("ValueSet http://test/none|3 is not known"));
    let nothing = codes(r#"{"include":[{}]}"#, &[]).unwrap_err();
    assert!(matches!(nothing, Problem::Definition { .. }));
}

#[test]
fn code_systems_without_concepts_of_their_own_are_errors() {
    for content in ["not-present", "supplement"] {
        let system = COLOURS.replace("complete", content).replace("colours", "there");
        let problem = codes(r#"{"include":[{"system":"http://test/there"}]}"#, &[&system]);
        assert!(matches!(problem, Err(Problem::Unusable { .. })), "{content}");
    }
}

#[test]
fn fragments_are_expanded_and_named() {
    let fragment = COLOURS.replace("complete", "fragment");
    let asked = ValueSet::read(&json(&value_set("asked", ALL)));
    let expansion = expand(&asked, &library(&[&fragment])).unwrap();
    assert_eq!(expansion.entries.len(), 7);
    assert_eq!(expansion.used[0].content, Content::Fragment);
    assert_eq!(expansion.used[0].system.to_string(), "http://test/colours|1");
}

#[test]
fn expansions_are_bounded() {
    let concepts: Vec<String> = (0..100_001).map(|n| format!(r#"{{"code":"c{n}"}}"#)).collect();
    let large = format!(
        r#"{{"resourceType":"CodeSystem","url":"http://test/large","status":"active","content":"complete","concept":[{}]}}"#,
        concepts.join(",")
    );
    let all = codes(r#"{"include":[{"system":"http://test/large"}]}"#, &[&large]).unwrap_err();
    assert!(matches!(all, Problem::TooManyCodes(_)) && all.is_too_costly());
    let few = r#"{"include":[{"system":"http://test/large","filter":[{"property":"code","op":"regex","value":"c1[0-9]"}]}]}"#;
    assert_eq!(codes(few, &[&large]).unwrap().len(), 10);
    let again =
        [r#"{"system":"http://test/large","filter":[{"property":"x","op":"=","value":"y"}]}"#; 200];
    let costly = codes(&format!(r#"{{"include":[{}]}}"#, again.join(",")), &[&large]).unwrap_err();
    assert_eq!(costly, Problem::TooCostly);
}
