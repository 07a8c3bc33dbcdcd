//! The plan against the expressions: what the walk finds must be what plain FHIRPath evaluation of
//! each parameter's whole expression selects.

use crate::Registry;
use crate::form::{Extraction, Form};
use crate::index::Values;
use crate::registry::SearchableBy;
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_fhir::json::{self, Json};
use cresset_fhirpath::{Context, Expression, Item, Value};
use cresset_store::Segment;
use std::collections::{BTreeMap, BTreeSet, HashMap};

type Found = BTreeSet<Vec<Segment>>;

struct Checker {
    registry: Registry,
    expressions: HashMap<String, Expression>,
}

impl Checker {
    fn new() -> Self {
        Self {
            registry: Registry::r4(vec!["https://own.example/fhir".to_owned()]),
            expressions: HashMap::new(),
        }
    }

    /// Holds every parameter of the resource's type against its expression; gives how many had values.
    fn check(&mut self, resource: &Json) -> usize {
        let analyzed = self.registry.analyze(resource).expect("a valid resource");
        let mut by_index: BTreeMap<&str, Vec<&Vec<Segment>>> = BTreeMap::new();
        let keys: Vec<_> = analyzed.index.iter().collect();
        for key in &keys {
            by_index.entry(key.parameter.name()).or_default().push(&key.value);
        }
        let mut count = 0;
        for parameter in self.registry.parameters(analyzed.resource_type) {
            let entry = self.registry.parameter(analyzed.resource_type, &parameter.code);
            let entry = entry.expect("a listed parameter");
            let Some(text) = parameter.expression.as_ref().filter(|_| !entry.sources.is_empty())
            else {
                continue;
            };
            if parameter.parameter_type == ParameterType::Composite {
                continue;
            }
            let expression = self.expressions.entry(text.clone());
            let expression = expression.or_insert_with(|| Expression::parse(text).expect("parses"));
            let planned = planned(&self.registry, entry, &by_index);
            let evaluated = evaluated(&self.registry, entry, expression, resource);
            let type_name = self.registry.definitions().resource_type_name(analyzed.resource_type);
            assert_eq!(planned, evaluated, "{type_name} {}: {text}", parameter.code);
            count += usize::from(!planned.is_empty());
        }
        count
    }
}

/// The rows of a parameter's indexes.
fn planned(
    registry: &Registry,
    parameter: &SearchableBy,
    by_index: &BTreeMap<&str, Vec<&Vec<Segment>>>,
) -> Found {
    let text = parameter.definition.expression.as_deref().unwrap_or_default();
    let is_restricted = text.contains("resolve()");
    let mut found = Found::new();
    for source in &parameter.sources {
        for part in registry.index(source).parts() {
            for value in by_index.get(part.name()).into_iter().flatten() {
                if !is_restricted || is_to(&source.targets, value) {
                    found.insert(comparable(value));
                }
            }
        }
    }
    found
}

fn is_to(targets: &[ResourceType], value: &[Segment]) -> bool {
    let [Segment::Resource(key)] = value else {
        return false;
    };
    targets.iter().any(|t| t.number() == key.resource_type.0)
}

/// What the expression selects, extracted as the walk would.
fn evaluated(
    registry: &Registry,
    parameter: &SearchableBy,
    expression: &Expression,
    resource: &Json,
) -> Found {
    let kind = parameter.definition.parameter_type;
    let context = Context::new(resource);
    let from = Extraction {
        definitions: registry.definitions(),
        base_urls: &["https://own.example/fhir".to_owned()],
        root: resource,
        is_part: false,
    };
    let mut values = Values::new();
    for item in &expression.evaluate(context.input(), &context).expect("evaluates") {
        match item {
            Item::Node(node) => {
                let type_id = node.type_id().expect("a known type");
                let form = Form::of(kind, from.definitions, type_id, None);
                if let (Some(form), Some(value)) = (form, node.json()) {
                    form.extract(&from, value, &mut values);
                }
            }
            Item::Value(Value::Boolean(value)) => crate::token::boolean(*value, &mut values),
            Item::Value(_) => {}
        }
    }
    let is_restricted = expression.text().contains("resolve()");
    let values = values.into_iter().map(|(_, value)| value);
    let values = values.filter(|v| !is_restricted || matches!(v[..], [Segment::Resource(_)]));
    values.map(|value| comparable(&value)).collect()
}

/// Without systems: those of `code` elements come from bindings, which evaluation doesn't see.
fn comparable(value: &[Segment]) -> Vec<Segment> {
    let kept = value.iter().filter(|s| !matches!(s, Segment::Term(_)));
    kept.cloned().collect()
}

#[test]
fn a_patient_and_an_observation_agree() {
    let mut checker = Checker::new();
    for text in [
        r#"{"resourceType": "Patient", "id": "p", "active": true, "deceasedDateTime": "2020-01-01",
            "meta": {"tag": [{"system": "s", "code": "t"}], "profile": ["http://profile|1"]},
            "name": [{"family": "Ångström", "given": ["Åsa", "B"]}], "gender": "female",
            "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "2"}],
            "generalPractitioner": [{"reference": "Practitioner/1"}, {"reference": "Organization/2"}],
            "link": [{"other": {"reference": "https://own.example/fhir/Patient/2"}, "type": "refer"}]}"#,
        r#"{"resourceType": "Observation", "status": "final", "code": {"coding": [{"code": "c"}]},
            "subject": {"reference": "Group/1"}, "valueQuantity": {"value": 5.40, "unit": "mg"},
            "effectivePeriod": {"start": "2020"},
            "component": [{"code": {"text": "x"}, "valueString": "words"}]}"#,
        r#"{"resourceType": "Library", "status": "draft", "type": {"text": "t"},
            "relatedArtifact": [{"type": "depends-on", "resource": "http://a|2"},
                {"type": "successor", "resource": "http://b"}],
            "useContext": [{"code": {"code": "focus"}, "valueRange": {"low": {"value": 1}}}]}"#,
        r#"{"resourceType": "Bundle", "type": "document", "timestamp": "2020-01-01T00:00:00Z",
            "identifier": {"value": "i"},
            "entry": [{"fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000001",
            "resource": {"resourceType": "Composition", "id": "c",
            "status": "final", "type": {"text": "t"}, "date": "2020", "title": "t",
            "author": [{"display": "a"}]}}]}"#,
    ] {
        let resource = json::parse(text.as_bytes(), &json::Limits::default()).expect("JSON");
        assert!(checker.check(&resource) >= 3);
    }
}

/// `CRESSET_SYNTHEA` is a folder of Synthea's Bundles; 20 of each type from each are checked.
#[test]
fn synthea_agrees() {
    let Some(folder) = std::env::var_os("CRESSET_SYNTHEA") else {
        eprintln!("skipped: CRESSET_SYNTHEA names no folder of Bundles");
        return;
    };
    let mut checker = Checker::new();
    let mut total = 0;
    for entry in std::fs::read_dir(folder).expect("a folder").take(40) {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("a file");
        let bundle = json::parse(&bytes, &json::Limits::default()).expect("JSON");
        let mut seen: HashMap<String, usize> = HashMap::new();
        for entry in bundle.get("entry").map_or(&[][..], Json::items) {
            let resource = entry.get("resource").expect("a resource");
            let name = resource.get("resourceType").and_then(Json::as_str).expect("a type");
            let count = seen.entry(name.to_owned()).or_default();
            *count += 1;
            if *count <= 20 {
                total += checker.check(resource);
            }
        }
    }
    eprintln!("{total} parameters with values agree");
}
