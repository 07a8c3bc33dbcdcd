//! FHIRPath Patch: each operation on single elements, choices, primitives with extensions.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, parse};
use cresset_interaction::patch::{PatchError, PatchErrorKind, fhirpath_patch};

fn json(text: &str) -> Json {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

/// One operation; `parts` are `"name": {...}` pairs that become parts of these names.
fn operation(kind: &str, path: &str, parts: &str) -> String {
    let path = Json::from(path).to_bytes();
    let path = String::from_utf8(path).unwrap();
    let parts = if parts.is_empty() { String::new() } else { format!(",{parts}") };
    format!(
        r#"{{"name":"operation","part":[{{"name":"type","valueCode":"{kind}"}},
            {{"name":"path","valueString":{path}}}{parts}]}}"#
    )
}

fn add(path: &str, name: &str, value: &str) -> String {
    let parts = format!(r#"{{"name":"name","valueString":"{name}"}},{{"name":"value",{value}}}"#);
    operation("add", path, &parts)
}

fn replace(path: &str, value: &str) -> String {
    operation("replace", path, &format!(r#"{{"name":"value",{value}}}"#))
}

fn delete(path: &str) -> String {
    operation("delete", path, "")
}

fn patched(resource: &str, operations: &[String]) -> Result<String, PatchError> {
    let operations = operations.join(",");
    let parameters = format!(r#"{{"resourceType":"Parameters","parameter":[{operations}]}}"#);
    let result = fhirpath_patch(&json(resource), &json(&parameters), Definitions::r4())?;
    Ok(String::from_utf8(result.to_bytes()).unwrap())
}

#[track_caller]
fn gives(resource: &str, operation: String, expected: &str) {
    assert_eq!(patched(resource, &[operation]).unwrap(), expected);
}

#[track_caller]
fn fails(resource: &str, operation: String, kind: PatchErrorKind) -> PatchError {
    let error = patched(resource, &[operation]).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert_eq!(error.operation(), Some(0));
    error
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"1"}"#;

#[test]
fn add_sets_a_single_element_once() {
    let born = r#"{"resourceType":"Patient","id":"1","birthDate":"1920-01-01"}"#;
    gives(PATIENT, add("Patient", "birthDate", r#""valueDate":"1920-01-01""#), born);
    let again = add("Patient", "birthDate", r#""valueDate":"1921-01-01""#);
    let error = fails(born, again, PatchErrorKind::Conflict);
    assert_eq!(error.expression().as_deref(), Some("Patient"));
    let unknown = r#"{"resourceType":"Patient","_birthDate":{"id":"a"}}"#;
    let again = add("Patient", "birthDate", r#""valueDate":"1921-01-01""#);
    fails(unknown, again, PatchErrorKind::Conflict);
}

#[test]
fn add_appends_to_a_list() {
    let one = r#"{"resourceType":"Patient","id":"1","name":[{"family":"A"}]}"#;
    gives(PATIENT, add("Patient", "name", r#""valueHumanName":{"family":"A"}"#), one);
    gives(
        one,
        add("Patient", "name", r#""valueHumanName":{"family":"B"}"#),
        r#"{"resourceType":"Patient","id":"1","name":[{"family":"A"},{"family":"B"}]}"#,
    );
    gives(
        one,
        add("Patient.name.where(family='A')", "given", r#""valueString":"C""#),
        r#"{"resourceType":"Patient","id":"1","name":[{"family":"A","given":["C"]}]}"#,
    );
}

#[test]
fn add_names_a_choice_by_its_value() {
    let observation = r#"{"resourceType":"Observation","status":"final"}"#;
    let quantity = r#""valueQuantity":{"value":1.50}"#;
    let valued =
        r#"{"resourceType":"Observation","status":"final","valueQuantity":{"value":1.50}}"#;
    gives(observation, add("Observation", "value", quantity), valued);
    let other = add("Observation", "value", r#""valueString":"x""#);
    fails(valued, other, PatchErrorKind::Conflict);
    let typed_name = add("Observation", "valueQuantity", quantity);
    fails(observation, typed_name, PatchErrorKind::Conflict);
    let wrong_type = add("Observation", "value", r#""valueMoney":{"value":1}"#);
    fails(observation, wrong_type, PatchErrorKind::Conflict);
}

#[test]
fn add_builds_a_backbone_from_parts() {
    let contact = r#""part":[
        {"name":"relationship","valueCodeableConcept":{"text":"aunt"}},
        {"name":"relationship","valueCodeableConcept":{"text":"guardian"}},
        {"name":"gender","valueCode":"female","_valueCode":{"id":"g"}},
        {"name":"name","valueHumanName":{"text":"a name"}}]"#;
    gives(
        PATIENT,
        add("Patient", "contact", contact),
        r#"{"resourceType":"Patient","id":"1","contact":[{"relationship":[{"text":"aunt"},{"text":"guardian"}],"gender":"female","_gender":{"id":"g"},"name":{"text":"a name"}}]}"#,
    );
    let nested = r#""part":[{"name":"repeat","part":[
        {"name":"boundsPeriod","valuePeriod":{"start":"2020"}}]}]"#;
    let bad = add("Patient", "contact", nested);
    fails(PATIENT, bad, PatchErrorKind::Conflict);
    let questionnaire = r#"{"resourceType":"Questionnaire","status":"draft"}"#;
    let items = r#""part":[{"name":"linkId","valueString":"1"},
        {"name":"item","part":[{"name":"linkId","valueString":"1.1"}]}]"#;
    gives(
        questionnaire,
        add("Questionnaire", "item", items),
        r#"{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","item":[{"linkId":"1.1"}]}]}"#,
    );
}

#[test]
fn add_reaches_the_extensions_of_primitives() {
    let extension = r#""valueString":"x""#;
    let value =
        r#""part":[{"name":"url","valueUri":"http://e.org"},{"name":"value","valueString":"x"}]"#;
    gives(
        r#"{"resourceType":"Patient","birthDate":"1920-01-01","active":true}"#,
        add("Patient.birthDate", "extension", value),
        r#"{"resourceType":"Patient","birthDate":"1920-01-01","_birthDate":{"extension":[{"url":"http://e.org","valueString":"x"}]},"active":true}"#,
    );
    gives(
        r#"{"resourceType":"Patient","name":[{"given":["A","B"]}]}"#,
        add("Patient.name.given[1]", "extension", value),
        r#"{"resourceType":"Patient","name":[{"given":["A","B"],"_given":[null,{"extension":[{"url":"http://e.org","valueString":"x"}]}]}]}"#,
    );
    let extended =
        r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://e.org"}]}}"#;
    gives(
        extended,
        add("Patient.birthDate.extension('http://e.org')", "value", extension),
        r#"{"resourceType":"Patient","_birthDate":{"extension":[{"url":"http://e.org","valueString":"x"}]}}"#,
    );
    fails(
        r#"{"resourceType":"Patient","birthDate":"1920"}"#,
        add("Patient.birthDate", "value", r#""valueDate":"1921""#),
        PatchErrorKind::Conflict,
    );
}

#[test]
fn types_that_share_a_form_stand_for_one_another_and_others_do_not() {
    let gender = add("Patient", "gender", r#""valueString":"male""#);
    gives(PATIENT, gender, r#"{"resourceType":"Patient","id":"1","gender":"male"}"#);
    for (name, value) in [
        ("birthDate", r#""valueBoolean":true"#),
        ("birthDate", r#""valueDateTime":"2020-01-01T00:00:00Z""#),
        ("name", r#""valueString":"A""#),
        ("name", r#""valueAddress":{"text":"A"}"#),
        ("shoeSize", r#""valueInteger":44"#),
        ("contained", r#""valueString":"x""#),
    ] {
        fails(PATIENT, add("Patient", name, value), PatchErrorKind::Conflict);
    }
    let narrative =
        r#""part":[{"name":"status","valueCode":"empty"},{"name":"div","valueString":"<div/>"}]"#;
    gives(
        PATIENT,
        add("Patient", "text", narrative),
        r#"{"resourceType":"Patient","id":"1","text":{"status":"empty","div":"<div/>"}}"#,
    );
}

#[test]
fn contained_resources_are_added_and_reached() {
    let device = r#""resource":{"resourceType":"Device","id":"d"}"#;
    let held =
        r#"{"resourceType":"Patient","id":"1","contained":[{"resourceType":"Device","id":"d"}]}"#;
    gives(PATIENT, add("Patient", "contained", device), held);
    let status = r#"{"resourceType":"Patient","id":"1","contained":[{"resourceType":"Device","id":"d","status":"active"}]}"#;
    gives(held, add("Patient.contained[0]", "status", r#""valueCode":"active""#), status);
    gives(status, delete("Patient.contained.where(id='d').status"), held);
    gives(held, delete("Patient.contained[0]"), PATIENT);
}

#[test]
fn replace_keeps_the_place() {
    gives(
        r#"{"resourceType":"Patient","gender":"male","_gender":{"id":"x"},"active":true}"#,
        replace("Patient.gender", r#""valueCode":"other""#),
        r#"{"resourceType":"Patient","gender":"other","active":true}"#,
    );
    gives(
        r#"{"resourceType":"Patient","name":[{"family":"A"},{"family":"B","use":"old"}]}"#,
        replace("Patient.name[1].family", r#""valueString":"C","_valueString":{"id":"c"}"#),
        r#"{"resourceType":"Patient","name":[{"family":"A"},{"family":"C","_family":{"id":"c"},"use":"old"}]}"#,
    );
    gives(
        r#"{"resourceType":"Patient","name":[{"given":["A",null,"C"],"_given":[null,{"id":"b"},{"id":"c"}]}]}"#,
        replace("Patient.name.given[1]", r#""valueString":"B""#),
        r#"{"resourceType":"Patient","name":[{"given":["A","B","C"],"_given":[null,null,{"id":"c"}]}]}"#,
    );
}

#[test]
fn replace_may_change_the_type_of_a_choice() {
    gives(
        r#"{"resourceType":"Observation","valueString":"x","_valueString":{"id":"a"},"status":"final"}"#,
        replace("Observation.value", r#""valueQuantity":{"value":1}"#),
        r#"{"resourceType":"Observation","valueQuantity":{"value":1},"status":"final"}"#,
    );
    gives(
        r#"{"resourceType":"Observation","component":[{"valueQuantity":{"value":1},"code":{"text":"c"}}]}"#,
        replace("Observation.component.value", r#""valueBoolean":true,"_valueBoolean":{"id":"b"}"#),
        r#"{"resourceType":"Observation","component":[{"valueBoolean":true,"_valueBoolean":{"id":"b"},"code":{"text":"c"}}]}"#,
    );
}

#[test]
fn replace_needs_exactly_one() {
    fails(
        PATIENT,
        replace("Patient.gender", r#""valueCode":"male""#),
        PatchErrorKind::TargetMissing,
    );
    let two = r#"{"resourceType":"Patient","name":[{"family":"A"},{"family":"B"}]}"#;
    fails(
        two,
        replace("Patient.name", r#""valueHumanName":{"text":"C"}"#),
        PatchErrorKind::Conflict,
    );
    let whole = r#""resource":{"resourceType":"Patient","id":"2"}"#;
    fails(PATIENT, replace("Patient", whole), PatchErrorKind::Conflict);
    let error = fails(PATIENT, replace("Patient.id", r#""valueId":"2""#), PatchErrorKind::Conflict);
    assert_eq!(error.expression().as_deref(), Some("Patient.id"));
}

#[test]
fn delete_leaves_nothing_empty() {
    gives(
        r#"{"resourceType":"Patient","birthDate":"1920","_birthDate":{"id":"b"},"active":true}"#,
        delete("Patient.birthDate"),
        r#"{"resourceType":"Patient","active":true}"#,
    );
    gives(
        r#"{"resourceType":"Patient","contact":[{"name":{"given":["A"]}}],"active":true}"#,
        delete("Patient.contact.name.given"),
        r#"{"resourceType":"Patient","active":true}"#,
    );
    gives(
        r#"{"resourceType":"Patient","birthDate":"1920","_birthDate":{"extension":[{"url":"u"}]}}"#,
        delete("Patient.birthDate.extension"),
        r#"{"resourceType":"Patient","birthDate":"1920"}"#,
    );
    gives(
        r#"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"b"}]}]}"#,
        delete("Patient.name.given[1].id"),
        r#"{"resourceType":"Patient","name":[{"given":["A"]}]}"#,
    );
}

#[test]
fn delete_keeps_values_and_extensions_in_step() {
    let given = r#"{"resourceType":"Patient","name":[{"given":["A",null,"C"],"_given":[{"id":"a"},{"id":"b"},null]}]}"#;
    gives(
        given,
        delete("Patient.name.given[0]"),
        r#"{"resourceType":"Patient","name":[{"given":[null,"C"],"_given":[{"id":"b"},null]}]}"#,
    );
    gives(
        given,
        delete("Patient.name.given.where(id='b')"),
        r#"{"resourceType":"Patient","name":[{"given":["A","C"],"_given":[{"id":"a"},null]}]}"#,
    );
    gives(
        r#"{"resourceType":"Patient","name":[{"given":["A",null],"_given":[null,{"id":"b"}]}]}"#,
        delete("Patient.name.given[0]"),
        r#"{"resourceType":"Patient","name":[{"_given":[{"id":"b"}]}]}"#,
    );
}

#[test]
fn delete_of_nothing_is_fine_and_of_several_is_not() {
    gives(PATIENT, delete("Patient.birthDate"), PATIENT);
    let two = r#"{"resourceType":"Patient","name":[{"family":"A"},{"family":"B"}]}"#;
    fails(two, delete("Patient.name"), PatchErrorKind::Conflict);
    fails(PATIENT, delete("Patient"), PatchErrorKind::Conflict);
    fails(PATIENT, delete("Patient.id"), PatchErrorKind::Conflict);
}

#[test]
fn paths_that_lead_nowhere_useful() {
    use PatchErrorKind::{Conflict, Invalid};
    for (path, kind) in [
        ("Patient.name.", Invalid),
        ("Patient.id & 'x'", Conflict),
        ("1 + 1", Conflict),
        ("%nothing", Invalid),
        ("Patient.id + true", Conflict),
    ] {
        fails(PATIENT, delete(path), kind);
    }
    let error = fails(PATIENT, delete("Patient.name.where(family='Secret'"), Invalid);
    assert!(!error.to_string().contains("Secret"), "{error}");
    assert_eq!(error.expression().as_deref(), Some("Parameters.parameter[0]"));
}

#[test]
fn an_error_in_a_later_operation_is_that_of_the_whole() {
    let operations = [
        add("Patient", "active", r#""valueBoolean":true"#),
        replace("Patient.active", r#""valueBoolean":false"#),
        add("Patient", "active", r#""valueBoolean":true"#),
    ];
    let error = patched(PATIENT, &operations).unwrap_err();
    assert_eq!(error.operation(), Some(2));
    let result = patched(PATIENT, &operations[..2]).unwrap();
    assert_eq!(result, r#"{"resourceType":"Patient","id":"1","active":false}"#);
}

#[test]
fn documents_that_are_no_patches() {
    let refused = |parameters: &str| {
        let error = fhirpath_patch(&json(PATIENT), &json(parameters), Definitions::r4());
        assert_eq!(error.unwrap_err().kind(), PatchErrorKind::Invalid, "{parameters}");
    };
    refused(PATIENT);
    refused("[]");
    refused(r#"{"resourceType":"Parameters","parameter":{}}"#);
    for parameter in [
        r#"{"name":"operation"}"#.to_owned(),
        r#"{"name":"other","part":[]}"#.to_owned(),
        operation("drop", "Patient", ""),
        operation("add", "Patient", r#"{"name":"name","valueString":"active"}"#),
        operation("add", "Patient", r#"{"name":"value","valueString":"active"}"#),
        operation("delete", "Patient", r#"{"name":"path","valueString":"x"}"#),
        operation("delete", "Patient", r#"{"name":"dest","valueInteger":1}"#),
        operation("move", "Patient.name", r#"{"name":"source","valueInteger":-1}"#),
        replace("Patient.active", r#""valueBoolean":true,"valueString":"x""#),
        replace("Patient.active", r#""valueBoolean":true,"part":[]"#),
        replace("Patient.active", r#""valueBoolean":[true]"#),
        replace("Patient.active", r#""valueBoolean":null"#),
        replace("Patient.name", r#""valueHumanName":"x""#),
        replace("Patient.name", r#""valueHumanName":{}"#),
        replace("Patient.contained", r#""resource":{"id":"x"}"#),
        replace("Patient.active", r#""id":"x""#),
    ] {
        refused(&format!(r#"{{"resourceType":"Parameters","parameter":[{parameter}]}}"#));
    }
}
