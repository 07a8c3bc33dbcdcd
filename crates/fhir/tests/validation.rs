//! Each class of fault: where it is, and its code.

use cresset_fhir::definitions::{Definitions, ResourceType};
use cresset_fhir::json::{Json, Limits, parse};
use cresset_fhir::validation::{Issue, IssueCode, Options, Validator};

fn json(text: &str) -> Json {
    parse(text.as_bytes(), &Limits::default()).unwrap_or_else(|e| panic!("{e}: {text}"))
}

fn validate(text: &str) -> Result<ResourceType, Vec<Issue>> {
    Validator::r4().validate(&json(text), &Options::default(), &mut ())
}

/// The issues of a resource as `expression code`.
fn faults(text: &str) -> Vec<String> {
    let issues = validate(text).err().unwrap_or_default();
    let line = |i: &Issue| format!("{} {}", i.expression, i.code.code());
    issues.iter().map(line).collect()
}

/// The issues of a Patient with these properties.
fn patient(properties: &str) -> Vec<String> {
    faults(&format!(r#"{{"resourceType":"Patient",{properties}}}"#))
}

/// The issues of an Observation with these properties and the required ones.
fn observation(properties: &str) -> Vec<String> {
    faults(&format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},{properties}}}"#
    ))
}

const NONE: [&str; 0] = [];

