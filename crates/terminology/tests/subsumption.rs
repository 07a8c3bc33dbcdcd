//! What is above and below what, and single codes.

mod rig;

use cresset_terminology::{
    Asked, Problem, Subsumption, ValueSet, above, below, expand, subsumes, validate_in_code_system,
    validate_in_value_set,
};
use rig::{ANIMALS, COLOURS, code_system, json, library, value_set};

#[test]
fn below_and_above_follow_the_hierarchy() {
    let colours = code_system(COLOURS);
    assert_eq!(below(&colours, "warm").unwrap(), ["warm", "red", "orange", "crimson"]);
    assert_eq!(above(&colours, "crimson").unwrap(), ["crimson", "red", "warm"]);
    assert_eq!(below(&colours, "grey").unwrap(), ["grey"]);
    assert!(matches!(below(&colours, "green"), Err(Problem::NoSuchCode(_))));
}

#[test]
fn parts_and_groups_are_no_kinds() {
    let text = COLOURS.replace("\"content\"", "\"hierarchyMeaning\":\"part-of\",\"content\"");
    assert!(matches!(below(&code_system(&text), "warm"), Err(Problem::Unusable { .. })));
}

#[test]
fn two_codes_are_compared() {
    let animals = code_system(ANIMALS);
    let related = |a, b| subsumes(&animals, a, b).unwrap();
    assert_eq!(related("Animal", "Dog"), Subsumption::Subsumes);
    assert_eq!(related("Dog", "Pet"), Subsumption::SubsumedBy);
    assert_eq!(related("dog", "DOG"), Subsumption::Equivalent);
    assert_eq!(related("Mammal", "Pet"), Subsumption::NotSubsumed);
}

#[test]
fn a_code_system_must_not_have_a_code_twice() {
    let twice = json(&COLOURS.replace("crimson", "blue"));
    assert!(matches!(cresset_terminology::CodeSystem::read(&twice), Err(Problem::Unusable { .. })));
}

#[test]
fn a_code_is_judged_with_its_display() {
    let colours = code_system(COLOURS);
    let asked = |code, display| Asked { code, display, ..Asked::default() };
    let judged = |asked| validate_in_code_system(&colours, &asked).unwrap();
    assert!(judged(asked("red", None)).result);
    assert!(judged(asked("red", Some("RED"))).result);
    assert!(judged(asked("red", Some("Rot"))).result);
    let wrong = judged(asked("red", Some("Blue")));
    assert!(!wrong.result && wrong.display.as_deref() == Some("Red"));
    assert!(!judged(asked("green", None)).result);
    let retired = judged(asked("grey", None));
    assert!(retired.result && retired.message.as_deref() == Some("the code is inactive"));
    let abstracted = Asked { is_abstract: Some(false), ..asked("warm", None) };
    assert!(!judged(abstracted).result && judged(asked("warm", None)).result);
}

#[test]
fn a_fragment_cannot_tell_that_a_code_is_wrong() {
    let fragment = code_system(&COLOURS.replace("complete", "fragment"));
    let asked = Asked { code: "green", ..Asked::default() };
    assert!(validate_in_code_system(&fragment, &asked).is_err());
}

#[test]
fn a_code_of_a_value_set_needs_its_system_unless_that_is_inferred() {
    let compose = r#"{"include":[{"system":"http://test/colours"},{"system":"http://test/other","concept":[{"code":"red"}]}]}"#;
    let asked_set = ValueSet::read(&json(&value_set("asked", compose)));
    let expansion = expand(&asked_set, &library(&[COLOURS])).unwrap();
    let asked = |system, code| Asked { system, code, ..Asked::default() };
    let judged = |asked: Asked<'_>, infer| validate_in_value_set(&expansion, &asked, infer).result;
    assert!(judged(asked(Some("http://test/colours"), "blue"), false));
    assert!(!judged(asked(Some("http://test/other"), "blue"), false));
    assert!(!judged(asked(None, "blue"), false));
    assert!(judged(asked(None, "blue"), true));
    assert!(!judged(asked(None, "red"), true), "two systems have it");
    let other = Asked { version: Some("2"), ..asked(Some("http://test/colours"), "blue") };
    assert!(!judged(other, false));
}
