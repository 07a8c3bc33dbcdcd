//! From a JSON property and its `_` sibling to nodes.

use cresset_fhir::definitions::{Definitions, Kind, TypeId};
use cresset_fhir::json::Json;

use crate::node::Node;

/// Visits the values of a property, one for each item when it repeats.
pub(super) fn each_value<'a, E>(
    definitions: &Definitions,
    json: Option<&'a Json>,
    sibling: Option<&'a Json>,
    type_id: Option<TypeId>,
    visit: &mut impl FnMut(Node<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let mut one = |json: Option<&'a Json>, sibling: Option<&'a Json>| {
        let json = json.filter(|json| **json != Json::Null);
        let sibling = sibling.filter(|json| json.as_object().is_some());
        match json.or(sibling) {
            None => Ok(()),
            Some(_) => visit(Node { json, sibling, type_id: actual(definitions, type_id, json) }),
        }
    };
    let items = json.and_then(Json::as_array);
    let siblings = sibling.and_then(Json::as_array);
    if items.is_none() && siblings.is_none() {
        return one(json, sibling);
    }
    let (items, siblings) = (items.unwrap_or_default(), siblings.unwrap_or_default());
    (0..items.len().max(siblings.len())).try_for_each(|at| one(items.get(at), siblings.get(at)))
}

/// A resource inside a resource says itself what it is.
fn actual(
    definitions: &Definitions,
    declared: Option<TypeId>,
    json: Option<&Json>,
) -> Option<TypeId> {
    match declared {
        Some(declared) if definitions[declared].kind != Kind::Resource => Some(declared),
        _ => {
            let name = json.and_then(|json| json.get("resourceType")).and_then(Json::as_str);
            name.and_then(|name| definitions.type_named(name)).or(declared)
        }
    }
}
