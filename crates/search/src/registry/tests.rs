use super::Registry;
use cresset_fhir::definitions::ParameterType;
use cresset_fhirpath::Expression;

#[test]
fn every_expression_parses() {
    let registry = Registry::r4(Vec::new());
    let all = registry.definitions().search_parameters();
    assert!(all.len() > 1_300);
    for parameter in all {
        let own = parameter.expression.iter().filter(|text| !text.is_empty());
        for text in own.chain(parameter.components.iter().map(|c| &c.expression)) {
            assert!(Expression::parse(text).is_ok(), "{text}");
        }
    }
}

/// Everything that isn't a simple path, with the types that it is evaluated on.
#[test]
fn few_expressions_are_evaluated() {
    let registry = Registry::r4(Vec::new());
    let mut texts: Vec<_> = registry.plan.evaluations().map(|(_, e)| e.expression.text()).collect();
    texts.sort_unstable();
    texts.dedup();
    let evaluated =
        ["Bundle.entry[0].resource", "Patient.deceased.exists() and Patient.deceased != false"];
    assert_eq!(texts, evaluated);
}

/// Parameters in force that no value leads to.
#[test]
fn few_parameters_are_not_usable() {
    let registry = Registry::r4(Vec::new());
    let mut names = Vec::new();
    for resource_type in registry.definitions().concrete_resource_types() {
        for parameter in registry.table(resource_type).expect("a table").values() {
            let definition = &parameter.definition;
            let is_composite = definition.parameter_type == ParameterType::Composite;
            assert!(!is_composite || parameter.components.len() == definition.components.len());
            if !parameter.is_usable() {
                let code = &definition.code;
                let base = &definition.base[0];
                names.push(format!("{base} {code}"));
            }
        }
    }
    names.sort_unstable();
    names.dedup();
    // Not in R4 (4.0.1): an addition that the pack's source has.
    names.retain(|name| name != "DeviceDefinition classification");
    let unusable = ["Resource _query"];
    assert_eq!(names, unusable);
}

#[test]
fn it_is_made_quickly() {
    Registry::r4(Vec::new());
    let start = std::time::Instant::now();
    let registry = Registry::r4(Vec::new());
    let elapsed = start.elapsed();
    let (indexes, parts) =
        (registry.indexes.len(), registry.indexes.iter().flat_map(|i| i.parts()).count());
    eprintln!("{indexes} indexes in {parts} parts, made in {elapsed:?}");
}
