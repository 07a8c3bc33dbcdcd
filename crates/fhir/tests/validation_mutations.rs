//! Whatever is done to a valid resource, validation ends with an answer.

use cresset_fhir::definitions::{ResourceType, TypeId};
use cresset_fhir::json::{Json, Limits, Number, Object, parse};
use cresset_fhir::validation::{Options, Validator, Visitor};
use proptest::prelude::*;

const VALID: &str = r##"{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:a","resource":{"resourceType":"Observation","id":"o","meta":{"lastUpdated":"2024-01-01T00:00:00Z"},"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p class=\"a\">x<br/></p></div>"},"contained":[{"resourceType":"Patient","id":"p","name":[{"given":["a",null],"_given":[null,{"extension":[{"url":"u","valueCode":"c"}]}]}]}],"status":"final","_status":{"id":"s"},"code":{"coding":[{"system":"http://loinc.org","code":"1-2"}]},"subject":{"reference":"#p"},"effectiveDateTime":"2024-02-29T10:00:00+01:00","valueQuantity":{"value":1.50,"comparator":"<"},"component":[{"code":{"text":"x"},"valueSampledData":{"origin":{"value":1},"period":10,"dimensions":1}}]}}]}"##;

/// Fails on a position that it has not given for the parent.
struct Depth;

impl<'a> Visitor<'a> for Depth {
    type Position = usize;

    fn root(&mut self, _: ResourceType, _: &'a Json) -> usize {
        1
    }

    fn element(
        &mut self,
        at: usize,
        _: TypeId,
        _: usize,
        _: TypeId,
        _: &'a Json,
        _: Option<&'a Json>,
    ) -> usize {
        assert!(at > 0);
        at + 1
    }
}

fn value() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(Json::Null),
        Just(Json::Bool(true)),
        Just(Json::Number(Number::new("-1e400").unwrap())),
        Just(Json::Array(Vec::new())),
        Just(Json::Array(vec![Json::Null, Json::from("x")])),
        Just(Json::Object(Object::new())),
        "\\PC{0,12}".prop_map(Json::from),
        "[<>/a-z=\"'!#?: -]{0,16}".prop_map(|t| Json::from(format!("<div{t}"))),
        "[0-9TZ:+.-]{0,26}".prop_map(Json::from),
        "(Patient|#|urn:uuid:|http://)[/?_a-z0-9]{0,12}".prop_map(Json::from),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("_status".to_owned()),
        Just("valueString".to_owned()),
        Just("contained".to_owned()),
        Just("extension".to_owned()),
        Just("resourceType".to_owned()),
        "_?\\PC{0,6}",
    ]
}

/// The number of values in a document.
fn count(json: &Json) -> usize {
    1 + match json {
        Json::Array(items) => items.iter().map(count).sum(),
        Json::Object(object) => object.iter().map(|(_, v)| count(v)).sum(),
        _ => 0,
    }
}

/// Changes value number `at`, in the order of the document.
fn change(json: &mut Json, at: &mut usize, with: &dyn Fn(&mut Json)) {
    if *at == 0 {
        *at = usize::MAX;
        return with(json);
    }
    *at -= 1;
    match json {
        Json::Array(items) => items.iter_mut().for_each(|v| change(v, at, with)),
        Json::Object(object) => object.iter_mut().for_each(|(_, v)| change(v, at, with)),
        _ => {}
    }
}

proptest! {
    #[test]
    fn mutations_end_with_an_answer(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0..4, name(), value()), 0..6),
        max_issues in 0..4_usize,
    ) {
        let mut resource = parse(VALID.as_bytes(), &Limits::default()).unwrap();
        let options = Options { max_issues, ..Options::default() };
        prop_assert!(Validator::r4().validate(&resource, &options, &mut Depth).is_ok());
        for (at, how, name, value) in changes {
            let mut at = at.index(count(&resource));
            change(&mut resource, &mut at, &|json| match (how, json) {
                (1, Json::Object(object)) => object.insert(&name, value.clone()),
                (2, Json::Object(object)) => object.retain(|n, _| n.len() % 2 == name.len() % 2),
                (3, Json::Array(items)) => items.push(value.clone()),
                (_, json) => *json = value.clone(),
            });
        }
        if let Err(issues) = Validator::r4().validate(&resource, &options, &mut Depth) {
            prop_assert!(!issues.is_empty() && issues.len() <= max_issues + 1);
            for issue in issues {
                prop_assert!(!issue.expression.is_empty() && !issue.diagnostics.is_empty());
            }
        }
    }
}
