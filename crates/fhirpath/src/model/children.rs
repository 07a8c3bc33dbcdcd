//! All children of a node.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::Json;

use super::member::sibling_of;
use super::values::each_value;
use crate::node::Node;

/// Visits all elements of a node in the order of its JSON; of a primitive, its id and extensions.
pub(crate) fn children<'a, E>(
    definitions: &Definitions,
    node: Node<'a>,
    visit: &mut impl FnMut(Node<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let Some(Json::Object(object)) =
        node.json.filter(|json| json.as_object().is_some()).or(node.sibling)
    else {
        return Ok(());
    };
    let definition = node.type_id.map(|type_id| &definitions[type_id]);
    for (key, value) in object.iter() {
        let name = key.strip_prefix('_').unwrap_or(key);
        let type_id = match definition {
            None if key == "resourceType" => continue,
            None => None,
            Some(definition) => match definition.property(name) {
                None => continue,
                Some(property) => Some(property.type_id),
            },
        };
        if name.len() == key.len() {
            let is_complex = value.as_object().is_some();
            let sibling = if is_complex { None } else { sibling_of(object, key) };
            each_value(definitions, Some(value), sibling, type_id, visit)?;
        } else if object.get(name).is_none() {
            each_value(definitions, None, Some(value), type_id, visit)?;
        }
    }
    Ok(())
}
