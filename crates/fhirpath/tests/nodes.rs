//! Nodes know their type at any depth and their place in the resource.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{self, Json};
use cresset_fhirpath::{Collection, Context, Expression, Host, Item, Value, places};

const BUNDLE: &[u8] = br#"{"resourceType": "Bundle", "type": "collection", "entry": [
    {"resource": {"resourceType": "Patient", "id": "1",
        "name": [{"family": "A", "given": ["B", null], "_given": [null, {"id": "x"}]}],
        "_birthDate": {"extension": [{"url": "u", "valueCode": "unknown"}]},
        "contained": [{"resourceType": "Organization", "id": "o", "name": "O"}]}},
    {"resource": {"resourceType": "Observation", "id": "2", "valueQuantity":
        {"value": 87.5700, "system": "http://unitsofmeasure.org", "code": "kg"},
        "component": [{"valueString": "s"}, {"valueCodeableConcept": {"text": "t"}}]}}]}"#;

fn bundle() -> Json {
    json::parse(BUNDLE, &json::Limits::default()).unwrap()
}

fn found<'a>(resource: &'a Json, text: &str) -> Collection<'a> {
    let context = Context::new(resource);
    let expression = Expression::parse(text).unwrap();
    expression.evaluate(context.input(), &context).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn types(resource: &Json, text: &str) -> Vec<&'static str> {
    let nodes = found(resource, text);
    nodes.nodes().map(|node| Definitions::r4()[node.type_id().unwrap()].name.as_str()).collect()
}

fn written(resource: &Json, text: &str) -> Vec<String> {
    let items: Vec<_> = found(resource, text).nodes().collect();
    let places = places(resource, &items);
    places.into_iter().map(|place| place.unwrap().to_string()).collect()
}

#[test]
fn types_hold_at_any_depth() {
    let bundle = bundle();
    assert_eq!(types(&bundle, "Bundle.entry.resource"), ["Patient", "Observation"]);
    assert_eq!(types(&bundle, "entry.resource.name.given"), ["string", "string"]);
    assert_eq!(types(&bundle, "entry.resource.contained.name"), ["string"]);
    assert_eq!(types(&bundle, "entry.resource.ofType(Observation).value"), ["Quantity"]);
    assert_eq!(types(&bundle, "entry.resource.component.value"), ["string", "CodeableConcept"]);
    assert_eq!(types(&bundle, "entry.resource.birthDate.extension.value"), ["code"]);
    let all = types(&bundle, "descendants()");
    assert_eq!(all.len(), 28, "{all:?}");
}

#[test]
fn places_lead_back_to_the_nodes() {
    let bundle = bundle();
    let given = written(&bundle, "Bundle.entry.resource.name.given");
    assert_eq!(given, ["entry[0].resource.name[0].given[0]", "entry[0].resource.name[0].given[1]"]);
    let extension = written(&bundle, "entry.resource.birthDate.extension.value");
    assert_eq!(extension, ["entry[0].resource._birthDate.extension[0].valueCode"]);
    assert_eq!(written(&bundle, "entry.resource.birthDate"), ["entry[0].resource.birthDate"]);
    assert_eq!(written(&bundle, "%resource"), [""]);
}

#[test]
fn a_place_can_be_changed_in_a_copy() {
    let bundle = bundle();
    let nodes: Vec<_> = found(&bundle, "entry.resource.component.value.text").nodes().collect();
    let place = places(&bundle, &nodes).remove(0).unwrap();
    let mut copy = bundle.clone();
    *place.find_mut(&mut copy).unwrap() = Json::from("changed");
    assert_eq!(place.find(&copy).unwrap().as_str(), Some("changed"));
    assert_eq!(place.find(&bundle).unwrap().as_str(), Some("t"));
}

#[test]
fn decimals_stay_exact() {
    let bundle = bundle();
    let text = "entry.resource.ofType(Observation).value.value.toString()";
    match &found(&bundle, text)[..] {
        [Item::Value(Value::String(text))] => assert_eq!(text, "87.5700"),
        other => panic!("{other:?}"),
    }
    assert!(found(&bundle, "entry[1].resource.value = 87570 'g'").is_true());
    assert!(found(&bundle, "0.1 + 0.2 = 0.3").is_true());
}

#[test]
fn a_primitive_without_a_value_exists_but_has_none() {
    let bundle = bundle();
    assert!(found(&bundle, "entry[0].resource.birthDate.exists()").is_true());
    assert!(found(&bundle, "entry[0].resource.birthDate.hasValue().not()").is_true());
    assert!(found(&bundle, "entry[0].resource.birthDate = @2020-01-01").is_empty());
}

#[test]
fn names_that_are_no_elements_find_nothing() {
    let bundle = bundle();
    assert!(found(&bundle, "entry.resource.valueQuantity").is_empty());
    assert!(found(&bundle, "entry.resource.nothing").is_empty());
    assert!(found(&bundle, "Patient.name").is_empty());
}

struct OnePatient(Json);

impl Host for OnePatient {
    fn resolve(&self, reference: &str) -> Option<&Json> {
        (reference == "Patient/1").then_some(&self.0)
    }

    fn member_of(&self, _: &Item<'_>, value_set: &str) -> Option<bool> {
        Some(value_set == "yes")
    }
}

#[test]
fn the_host_resolves_and_knows_value_sets() {
    let text = br#"{"resourceType": "Observation", "subject": {"reference": "Patient/1"},
        "focus": [{"reference": "urn:uuid:1"}], "status": "final"}"#;
    let observation = json::parse(text, &json::Limits::default()).unwrap();
    let patient = br#"{"resourceType": "Patient", "active": true}"#;
    let host = OnePatient(json::parse(patient, &json::Limits::default()).unwrap());
    let context = Context::new(&observation)
        .with_host(&host)
        .with_variable("kind", Collection::one(Value::String("final".into())));
    for text in [
        "subject.resolve().active",
        "subject.resolve().ofType(Patient).exists()",
        "status.memberOf('yes')",
        "status.memberOf('no').not()",
        "(focus.resolve() is Patient).empty()",
        "status = %kind",
        "%resource.status = %context.status",
    ] {
        let expression = Expression::parse(text).unwrap();
        let found = expression.evaluate(context.input(), &context).unwrap();
        assert!(found.is_true(), "{text}: {found:?}");
    }
}

#[test]
fn expressions_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Expression>();
}
