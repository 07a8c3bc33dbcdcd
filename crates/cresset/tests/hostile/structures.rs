//! Resources that are JSON and no FHIR: each problem is named with its place.

use crate::support::http::Response;
use crate::target::{SECRET, SMALL_MIB, Target, refused};

/// The places that an answer's issues name.
fn places(answer: &Response) -> Vec<String> {
    let outcome = answer.json();
    let issues = outcome["issue"].as_array().cloned().unwrap_or_default();
    let place =
        |issue: &serde_json::Value| issue["expression"][0].as_str().unwrap_or_default().to_owned();
    issues.iter().map(place).collect()
}

#[test]
fn each_class_of_fault_is_refused_at_its_place() {
    let target = Target::start();
    let long =
        format!(r#""name":[{{"family":"{}"}}]"#, SECRET.repeat((1 << 20) / SECRET.len() + 1));
    let extension = |inner: &str| format!(r#""extension":[{{{inner}}}]"#);
    let (bare, both) = (
        extension(r#""valueString":"ZZSECRETZZ""#),
        extension(r#""url":"a","valueCode":"x","extension":[{"url":"b","valueCode":"x"}]"#),
    );
    let script = r#""text":{"status":"generated","div":"<div xmlns='http://www.w3.org/1999/xhtml'><script>ZZSECRETZZ</script></div>"}"#;
    let of_patient = [
        // Unknown elements.
        (r#""nickname":"ZZSECRETZZ""#, "structure", "Patient.nickname"),
        (r#""name":[{"maiden":"ZZSECRETZZ"}]"#, "structure", "Patient.name[0].maiden"),
        (r#""_nickname":{"id":"a"}"#, "structure", "Patient._nickname"),
        // Wrong types.
        (r#""name":{"family":"ZZSECRETZZ"}"#, "structure", "Patient.name"),
        (r#""name":["ZZSECRETZZ"]"#, "structure", "Patient.name[0]"),
        (r#""maritalStatus":"ZZSECRETZZ""#, "structure", "Patient.maritalStatus"),
        (r#""birthDate":["ZZSECRETZZ"]"#, "structure", "Patient.birthDate"),
        (r#""active":"ZZSECRETZZ""#, "value", "Patient.active"),
        (r#""birthDate":null"#, "structure", "Patient.birthDate"),
        (r#""name":[]"#, "structure", "Patient.name"),
        (r#""name":[{}]"#, "structure", "Patient.name[0]"),
        // Cardinality.
        (r#""link":[{"type":"seealso"}]"#, "required", "Patient.link[0].other"),
        (
            r#""communication":[{"preferred":true}]"#,
            "required",
            "Patient.communication[0].language",
        ),
        // Choice types.
        (r#""deceasedBoolean":true,"deceasedDateTime":"2020""#, "structure", "Patient.deceased"),
        (r#""deceasedString":"ZZSECRETZZ""#, "structure", "Patient.deceasedString"),
        // Primitive formats.
        (r#""birthDate":"1974-13-25""#, "value", "Patient.birthDate"),
        (r#""multipleBirthInteger":1.5"#, "value", "Patient.multipleBirth"),
        (r#""deceasedDateTime":"ZZSECRETZZ""#, "value", "Patient.deceased"),
        (r#""name":[{"family":""}]"#, "value", "Patient.name[0].family"),
        (r#""photo":[{"data":"?ZZSECRETZZ"}]"#, "value", "Patient.photo[0].data"),
        (r#""name":[{"given":["ok","ZZ\u0000SECRETZZ"]}]"#, "value", "Patient.name[0].given[1]"),
        (&long, "too-long", "Patient.name[0].family"),
        // Siblings of primitives.
        (r#""name":[{"given":["a","b"],"_given":[null]}]"#, "structure", "Patient.name[0].given"),
        (r#""name":[{"given":["a",null]}]"#, "structure", "Patient.name[0].given[1]"),
        // The form of references.
        (
            r#""managingOrganization":{"reference":"Organisation/ZZSECRETZZ"}"#,
            "value",
            "Patient.managingOrganization.reference",
        ),
        (
            r#""managingOrganization":{"reference":"Patient/ZZSECRETZZ"}"#,
            "structure",
            "Patient.managingOrganization.reference",
        ),
        // Codes of required bindings.
        (r#""gender":"ZZSECRETZZ""#, "code-invalid", "Patient.gender"),
        (
            r#""link":[{"other":{"display":"x"},"type":"ZZSECRETZZ"}]"#,
            "code-invalid",
            "Patient.link[0].type",
        ),
        // Extensions and narrative.
        (&bare, "required", "Patient.extension[0].url"),
        (&both, "invariant", "Patient.extension[0]"),
        (script, "value", "Patient.text.div"),
        // Contained resources.
        (
            r#""contained":[{"resourceType":"Observation","id":"o","code":{"text":"ZZSECRETZZ"}}]"#,
            "required",
            "Patient.contained[0].status",
        ),
    ];
    for (properties, code, place) in of_patient {
        let answer =
            target.post("/fhir/Patient", format!(r#"{{"resourceType":"Patient",{properties}}}"#));
        let shown = &properties[..properties.len().min(120)];
        assert_eq!(answer.status, 422, "{shown}: {}", answer.text());
        refused(&answer, 422, code);
        let places = places(&answer);
        assert!(
            places.iter().any(|p| p == place),
            "{shown}: {place} is expected: {}",
            answer.text()
        );
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn the_type_and_the_id_must_be_those_of_the_address() {
    let target = Target::start();
    let mut client = target.client();
    for body in [
        r#"{"resourceType":"Observation","status":"final","code":{"text":"ZZSECRETZZ"}}"#,
        r#"{"resourceType":"ZZUnknown","id":"ZZSECRETZZ"}"#,
        r#"{"resourceType":"DomainResource"}"#,
        r#"{"id":"ZZSECRETZZ"}"#,
        r#"{"resourceType":7}"#,
        r#"["ZZSECRETZZ"]"#,
        r#""ZZSECRETZZ""#,
        "null",
        "1.50",
    ] {
        let answer = target.post("/fhir/Patient", body);
        assert!(matches!(answer.status, 400 | 422), "{body}: {}", answer.text());
        assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{body}");
        assert!(!answer.text().contains(SECRET), "{body}: {}", answer.text());
    }
    let bad_id = target.post("/fhir/Patient", r#"{"resourceType":"Patient","id":"ZZSECRETZZ_x"}"#);
    assert!(
        matches!(bad_id.status, 201 | 422),
        "a create's own id counts for nothing: {}",
        bad_id.text()
    );
    for body in [
        r#"{"resourceType":"Patient","id":"ZZSECRETZZ"}"#,
        r#"{"resourceType":"Patient"}"#,
        r#"{"resourceType":"Patient","id":7}"#,
    ] {
        let answer = client.request("PUT", "/fhir/Patient/another", &[], body.as_bytes()).unwrap();
        assert!(matches!(answer.status, 400 | 422), "{body}: {}", answer.text());
        assert!(!answer.text().contains(SECRET), "{body}: {}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn all_problems_come_in_one_outcome() {
    let target = Target::start();
    let answer = target.post(
        "/fhir/Observation",
        r#"{"resourceType":"Observation","status":"ZZSECRETZZ","colour":"red","issued":"2020-01-01",
            "valueQuantity":{"value":"1.50"},"component":[{"valueString":"ZZSECRETZZ"}]}"#,
    );
    refused(&answer, 422, "code-invalid");
    let mut places = places(&answer);
    places.sort();
    assert_eq!(
        places,
        [
            "Observation.code",
            "Observation.colour",
            "Observation.component[0].code",
            "Observation.issued",
            "Observation.status",
            "Observation.value.value"
        ]
    );
    let many: Vec<_> = (0..50_000).map(|n| format!(r#""unknown{n}":1"#)).collect();
    let answer =
        target.post("/fhir/Patient", format!(r#"{{"resourceType":"Patient",{}}}"#, many.join(",")));
    assert_eq!(answer.status, 422);
    let count = answer.json()["issue"].as_array().map_or(0, Vec::len);
    assert!((10..=1_000).contains(&count), "{count} issues");
    target.goes_on(SMALL_MIB);
}
