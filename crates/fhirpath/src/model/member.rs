//! The members of a node with a given name.

use cresset_fhir::definitions::{Definitions, ElementDefinition, TypeDefinition};
use cresset_fhir::json::{Json, Object};

use super::values::each_value;
use crate::ast::{Identifier, Meaning};
use crate::node::Node;

/// Visits the elements of `node` that are called `name`; a choice goes by its name without the
/// type, as `value` for `valueQuantity`.
pub(crate) fn members<'a, E>(
    definitions: &Definitions,
    node: Node<'a>,
    name: &Identifier,
    visit: &mut impl FnMut(Node<'a>) -> Result<(), E>,
) -> Result<(), E> {
    let Some(Json::Object(object)) =
        node.json.filter(|json| json.as_object().is_some()).or(node.sibling)
    else {
        return Ok(());
    };
    let Some(type_id) = node.type_id else {
        let (json, sibling) = (object.get(name.name()), object.get(name.sibling_name()));
        return each_value(definitions, json, sibling, None, visit);
    };
    let definition = &definitions[type_id];
    match name.meaning(definitions, type_id) {
        Some(Meaning::Property(property)) => {
            let (json, sibling) = match definitions[property.type_id].is_primitive() {
                true => with_sibling(object, name),
                false => (object.get(name.name()), None),
            };
            each_value(definitions, json, sibling, Some(property.type_id), visit)
        }
        Some(Meaning::Choice(choice)) => {
            choice_members(definitions, definition, object, choice, visit)
        }
        None => Ok(()),
    }
}

fn choice_members<'a, E>(
    definitions: &Definitions,
    definition: &TypeDefinition,
    object: &'a Object,
    choice: &ElementDefinition,
    visit: &mut impl FnMut(Node<'a>) -> Result<(), E>,
) -> Result<(), E> {
    for (key, value) in object.iter() {
        let property = key.strip_prefix('_').unwrap_or(key);
        if !property.starts_with(&choice.name) {
            continue;
        }
        let Some((element, type_id)) = definition.element(property) else {
            continue;
        };
        if !std::ptr::eq(element, choice) {
            continue;
        }
        if property.len() == key.len() {
            let sibling = sibling_of(object, key);
            each_value(definitions, Some(value), sibling, Some(type_id), visit)?;
        } else if object.get(property).is_none() {
            each_value(definitions, None, Some(value), Some(type_id), visit)?;
        }
    }
    Ok(())
}

/// A primitive's value and its sibling, in one pass.
fn with_sibling<'a>(object: &'a Object, name: &Identifier) -> (Option<&'a Json>, Option<&'a Json>) {
    let (mut json, mut sibling) = (None, None);
    let length = name.name().len();
    for (key, value) in object.iter() {
        if key.len() == length && key == name.name() {
            json = Some(value);
        } else if key.len() == length + 1 && key == name.sibling_name() {
            sibling = Some(value);
        }
    }
    (json, sibling)
}

/// The property `_key`.
pub(super) fn sibling_of<'a>(object: &'a Object, key: &str) -> Option<&'a Json> {
    let mut properties = object.iter();
    let found = properties.find(|(name, _)| name.strip_prefix('_') == Some(key));
    found.map(|(_, sibling)| sibling)
}
