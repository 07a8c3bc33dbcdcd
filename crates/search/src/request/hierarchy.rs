//! `:below` and `:above` on references (R4 search, section 3.1.1.4.12): what refers to a resource or
//! to one that is part of it, or that it is part of, such as places within a place.

use super::criterion::{Failure, Outcome};
use crate::index::{Slot, any};
use crate::registry::{Registry, SearchableBy};
use crate::{escape::unescape, form::Modifier, reference};
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Filter, Key, Parameter, Pattern, Scan, Segment};

/// How many steps from part to whole are followed.
const DEEPEST: usize = 20;
/// What one value counts for among the ranges that a search may have: each step asks the index for
/// every resource that was found so far.
pub(super) const RANGES: usize = 100;

/// The resource of this server that a value with such a modifier names; `None` when it is a
/// canonical, whose versions the modifier is about.
pub(super) fn resource(
    registry: &Registry,
    parameter: &SearchableBy,
    modifier: Option<&Modifier>,
    value: &str,
) -> Outcome<Option<Key>> {
    if !matches!(modifier, Some(Modifier::Above | Modifier::Below)) {
        return Ok(None);
    }
    let mut targets: Vec<ResourceType> =
        parameter.sources.iter().flat_map(|source| source.targets.clone()).collect();
    targets.sort_unstable();
    targets.dedup();
    let text = unescape(value);
    let text = match targets[..] {
        [only] if !text.contains(['/', ':']) => {
            format!("{}/{text}", registry.definitions().resource_type_name(only)).into()
        }
        _ => text,
    };
    let key = registry.own(&text);
    if key.is_none() && !reference::is_url(&text) {
        let reason = "with this modifier needs Type/id, or a canonical with its version";
        return Err(Failure::Invalid(reason.to_owned()));
    }
    Ok(key)
}

/// What refers to `key`, or to a resource below or above it.
pub(super) fn filter(
    registry: &Registry,
    parameter: &SearchableBy,
    modifier: Option<&Modifier>,
    key: &Key,
) -> Outcome<Filter> {
    let mut types = registry.definitions().concrete_resource_types();
    let resource_type = types.find(|t| t.number() == key.resource_type.0);
    let parts = resource_type.map_or(Vec::new(), |t| part_of(registry, t));
    if parts.is_empty() {
        let reason = "names a type whose resources are no part of one another".to_owned();
        return Err(Failure::Invalid(reason));
    }
    let of = vec![key.resource_type];
    let mut line = Filter::Keys(vec![key.clone()]);
    for _ in 0..DEEPEST {
        let inner = Box::new(line);
        let next = match modifier {
            Some(Modifier::Above) => Filter::ReferredFrom(parts.clone(), of.clone(), inner),
            _ => Filter::RefersTo(parts.clone(), of.clone(), inner),
        };
        line = any([Filter::Keys(vec![key.clone()]), next]);
    }
    let is_target = |t: &ResourceType| t.number() == key.resource_type.0;
    let sources = parameter.sources.iter().filter(|s| s.targets.iter().any(is_target));
    let indexes = sources.filter_map(|s| registry.index(s).part(Slot::Main).cloned());
    let indexes: Vec<Parameter> = indexes.collect();
    let itself = indexes.iter().map(|index| {
        let prefix = vec![Pattern::Is(Segment::Resource(key.clone()))];
        Filter::Scan(Scan { prefix, ..Scan::all(index.clone()) })
    });
    let itself = any(itself);
    Ok(any([itself, Filter::RefersTo(indexes, of, Box::new(line))]))
}

/// The indexes that hold what a resource of this type is part of.
fn part_of(registry: &Registry, resource_type: ResourceType) -> Vec<Parameter> {
    let mut parameters = ["partof", "part-of"].into_iter();
    let parameter = parameters.find_map(|name| registry.parameter(resource_type, name));
    let sources = parameter.map_or(&[][..], |parameter| &parameter.sources);
    let sources = sources.iter().filter(|source| source.targets.contains(&resource_type));
    sources.filter_map(|s| registry.index(s).part(Slot::Main).cloned()).collect()
}
