//! FHIRPath Patch: insert and move in lists.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, parse};
use cresset_interaction::patch::{PatchError, PatchErrorKind, fhirpath_patch};

fn json(text: &str) -> Json {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

fn patched(resource: &str, kind: &str, path: &str, parts: &str) -> Result<String, PatchError> {
    let parameters = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"operation","part":[
            {{"name":"type","valueCode":"{kind}"}},
            {{"name":"path","valueString":"{path}"}},{parts}]}}]}}"#
    );
    let result = fhirpath_patch(&json(resource), &json(&parameters), Definitions::r4())?;
    Ok(String::from_utf8(result.to_bytes()).unwrap())
}

fn insert(resource: &str, path: &str, index: i64, value: &str) -> Result<String, PatchError> {
    let parts = format!(r#"{{"name":"index","valueInteger":{index}}},{{"name":"value",{value}}}"#);
    patched(resource, "insert", path, &parts)
}

fn move_item(resource: &str, path: &str, from: i64, to: i64) -> Result<String, PatchError> {
    let parts = format!(
        r#"{{"name":"source","valueInteger":{from}}},{{"name":"destination","valueInteger":{to}}}"#
    );
    patched(resource, "move", path, &parts)
}

fn kind(result: Result<String, PatchError>) -> PatchErrorKind {
    result.unwrap_err().kind()
}

fn names(names: &str) -> String {
    let items: Vec<_> = names.chars().map(|n| format!(r#"{{"family":"{n}"}}"#)).collect();
    format!(r#"{{"resourceType":"Patient","name":[{}],"active":true}}"#, items.join(","))
}

const X: &str = r#""valueHumanName":{"family":"X"}"#;

#[test]
fn insert_puts_before_the_index_or_at_the_end() {
    for (index, expected) in [(0, "Xabc"), (1, "aXbc"), (3, "abcX")] {
        let result = insert(&names("abc"), "Patient.name", index, X).unwrap();
        assert_eq!(result, names(expected));
    }
    let beyond = insert(&names("abc"), "Patient.name", 4, X).unwrap_err();
    assert_eq!(beyond.kind(), PatchErrorKind::TargetMissing);
    assert_eq!(beyond.expression().as_deref(), Some("Patient.name"));
    assert_eq!(kind(insert(&names("abc"), "Patient.name", -1, X)), PatchErrorKind::Invalid);
}

#[test]
fn insert_makes_a_list_that_is_not_there() {
    let patient = r#"{"resourceType":"Patient","active":true}"#;
    assert_eq!(
        insert(patient, "Patient.name", 0, X).unwrap(),
        r#"{"resourceType":"Patient","active":true,"name":[{"family":"X"}]}"#
    );
    for (path, index) in [
        ("Patient.name", 1),
        ("Patient.shoes", 0),
        ("Patient.contact.name", 0),
        ("Patient.name.where(use = 'old')", 0),
    ] {
        let result = insert(patient, path, index, X);
        assert_eq!(kind(result), PatchErrorKind::TargetMissing, "{path}");
    }
    let result = insert(patient, "Patient.birthDate", 0, r#""valueDate":"2020""#);
    assert_eq!(kind(result), PatchErrorKind::Conflict);
}

#[test]
fn insert_keeps_values_and_extensions_in_step() {
    let name =
        r#"{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[null,{"id":"b"}]}]}"#;
    assert_eq!(
        insert(name, "Patient.name.given", 1, r#""valueString":"X""#).unwrap(),
        r#"{"resourceType":"Patient","name":[{"given":["A","X","B"],"_given":[null,null,{"id":"b"}]}]}"#
    );
    assert_eq!(
        insert(name, "Patient.name.given", 0, r#""_valueString":{"id":"x"}"#).unwrap(),
        r#"{"resourceType":"Patient","name":[{"given":[null,"A","B"],"_given":[{"id":"x"},null,{"id":"b"}]}]}"#
    );
    let plain = r#"{"resourceType":"Patient","name":[{"given":["A"],"family":"B"}]}"#;
    assert_eq!(
        insert(plain, "Patient.name.given", 1, r#""valueString":"X","_valueString":{"id":"x"}"#)
            .unwrap(),
        r#"{"resourceType":"Patient","name":[{"given":["A","X"],"_given":[null,{"id":"x"}],"family":"B"}]}"#
    );
}

#[test]
fn the_path_gives_one_whole_list() {
    let two =
        r#"{"resourceType":"Patient","name":[{"given":["A"]},{"given":["B"]}],"active":true}"#;
    let text = r#""valueString":"X""#;
    for path in [
        "Patient.name.given",
        "Patient.active",
        "Patient.name.first().given | Patient.active",
        "Patient",
    ] {
        assert_eq!(kind(insert(two, path, 0, text)), PatchErrorKind::Conflict, "{path}");
        assert_eq!(kind(move_item(two, path, 0, 0)), PatchErrorKind::Conflict, "{path}");
    }
    assert_eq!(kind(insert(&names("abc"), "Patient.name.take(2)", 0, X)), PatchErrorKind::Conflict);
    assert!(insert(two, "Patient.name[1].given", 0, text).is_ok());
    assert_eq!(kind(insert(two, "Patient.name", 0, text)), PatchErrorKind::Conflict);
}

#[test]
fn move_goes_to_the_index_it_ends_up_at() {
    for (from, to, expected) in [(0, 0, "abcd"), (0, 3, "bcda"), (3, 0, "dabc"), (1, 2, "acbd")] {
        let result = move_item(&names("abcd"), "Patient.name", from, to).unwrap();
        assert_eq!(result, names(expected));
    }
    for (from, to) in [(4, 0), (0, 4)] {
        let result = move_item(&names("abcd"), "Patient.name", from, to);
        assert_eq!(kind(result), PatchErrorKind::TargetMissing);
    }
    let none = move_item(r#"{"resourceType":"Patient"}"#, "Patient.name", 0, 0);
    assert_eq!(kind(none), PatchErrorKind::TargetMissing);
}

#[test]
fn move_takes_extensions_along() {
    let name = r#"{"resourceType":"Patient","name":[{"given":["A","B",null],"_given":[null,{"id":"b"},{"id":"c"}]}]}"#;
    assert_eq!(
        move_item(name, "Patient.name.given", 2, 0).unwrap(),
        r#"{"resourceType":"Patient","name":[{"given":[null,"A","B"],"_given":[{"id":"c"},null,{"id":"b"}]}]}"#
    );
}