#[test]
fn a_resource_has_a_known_concrete_type() {
    let patient = Definitions::r4().resource_type("Patient");
    assert_eq!(validate(r#"{"resourceType":"Patient"}"#).ok(), patient);
    assert_eq!(faults("[]"), ["Resource structure"]);
    assert_eq!(faults("{}"), ["Resource required"]);
    assert_eq!(faults(r#"{"resourceType":1}"#), ["Resource structure"]);
    for name in ["Foo", "DomainResource", "Resource", "HumanName", "string", ""] {
        let text = format!(r#"{{"resourceType":"{name}"}}"#);
        assert_eq!(faults(&text), ["Resource structure"], "{name}");
    }
}

#[test]
fn unknown_properties_are_refused() {
    assert_eq!(patient(r#""foo":1"#), ["Patient.foo structure"]);
    assert_eq!(patient(r#""_foo":{}"#), ["Patient._foo structure"]);
    assert_eq!(patient(r#""a b":1,"":1"#), ["Patient structure", "Patient structure"]);
    assert_eq!(patient(r#""_name":[]"#), ["Patient._name structure"]);
    assert_eq!(
        patient(r#""fhir_comments":["x"],"value":1"#),
        ["Patient.fhir_comments structure", "Patient.value structure"]
    );
    assert_eq!(
        patient(r#""name":[{"family":"x","resourceType":"HumanName"}]"#),
        ["Patient.name[0].resourceType structure"]
    );
    assert_eq!(
        patient(r#""birthDate":"2000","_birthDate":{"id":"a","value":"2000"}"#),
        ["Patient.birthDate.value structure"]
    );
    assert_eq!(observation(r#""value":"x""#), ["Observation.value structure"]);
}

#[test]
fn json_kinds_match_the_definitions() {
    assert_eq!(patient(r#""name":{"family":"x"}"#), ["Patient.name structure"]);
    assert_eq!(
        patient(r#""name":["x",null]"#),
        ["Patient.name[0] structure", "Patient.name[1] structure"]
    );
    assert_eq!(patient(r#""birthDate":["2000"]"#), ["Patient.birthDate structure"]);
    assert_eq!(patient(r#""maritalStatus":[{"text":"x"}]"#), ["Patient.maritalStatus structure"]);
    assert_eq!(patient(r#""maritalStatus":"M""#), ["Patient.maritalStatus structure"]);
    assert_eq!(patient(r#""birthDate":{}"#), ["Patient.birthDate structure"]);
    assert_eq!(patient(r#""birthDate":null"#), ["Patient.birthDate structure"]);
    assert_eq!(patient(r#""maritalStatus":null"#), ["Patient.maritalStatus structure"]);
    assert_eq!(patient(r#""name":[{"given":"x"}]"#), ["Patient.name[0].given structure"]);
}

#[test]
fn nothing_is_empty() {
    assert_eq!(patient(r#""name":[]"#), ["Patient.name structure"]);
    assert_eq!(patient(r#""name":[{}]"#), ["Patient.name[0] structure"]);
    assert_eq!(patient(r#""name":[{"given":[]}]"#), ["Patient.name[0].given structure"]);
    assert_eq!(patient(r#""name":[{"family":""}]"#), ["Patient.name[0].family value"]);
    assert_eq!(patient(r#""name":[{"id":"a"}]"#), ["Patient.name[0] invariant"]);
    assert_eq!(patient(r#""_birthDate":{}"#), ["Patient.birthDate structure"]);
    assert_eq!(patient(r#""_birthDate":{"id":"a"}"#), ["Patient.birthDate invariant"]);
}

#[test]
fn required_elements_are_there() {
    assert_eq!(
        faults(r#"{"resourceType":"Observation"}"#),
        ["Observation.status required", "Observation.code required"]
    );
    assert_eq!(patient(r#""link":[{"type":"seealso"}]"#), ["Patient.link[0].other required"]);
    let extension = r#"{"extension":[{"url":"http://x.org/a","valueCode":"unknown"}]}"#;
    let absent =
        format!(r#"{{"resourceType":"Observation","_status":{extension},"code":{{"text":"x"}}}}"#);
    assert_eq!(faults(&absent), NONE);
}

#[test]
fn a_choice_is_required_once() {
    let request = |medication: &str| {
        faults(&format!(
            r#"{{"resourceType":"MedicationRequest","status":"active","intent":"order",{medication}"subject":{{"display":"x"}}}}"#
        ))
    };
    assert_eq!(request(""), ["MedicationRequest.medication required"]);
    assert_eq!(request(r#""medicationCodeableConcept":{"text":"x"},"#), NONE);
    assert_eq!(
        request(
            r#""medicationCodeableConcept":{"text":"x"},"medicationReference":{"display":"x"},"#
        ),
        ["MedicationRequest.medication structure"]
    );
    assert_eq!(
        observation(
            r#""valueString":"x","_valueInteger":{"extension":[{"url":"a","valueCode":"b"}]}"#
        ),
        ["Observation.value structure"]
    );
    assert_eq!(observation(r#""valueQuantity":{"value":"1"}"#), ["Observation.value.value value"]);
}

#[test]
fn arrays_of_primitives_and_their_siblings_are_aligned() {
    let extension = r#"{"extension":[{"url":"http://x.org/a","valueCode":"b"}]}"#;
    let name = |properties: String| patient(&format!(r#""name":[{{{properties}}}]"#));
    assert_eq!(name(format!(r#""given":["a",null],"_given":[null,{extension}]"#)), NONE);
    assert_eq!(name(format!(r#""_given":[{extension}]"#)), NONE);
    assert_eq!(name(r#""given":["a",null]"#.into()), ["Patient.name[0].given[1] structure"]);
    assert_eq!(name(r#""given":["a"],"_given":[null]"#.into()), NONE);
    assert_eq!(
        name(r#""given":[null],"_given":[null]"#.into()),
        ["Patient.name[0].given[0] structure"]
    );
    assert_eq!(
        name(format!(r#""given":["a","b"],"_given":[{extension}]"#)),
        ["Patient.name[0].given structure"]
    );
    assert_eq!(
        name(format!(r#""given":["a"],"_given":{extension}"#)),
        ["Patient.name[0].given structure"]
    );
    assert_eq!(
        name(r#""given":["a"],"_given":["b"]"#.into()),
        ["Patient.name[0].given[0] structure"]
    );
    assert_eq!(
        name(r#""_given":{"id":"a"},"given":["b"]"#.into()),
        ["Patient.name[0].given structure"]
    );
    assert_eq!(patient(r#""birthDate":"2000","_birthDate":[{}]"#), ["Patient.birthDate structure"]);
}

#[test]
fn primitives_have_their_forms() {
    assert_eq!(patient(r#""active":"true""#), ["Patient.active value"]);
    assert_eq!(patient(r#""birthDate":"2023-02-29""#), ["Patient.birthDate value"]);
    assert_eq!(patient(r#""birthDate":2023"#), ["Patient.birthDate value"]);
    assert_eq!(patient(r#""id":"a_b""#), ["Patient.id value"]);
    assert_eq!(patient(r#""id":"a.B-9""#), NONE);
    assert_eq!(patient(r#""name":[{"id":"any text","family":"x"}]"#), NONE);
    assert_eq!(patient(r#""language":"de ""#), ["Patient.language value"]);
    assert_eq!(patient(r#""implicitRules":"a b""#), ["Patient.implicitRules value"]);
    assert_eq!(patient(r#""name":[{"family":"a\u0000"}]"#), ["Patient.name[0].family value"]);
    assert_eq!(patient(r#""multipleBirthInteger":2147483647"#), NONE);
    for bad in ["2147483648", "1.0", "1e2", "\"1\""] {
        let text = format!(r#""multipleBirthInteger":{bad}"#);
        assert_eq!(patient(&text), ["Patient.multipleBirth value"], "{bad}");
    }
    let photo = |p: &str| patient(&format!(r#""photo":[{{{p}}}]"#));
    assert_eq!(photo(r#""size":-1"#), ["Patient.photo[0].size value"]);
    assert_eq!(photo(r#""size":0,"data":"QUJD""#), NONE);
    assert_eq!(photo(r#""data":"?""#), ["Patient.photo[0].data value"]);
    let telecom = |p: &str| patient(&format!(r#""telecom":[{{{p}}}]"#));
    assert_eq!(telecom(r#""rank":0"#), ["Patient.telecom[0].rank value"]);
    assert_eq!(
        observation(r#""effectiveDateTime":"2024-01-01T10:00:00""#),
        ["Observation.effective value"]
    );
    assert_eq!(observation(r#""valueTime":"10:00""#), ["Observation.value value"]);
    assert_eq!(observation(r#""issued":"2024-01-01""#), ["Observation.issued value"]);
}

#[test]
fn strings_end_at_one_mebibyte() {
    let name = |length: usize| {
        let family = "ä".repeat(length);
        patient(&format!(r#""name":[{{"family":"{family}"}}]"#))
    };
    assert_eq!(name(1 << 20), NONE);
    assert_eq!(name((1 << 20) + 1), ["Patient.name[0].family too-long"]);
}

#[test]
fn meta_is_checked_by_its_definition() {
    assert_eq!(
        patient(
            r#""meta":{"versionId":"a b","lastUpdated":"2024","tag":[{"code":" "}],"profile":["a b"]}"#
        ),
        [
            "Patient.meta.versionId value",
            "Patient.meta.lastUpdated value",
            "Patient.meta.tag[0].code value",
            "Patient.meta.profile[0] value"
        ]
    );
}

#[test]
fn required_bindings_hold() {
    assert_eq!(patient(r#""gender":"Male""#), ["Patient.gender code-invalid"]);
    assert_eq!(patient(r#""gender":"male""#), NONE);
    assert_eq!(patient(r#""photo":[{"contentType":"x/y"}]"#), NONE);
    let condition = |status: &str| {
        faults(&format!(
            r#"{{"resourceType":"Condition","subject":{{"display":"x"}},"clinicalStatus":{status}}}"#
        ))
    };
    let system = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    let good = format!(r#"{{"system":"{system}","code":"active"}}"#);
    let invalid = ["Condition.clinicalStatus code-invalid"];
    assert_eq!(condition(&format!(r#"{{"coding":[{good}]}}"#)), NONE);
    assert_eq!(condition(&format!(r#"{{"coding":[{{"code":"x"}},{good}]}}"#)), NONE);
    assert_eq!(condition(r#"{"coding":[{"code":"active"}]}"#), invalid);
    assert_eq!(
        condition(&format!(r#"{{"coding":[{{"system":"{system}","code":"x"}}]}}"#)),
        invalid
    );
    assert_eq!(condition(r#"{"text":"active"}"#), invalid);
    let absent = r#"{"extension":[{"url":"http://x.org/absent","valueCode":"unknown"}]}"#;
    assert_eq!(condition(absent), NONE);
}

#[test]
fn extensions_have_a_url_and_a_value_or_extensions() {
    let extension = |text: &str| patient(&format!(r#""extension":[{text}]"#));
    assert_eq!(extension(r#"{"url":"a","valueString":"x"}"#), NONE);
    assert_eq!(extension(r#"{"url":"a","extension":[{"url":"b","valueCode":"x"}]}"#), NONE);
    assert_eq!(extension(r#"{"valueString":"x"}"#), ["Patient.extension[0].url required"]);
    assert_eq!(extension(r#"{"url":"a"}"#), ["Patient.extension[0] invariant"]);
    assert_eq!(
        extension(r#"{"url":"a","valueCode":"x","extension":[{"url":"b","valueCode":"x"}]}"#),
        ["Patient.extension[0] invariant"]
    );
    assert_eq!(
        extension(r#"{"_url":{"extension":[]},"valueCode":"x"}"#),
        ["Patient.extension[0]._url structure", "Patient.extension[0].url required"]
    );
    assert_eq!(
        patient(r#""_birthDate":{"extension":[{"url":"a","valueCode":" "}]}"#),
        ["Patient.birthDate.extension[0].value value"]
    );
}

#[test]
fn narratives_are_safe_xhtml() {
    let text = |div: &str| patient(&format!(r#""text":{{"status":"generated","div":"{div}"}}"#));
    let namespace = "xmlns='http://www.w3.org/1999/xhtml'";
    assert_eq!(text(&format!("<div {namespace}><p>x</p></div>")), NONE);
    assert_eq!(
        text(&format!("<div {namespace}><script>x</script></div>")),
        ["Patient.text.div value"]
    );
    assert_eq!(text("x"), ["Patient.text.div value"]);
    assert_eq!(
        patient(&format!(
            r#""text":{{"status":"additional","div":"<div {namespace}>x</div>","_div":{{"extension":[{{"url":"a","valueCode":"b"}}]}}}}"#
        )),
        ["Patient.text.div.extension structure"]
    );
}

#[test]
fn nested_resources_are_validated_by_their_own_type() {
    assert_eq!(
        faults(
            r#"{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Observation","status":"x"}},{"resource":{}},{"resource":[]}]}"#
        ),
        [
            "Bundle.entry[0].resource.status code-invalid",
            "Bundle.entry[0].resource.code required",
            "Bundle.entry[1].resource required",
            "Bundle.entry[2].resource structure"
        ]
    );
    assert_eq!(
        faults(
            r#"{"resourceType":"Parameters","parameter":[{"name":"a","resource":{"resourceType":"Patient","id":"_"}}]}"#
        ),
        ["Parameters.parameter[0].resource.id value"]
    );
    assert_eq!(
        patient(
            r#""contained":[{"resourceType":"Patient","contained":[{"resourceType":"Device"}]}]"#
        ),
        ["Patient.contained[0].contained[0] invariant"]
    );
}

#[test]
fn all_issues_are_told_up_to_a_limit() {
    let text = format!(
        r#"{{"resourceType":"Patient","name":[{}]}}"#,
        vec![r#"{"family":1}"#; 150].join(",")
    );
    let issues = validate(&text).unwrap_err();
    assert_eq!(issues.len(), 101);
    assert_eq!(issues[99].expression, "Patient.name[99].family");
    assert_eq!(issues[100].code, IssueCode::Informational);
    assert_eq!(issues[100].expression, "Patient");
    let exact = patient(&format!(r#""name":[{}]"#, vec!["1"; 100].join(",")));
    assert_eq!(exact.len(), 100);
}

#[test]
fn diagnostics_hold_no_content() {
    let secret = "Waldorf Secret";
    let text = format!(
        r#"{{"resourceType":"Patient","id":"{secret}","gender":"{secret}","birthDate":"{secret}","active":"{secret}","photo":"{secret}","managingOrganization":{{"reference":"{secret}"}},"text":{{"status":"{secret}","div":"<div {secret}>{secret}"}},"contained":[{{"resourceType":"{secret}"}}]}}"#
    );
    let issues = validate(&text).unwrap_err();
    assert_eq!(issues.len(), 10, "{issues:#?}");
    for issue in issues {
        assert!(!issue.to_string().contains("Secret"), "{issue}");
    }
}

#[test]
fn deep_nesting_ends_in_an_issue() {
    let mut extension = json(r#"{"url":"a","valueCode":"x"}"#);
    for _ in 0..10_000 {
        let mut outer = json(r#"{"url":"a"}"#);
        let object = outer.as_object_mut().unwrap();
        object.insert("extension", vec![extension]);
        extension = outer;
    }
    let mut patient = json(r#"{"resourceType":"Patient"}"#);
    let object = patient.as_object_mut().unwrap();
    object.insert("extension", vec![extension]);
    let issues = Validator::r4().validate(&patient, &Options::default(), &mut ());
    assert_eq!(issues.unwrap_err()[0].code, IssueCode::Structure);
    // Dropping 10,000 levels would recurse as well.
    std::mem::forget(patient);
}
