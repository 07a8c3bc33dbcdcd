//! `_sort` (R4 search, section 3.1.1.5.1): keys, the most significant first, `-` for descending.

use super::criterion::{Failure, NOT_YET, Outcome};
use crate::Registry;
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Parameter, Sort, SortBy};

/// How many keys a sort may have.
const MOST_KEYS: usize = 8;

pub(super) fn keys(registry: &Registry, types: &[ResourceType], value: &str) -> Outcome<Vec<Sort>> {
    let mut keys = Vec::new();
    for key in value.split(',').map(str::trim).filter(|key| !key.is_empty()) {
        let (descending, name) = match key.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, key),
        };
        let by = match name {
            "_lastUpdated" => SortBy::Updated,
            _ => SortBy::Parameters(parameters(registry, types, name)?),
        };
        keys.push(Sort { by, descending });
    }
    if keys.len() > MOST_KEYS {
        return Err(Failure::Invalid(format!("may have {MOST_KEYS} keys")));
    }
    Ok(keys)
}

fn parameters(registry: &Registry, types: &[ResourceType], name: &str) -> Outcome<Vec<Parameter>> {
    let mut all = Vec::new();
    for resource_type in registry.types_or_all(types) {
        let Some(parameter) = registry.parameter(resource_type, name) else {
            let reason = match registry.is_pending(resource_type, name) {
                true => format!("its key {name} is {NOT_YET}"),
                false => "has a key that is no parameter here".to_owned(),
            };
            return Err(Failure::Ignored(reason));
        };
        let kind = parameter.definition.parameter_type;
        if parameter.sources.is_empty() || kind == ParameterType::Composite {
            return Err(Failure::Ignored(format!("sorting by {name} is not supported")));
        }
        for source in &parameter.sources {
            all.extend(registry.index(source).sortable().cloned());
        }
    }
    Ok(all)
}
