//! The operators of filters (R4 value set `filter-operator`).

mod rig;

use cresset_terminology::Problem;
use rig::codes;

fn filtered(system: &str, property: &str, op: &str, value: &str) -> Result<Vec<String>, Problem> {
    let compose = format!(
        r#"{{"include":[{{"system":"http://test/{system}","filter":[{{"property":"{property}","op":"{op}","value":"{value}"}}]}}]}}"#
    );
    codes(&compose, &[])
}

#[track_caller]
fn takes(filter: [&str; 4], wanted: &[&str]) {
    let [system, property, op, value] = filter;
    assert_eq!(filtered(system, property, op, value).unwrap(), wanted, "{filter:?}");
}

#[test]
fn is_a_takes_a_code_and_all_below() {
    takes(["colours", "concept", "is-a", "warm"], &["warm", "red", "crimson", "orange"]);
    takes(["colours", "concept", "descendent-of", "warm"], &["red", "crimson", "orange"]);
    takes(["colours", "concept", "is-not-a", "warm"], &["cold", "blue", "grey"]);
}

#[test]
fn generalizes_takes_a_code_and_all_above() {
    takes(["colours", "concept", "generalizes", "crimson"], &["warm", "red", "crimson"]);
    takes(["animals", "concept", "generalizes", "Dog"], &["Animal", "Mammal", "Pet", "Dog"]);
}

#[test]
fn a_hierarchy_may_be_stated_by_properties() {
    takes(["animals", "concept", "is-a", "Animal"], &["Animal", "Mammal", "Pet", "Dog"]);
    takes(["animals", "parent", "=", "Animal"], &["Mammal", "Pet"]);
    takes(["animals", "child", "=", "Dog"], &["Mammal", "Pet"]);
    takes(["animals", "parent", "in", "Mammal,Y"], &["Dog", "X"]);
    takes(["colours", "parent", "=", "warm"], &["red", "orange"]);
    takes(["animals", "child", "exists", "false"], &["Dog"]);
    takes(["colours", "parent", "exists", "false"], &["warm", "cold", "grey"]);
}

#[test]
fn cycles_in_a_hierarchy_end() {
    takes(["animals", "concept", "is-a", "X"], &["X", "Y"]);
    takes(["animals", "concept", "descendent-of", "X"], &["Y"]);
}

#[test]
fn properties_are_compared_as_text() {
    takes(["colours", "hex", "=", "ff0000"], &["red"]);
    takes(["colours", "hex", "in", "ff0000, 0000ff"], &["red", "blue"]);
    takes(["colours", "concept", "not-in", "red,warm,cold,grey"], &["crimson", "orange", "blue"]);
    takes(["colours", "hex", "exists", "true"], &["red", "orange", "blue"]);
    takes(["colours", "hex", "regex", "ff.*"], &["red", "orange"]);
    takes(["colours", "code", "regex", "re"], &[]);
    takes(["colours", "display", "regex", ".* colours"], &["warm", "cold"]);
}

#[test]
fn case_counts_where_the_code_system_says_so() {
    takes(["animals", "code", "=", "dog"], &["Dog"]);
    takes(["colours", "code", "=", "RED"], &[]);
}

#[test]
fn all_filters_must_hold() {
    let compose = r#"{"include":[{"system":"http://test/colours","filter":[
        {"property":"concept","op":"is-a","value":"warm"},
        {"property":"hex","op":"exists","value":"true"}]}]}"#;
    assert_eq!(codes(compose, &[]).unwrap(), ["red", "orange"]);
}

#[test]
fn filters_that_make_no_sense_are_errors() {
    let error = |filter: [&str; 4]| {
        let [system, property, op, value] = filter;
        filtered(system, property, op, value).unwrap_err()
    };
    assert!(matches!(error(["colours", "concept", "is-a", "green"]), Problem::NoSuchCode(_)));
    for filter in [
        ["colours", "hex", "exists", "perhaps"],
        ["colours", "code", "regex", "("],
        ["colours", "code", "resembles", "red"],
        ["colours", "parent", "regex", "warm"],
        ["colours", "hex", "is-a", "red"],
    ] {
        assert!(matches!(error(filter), Problem::Definition { .. }), "{filter:?}");
    }
}
