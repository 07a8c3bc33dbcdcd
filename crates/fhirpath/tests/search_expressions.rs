//! Every search parameter of R4 has an expression that compiles, fits its types and runs.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{self, Json};
use cresset_fhirpath::ast::{Node, Operator};
use cresset_fhirpath::{Context, Expression};

fn expressions() -> impl Iterator<Item = &'static str> {
    let parameters = Definitions::r4().search_parameters().iter();
    parameters.flat_map(|parameter| {
        let components = parameter.components.iter().map(|part| part.expression.as_str());
        parameter.expression.as_deref().into_iter().chain(components)
    })
}

#[test]
fn every_search_expression_compiles() {
    let mut count = 0;
    for text in expressions() {
        if let Err(error) = Expression::parse(text) {
            panic!("{text}: {error}");
        }
        count += 1;
    }
    assert!(count > 1000, "only {count} expressions");
}

/// The alternatives of `A | B | C`.
fn alternatives<'e>(node: &'e Node, into: &mut Vec<&'e Node>) {
    match node {
        Node::Binary { operator: Operator::Union, left, right } => {
            alternatives(left, into);
            alternatives(right, into);
        }
        other => into.push(other),
    }
}

#[test]
fn every_search_expression_runs_on_any_resource() {
    let resources: Vec<Json> = Definitions::r4()
        .concrete_resource_types()
        .map(|number| {
            let name = Definitions::r4().resource_type_name(number);
            Json::Object([("resourceType", Json::from(name))].into_iter().collect())
        })
        .collect();
    for text in expressions() {
        let expression = Expression::parse(text).unwrap();
        let mut found = Vec::new();
        alternatives(expression.ast(), &mut found);
        assert!(!found.is_empty());
        for resource in &resources {
            let context = Context::new(resource);
            if let Err(error) = expression.evaluate(context.input(), &context) {
                panic!("{text}: {error}");
            }
        }
    }
}

#[test]
fn references_are_told_apart_by_their_text_alone() {
    let observation = json::parse(
        br##"{"resourceType": "Observation",
            "contained": [{"resourceType": "Patient", "id": "p"}],
            "subject": {"reference": "Patient/1"},
            "focus": [{"reference": "Device/1"}, {"reference": "https://example.org/Patient/2"},
                {"reference": "urn:uuid:1", "type": "Patient"}, {"reference": "urn:uuid:2"},
                {"reference": "#p"}, {"reference": "Patient?identifier=1"}, {"display": "?"}]}"##,
        &json::Limits::default(),
    )
    .unwrap();
    let context = Context::new(&observation);
    let count = |text: &str| {
        let expression = Expression::parse(text).unwrap();
        expression.evaluate(context.input(), &context).unwrap().len()
    };
    assert_eq!(count("Observation.subject.where(resolve() is Patient)"), 1);
    assert_eq!(count("Observation.subject.where(resolve() is Device)"), 0);
    assert_eq!(count("Observation.focus.where(resolve() is Patient)"), 4);
    assert_eq!(count("Observation.focus.where(resolve().is(Patient))"), 4);
    assert_eq!(count("Observation.focus.where(resolve() is DomainResource)"), 5);
    assert_eq!(count("Observation.focus.resolve()"), 1);
}
