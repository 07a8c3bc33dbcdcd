//! Patches on arbitrary documents: none panics, and what they do holds for all of them.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Number, Object};
use cresset_interaction::patch::{fhirpath_patch, json_patch};
use proptest::prelude::*;

fn any_json() -> impl Strategy<Value = Json> {
    let names = prop_oneof![
        "[a-c]",
        Just("_given".to_owned()),
        Just("given".to_owned()),
        Just("name".to_owned()),
        Just("extension".to_owned()),
        Just("/~".to_owned()),
        Just(String::new()),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|text| Json::Number(Number::new(&text).unwrap())),
        "[a-z]{0,3}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((names.clone(), inner), 0..5).prop_map(|members| {
                let members = members.iter().map(|(n, v)| (n.as_str(), v.clone()));
                Json::Object(members.collect())
            }),
        ]
    })
}

fn any_pointer() -> impl Strategy<Value = String> {
    "((/([a-c]|given|name|_given|0|1|2|-|01|~0|~1~0))){0,4}"
}

fn any_operation() -> impl Strategy<Value = Json> {
    let op = "add|remove|replace|move|copy|test";
    (op, any_pointer(), any_pointer(), any_json()).prop_map(|(op, path, from, value)| {
        let operation = Object::new().with("op", op).with("path", path);
        Json::Object(operation.with("from", from).with("value", value))
    })
}

fn test_operation(path: &str, value: &Json) -> Json {
    let operation = Object::new().with("op", "test").with("path", path);
    Json::from(vec![Json::Object(operation.with("value", value.clone()))])
}

/// A pointer to each value of a document.
fn pointers(at: String, json: &Json, found: &mut Vec<(String, Json)>) {
    found.push((at.clone(), json.clone()));
    match json {
        Json::Object(object) => {
            for (name, value) in object.iter() {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(format!("{at}/{name}"), value, found);
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                pointers(format!("{at}/{index}"), value, found);
            }
        }
        _ => {}
    }
}

fn part(name: &str, property: &str, value: impl Into<Json>) -> Json {
    Json::Object(Object::new().with("name", name).with(property, value))
}

fn any_fhirpath_operation() -> impl Strategy<Value = Json> {
    let kind = "add|insert|delete|replace|move";
    let path = "Patient(\\.(name|contact|extension|birthDate|active|given|first\\(\\)|id)){0,3}(\\[[01]\\])?";
    let name = "name|given|birthDate|extension|deceased|value|contact|id|active";
    let value = prop_oneof![
        any_json().prop_map(|json| part("value", "valueHumanName", json)),
        any_json().prop_map(|json| part("value", "valueString", json)),
        any_json().prop_map(|json| part("value", "_valueString", json)),
        any_json().prop_map(|json| part("value", "valueExtension", json)),
        Just(part("value", "valueBoolean", true)),
        Just(part("value", "part", vec![part("url", "valueUri", "http://example.org")])),
        Just(part("value", "part", vec![part("given", "valueString", "x")])),
    ];
    (kind, path, name, value, 0u64..3, 0u64..3).prop_map(|(kind, path, name, value, one, two)| {
        let parts = vec![
            part("type", "valueCode", kind),
            part("path", "valueString", path),
            part("name", "valueString", name),
            value,
            part("index", "valueInteger", one),
            part("source", "valueInteger", one),
            part("destination", "valueInteger", two),
        ];
        part("operation", "part", parts)
    })
}

fn any_patient() -> impl Strategy<Value = Json> {
    let member = prop_oneof![
        Just("name"),
        Just("birthDate"),
        Just("_birthDate"),
        Just("extension"),
        Just("contact"),
    ];
    prop::collection::vec((member, any_json()), 0..4).prop_map(|members| {
        let mut patient = Object::new().with("resourceType", "Patient").with("id", "1");
        for (name, value) in members {
            patient.insert(name, value);
        }
        Json::Object(patient)
    })
}

proptest! {
    #[test]
    fn json_patches_never_panic(
        document in any_json(),
        patch in prop::collection::vec(any_operation(), 0..6),
    ) {
        let _ = json_patch(&document, &Json::from(patch));
    }

    #[test]
    fn documents_that_are_no_patches_never_panic(document in any_json(), patch in any_json()) {
        let _ = json_patch(&document, &patch);
        let _ = fhirpath_patch(&document, &patch, Definitions::r4());
    }

    #[test]
    fn every_value_passes_the_test_against_itself(document in any_json()) {
        let mut found = Vec::new();
        pointers(String::new(), &document, &mut found);
        for (path, value) in found {
            prop_assert_eq!(json_patch(&document, &test_operation(&path, &value)).unwrap(), document.clone());
        }
    }

    #[test]
    fn what_is_added_can_be_removed_again(document in any_json(), value in any_json()) {
        let document = Json::Object(Object::new().with("old", document));
        let add = Object::new().with("op", "add").with("path", "/new").with("value", value);
        let remove = Object::new().with("op", "remove").with("path", "/new");
        let patch = Json::from(vec![Json::Object(add), Json::Object(remove)]);
        prop_assert_eq!(json_patch(&document, &patch).unwrap(), document);
    }

    #[test]
    fn fhirpath_patches_never_panic_and_keep_the_identity(
        patient in any_patient(),
        operations in prop::collection::vec(any_fhirpath_operation(), 0..5),
    ) {
        let parameters = Object::new().with("resourceType", "Parameters").with("parameter", operations);
        if let Ok(patched) = fhirpath_patch(&patient, &Json::Object(parameters), Definitions::r4()) {
            prop_assert_eq!(patched.get("id"), patient.get("id"));
            prop_assert_eq!(patched.get("resourceType"), patient.get("resourceType"));
        }
    }
}
