//! `_sort` (R4 search, section 3.1.1.5.1): keys, the most significant first, `-` for descending.
//! Resources without a value come last when ascending.

use super::criterion::{Failure, NOT_YET, Outcome};
use crate::Registry;
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Sort, SortBy};

/// How many keys a sort may have.
const MOST_KEYS: usize = 8;

/// Adds the keys of a `_sort` behind those of earlier ones. If one can't be sorted by, none is used:
/// the others alone would be another order.
pub(super) fn apply(
    registry: &Registry,
    types: &[ResourceType],
    sort: &mut Vec<Sort>,
    value: &str,
) -> Outcome<()> {
    let names: Vec<&str> = value.split(',').map(str::trim).filter(|key| !key.is_empty()).collect();
    if names.is_empty() {
        return Err(Failure::Ignored("has no value".to_owned()));
    }
    if sort.len() + names.len() > MOST_KEYS {
        return Err(Failure::TooMuch(format!("may have {MOST_KEYS} keys")));
    }
    let keys = names.iter().enumerate().map(|(n, key)| self::key(registry, types, key, n + 1));
    sort.extend(keys.collect::<Outcome<Vec<_>>>()?);
    Ok(())
}

/// The `n`th key.
fn key(registry: &Registry, types: &[ResourceType], key: &str, n: usize) -> Outcome<Sort> {
    let (descending, name) = match key.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, key),
    };
    let by = match name {
        "_lastUpdated" => SortBy::Updated,
        "_id" => SortBy::Id,
        _ => parameters(registry, types, name, n)?,
    };
    Ok(Sort { by, descending })
}

/// By the indexes that hold a parameter's values, of all types. Their values compare as bytes, also
/// from one index to the other: the parts of a date's all start with a moment.
fn parameters(
    registry: &Registry,
    types: &[ResourceType],
    name: &str,
    n: usize,
) -> Outcome<SortBy> {
    let mut all = Vec::new();
    let mut has_texts = false;
    for resource_type in registry.types_or_all(types) {
        let Some(parameter) = registry.parameter(resource_type, name) else {
            let type_name = registry.definitions().resource_type_name(resource_type);
            let reason = match name {
                _ if registry.is_pending(resource_type, name) => {
                    format!("its key {name} is {NOT_YET}")
                }
                "_score" => "sorting by _score is not supported".to_owned(),
                _ => format!("key {n} is no parameter of {type_name}"),
            };
            return Err(Failure::Ignored(reason));
        };
        let before = all.len();
        // Neither words of a text nor several values beside each other have an order.
        let is_ordered = !matches!(
            parameter.definition.parameter_type,
            ParameterType::Composite | ParameterType::Special
        ) && !matches!(name, "_text" | "_content");
        // Case and accents, systems and versions come behind the text, and leave it equal.
        has_texts |= matches!(
            parameter.definition.parameter_type,
            ParameterType::String | ParameterType::Token | ParameterType::Uri
        );
        if is_ordered && parameter.is_usable() {
            let indexes = parameter.sources.iter().map(|source| registry.index(source));
            all.extend(indexes.flat_map(|index| index.sortable()).cloned());
        }
        if all.len() == before {
            return Err(Failure::Ignored(format!("sorting by {name} is not supported")));
        }
    }
    Ok(if has_texts { SortBy::Texts(all) } else { SortBy::Parameters(all) })
}
