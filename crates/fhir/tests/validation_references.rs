//! References: their form, their targets, and what is in `contained`.

use cresset_fhir::json::{Limits, parse};
use cresset_fhir::validation::{Issue, IssueCode, Options, Validator};

const NONE: [&str; 0] = [];

fn issues(text: &str, options: &Options) -> Vec<Issue> {
    let resource = parse(text.as_bytes(), &Limits::default()).unwrap();
    let result = Validator::r4().validate(&resource, options, &mut ());
    result.err().unwrap_or_default()
}

/// The issues of a resource as `expression code`.
fn faults(text: &str) -> Vec<String> {
    let issues = issues(text, &Options::default());
    let line = |i: &Issue| format!("{} {}", i.expression, i.code.code());
    issues.iter().map(line).collect()
}

/// The issues of an Observation with these properties and the required ones.
fn observation(properties: &str) -> Vec<String> {
    faults(&format!(
        r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},{properties}}}"#
    ))
}

#[test]
fn references_have_a_form_and_a_target() {
    let subject =
        |reference: &str| observation(&format!(r#""subject":{{"reference":"{reference}"}}"#));
    for good in [
        "Patient/1",
        "Patient/1/_history/2",
        "http://x.org/fhir/Patient/1",
        "https://x.org/any",
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
        "urn:oid:1.2.3",
        "Group/a.b-c",
        "http://x.org/fhir/Patient/1/_history/2",
    ] {
        assert_eq!(subject(good), NONE, "{good}");
    }
    for bad in [
        "1",
        "Foo/1",
        "patient/1",
        "Patient/",
        "Patient/a_b",
        "Patient/1/2",
        "/Patient/1",
        "Patient/1/_history/",
        "http://",
        "http://x y",
        "ftp://x.org/a",
        "Patient?identifier=1",
        "DomainResource/1",
        "Patient/1#a",
    ] {
        assert_eq!(subject(bad), ["Observation.subject.reference value"], "{bad}");
    }
    for wrong in ["Medication/1", "http://x.org/Medication/1", "#"] {
        assert_eq!(subject(wrong), ["Observation.subject.reference structure"], "{wrong}");
    }
    assert_eq!(
        observation(r#""subject":{"type":"Medication","display":"x"}"#),
        ["Observation.subject.type structure"]
    );
    assert_eq!(observation(r#""subject":{"identifier":{"value":"1"}}"#), NONE);
    assert_eq!(subject(""), ["Observation.subject.reference value"]);
}

#[test]
fn conditional_references_need_a_transaction() {
    let options = Options { conditional_references: true, ..Options::default() };
    let codes = |reference: &str| {
        let text = format!(
            r#"{{"resourceType":"Observation","status":"final","code":{{"text":"x"}},"subject":{{"reference":"{reference}"}}}}"#
        );
        issues(&text, &options).iter().map(|i| i.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("Patient?identifier=a|b"), []);
    assert_eq!(codes("Patient?"), [IssueCode::Value]);
    assert_eq!(codes("Foo?identifier=a"), [IssueCode::Value]);
    assert_eq!(codes("Medication?code=a"), [IssueCode::Structure]);
}

#[test]
fn local_references_find_their_contained_resource() {
    let with = |reference: &str, copies: usize| {
        let others = r#"{"resourceType":"Device","id":"other"},"#.repeat(copies);
        observation(&format!(
            r##""contained":[{others}{{"resourceType":"Patient","id":"p","link":[{{"other":{{"reference":"#p"}},"type":"refer"}}]}}],"subject":{{"reference":"{reference}"}}"##
        ))
    };
    for copies in [0, 30] {
        assert_eq!(with("#p", copies), NONE);
        assert_eq!(with("#q", copies), ["Observation.subject.reference invariant"]);
    }
    assert_eq!(
        faults(
            r##"{"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","generalPractitioner":[{"reference":"#p"}]}}]}"##
        ),
        ["Bundle.entry[0].resource.generalPractitioner[0].reference invariant"]
    );
}
