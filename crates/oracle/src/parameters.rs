//! R4's search parameters, of which the product's definitions give names, types and expressions.

use crate::expression::Expression;
use cresset_fhir::definitions::{Definitions, ParameterType, SearchParameter};
use std::collections::BTreeMap;

/// A search parameter of one resource type.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name in a URL.
    pub code: String,
    /// Its type.
    pub kind: ParameterType,
    /// Where its values are.
    pub expression: Expression,
    /// The types that it may point at; none for any.
    pub targets: Vec<String>,
    /// The parts of a composite.
    pub parts: Vec<Part>,
}

/// A part of a composite.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its type.
    pub kind: ParameterType,
    /// Where its values are, seen from the composite's element.
    pub expression: Expression,
}

/// All parameters, by resource type and name.
#[derive(Debug, Clone, Default)]
pub struct Parameters {
    by_type: BTreeMap<String, BTreeMap<String, Parameter>>,
    /// Parameters that the oracle can't evaluate, each with the reason.
    pub left_out: BTreeMap<String, &'static str>,
}

impl Parameters {
    /// Those of R4.
    pub fn r4() -> Self {
        let definitions = Definitions::r4();
        let mut all = Self::default();
        let types: Vec<&str> = definitions
            .concrete_resource_types()
            .map(|number| definitions.resource_type_name(number))
            .collect();
        for defined in definitions.search_parameters() {
            match parameter(definitions, defined) {
                Ok(parameter) => all.add(&types, defined, &parameter),
                Err(reason) => drop(all.left_out.insert(defined.code.clone(), reason)),
            }
        }
        all
    }

    fn add(&mut self, types: &[&str], defined: &SearchParameter, parameter: &Parameter) {
        for base in &defined.base {
            let is_abstract = matches!(base.as_str(), "Resource" | "DomainResource");
            let own = [base.as_str()];
            for name in if is_abstract { types } else { &own[..] } {
                let of_type = self.by_type.entry((*name).to_owned()).or_default();
                of_type.insert(parameter.code.clone(), parameter.clone());
            }
        }
    }

    /// The parameter of a type that has this name.
    pub fn get(&self, resource_type: &str, name: &str) -> Option<&Parameter> {
        self.by_type.get(resource_type)?.get(name)
    }

    /// All parameters of a type, by name.
    pub fn of<'a>(&'a self, resource_type: &str) -> impl Iterator<Item = &'a Parameter> {
        self.by_type.get(resource_type).into_iter().flat_map(BTreeMap::values)
    }
}

fn parameter(
    definitions: &Definitions,
    defined: &SearchParameter,
) -> Result<Parameter, &'static str> {
    let expression = defined.expression.as_deref().ok_or("it has no expression")?;
    if defined.parameter_type == ParameterType::Special {
        return Err("it has rules of its own");
    }
    let read = |text: &str| Expression::parse(text).map_err(|_| "its expression isn't understood");
    let targets = defined.target.iter();
    let part = |component: &cresset_fhir::definitions::Component| {
        let all = definitions.search_parameters().iter();
        let mut named = all.filter(|p| p.url == component.definition);
        let kind = named.next().ok_or("a part isn't defined")?.parameter_type;
        Ok(Part { kind, expression: read(&component.expression)? })
    };
    Ok(Parameter {
        code: defined.code.clone(),
        kind: defined.parameter_type,
        expression: read(expression)?,
        targets: targets.map(|t| definitions.resource_type_name(*t).to_owned()).collect(),
        parts: defined.components.iter().map(part).collect::<Result<_, &'static str>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_own_and_those_of_all() {
        let parameters = Parameters::r4();
        for (resource_type, name) in
            [("Patient", "name"), ("Patient", "_id"), ("Observation", "code-value-quantity")]
        {
            assert!(parameters.get(resource_type, name).is_some(), "{resource_type} {name}");
        }
        assert!(parameters.get("Patient", "code").is_none());
        assert!(parameters.left_out.contains_key("_text"), "{:?}", parameters.left_out);
    }
}
