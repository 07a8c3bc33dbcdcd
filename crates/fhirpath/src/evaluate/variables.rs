//! Variables: `%resource`, `%context`, terminologies, and those of the context.

use super::{Evaluator, Result};
use crate::collection::Collection;
use crate::error::EvaluationError;
use crate::node::Node;

impl<'a> Evaluator<'a, '_> {
    pub(super) fn variable(&self, name: &str) -> Result<Collection<'a>> {
        let context = self.context;
        if let Some((_, value)) = context.variables.iter().find(|(known, _)| known == name) {
            return self.copied(value);
        }
        match name {
            "resource" => Ok(Collection::one(context.input())),
            "rootResource" => {
                Ok(Collection::one(Node::resource(context.root, context.definitions)))
            }
            "context" => Ok(self.input.get().map_or_else(Collection::new, Collection::one)),
            "ucum" => Ok(Collection::string("http://unitsofmeasure.org")),
            "sct" => Ok(Collection::string("http://snomed.info/sct")),
            "loinc" => Ok(Collection::string("http://loinc.org")),
            _ => canonical(name)
                .map(Collection::string)
                .ok_or_else(|| EvaluationError::UnknownVariable(name.to_owned())),
        }
    }
}

/// `%vs-name` and `%ext-name` are URLs of HL7's value sets and extensions.
fn canonical(name: &str) -> Option<String> {
    if let Some(value_set) = name.strip_prefix("vs-") {
        return Some(format!("http://hl7.org/fhir/ValueSet/{value_set}"));
    }
    let extension = name.strip_prefix("ext-")?;
    Some(format!("http://hl7.org/fhir/StructureDefinition/{extension}"))
}
