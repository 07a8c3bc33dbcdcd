//! Adding a member to an object by the rules of its type.

use cresset_fhir::definitions::{Definitions, ElementDefinition, Kind, TypeDefinition, TypeId};
use cresset_fhir::json::{Json, Object};

use super::entries::{Entry, append, set};
use super::error::{PatchError, Result};
use super::value::PatchValue;

/// Adds an element called `name` (a choice's without its type) to an object of type `holder`.
pub(super) fn add_member(
    object: &mut Object,
    holder: TypeId,
    name: &str,
    value: &PatchValue<'_>,
    definitions: &Definitions,
) -> Result<()> {
    let definition = &definitions[holder];
    let element = element_named(definition, name)?;
    let (property, entry) = build(element, value, definitions)?;
    if element.is_array {
        return append(object, &property, entry);
    }
    if properties_of(object, definition, element).next().is_some() {
        return Err(PatchError::conflict(
            "the element is already there and doesn't repeat; use replace",
        ));
    }
    set(object, &property, entry);
    Ok(())
}

/// The element of a type with this name.
pub(super) fn element_named<'d>(
    definition: &'d TypeDefinition,
    name: &str,
) -> Result<&'d ElementDefinition> {
    // A primitive's own value is not a member of it that could be added.
    let is_value = definition.is_primitive() && name == "value";
    match definition.element_named(name).filter(|_| !is_value) {
        Some(element) => Ok(element),
        None if definition.property(name).is_some() && !is_value => Err(PatchError::conflict(
            "a choice element goes by its name without the type ('value', not 'valueString'); \
             the type is that of the value",
        )),
        None => {
            Err(PatchError::conflict(format!("{} has no element of this name", definition.name)))
        }
    }
}

/// The JSON property and the content that a value has as this element.
pub(super) fn build(
    element: &ElementDefinition,
    value: &PatchValue<'_>,
    definitions: &Definitions,
) -> Result<(String, Entry)> {
    match value {
        PatchValue::Typed { type_id, entry } => {
            let declared = accepted_type(element, *type_id, definitions)?;
            Ok((element.json_name(declared, definitions), entry.clone()))
        }
        PatchValue::Parts(parts) => {
            let [type_id] = element.types.as_slice() else {
                return Err(PatchError::conflict(
                    "an element with a choice of types takes value[x], not parts",
                ));
            };
            let object = build_parts(*type_id, parts, definitions)?;
            let property = element.json_name(*type_id, definitions);
            Ok((property, Entry::of(object)))
        }
    }
}

/// The properties of the object that hold this element: a choice goes by several names.
pub(super) fn properties_of<'o>(
    object: &'o Object,
    definition: &'o TypeDefinition,
    element: &'o ElementDefinition,
) -> impl Iterator<Item = &'o str> {
    object.iter().map(|(key, _)| key).filter(move |key| {
        let property = key.strip_prefix('_').unwrap_or(key);
        let found = definition.element(property);
        found.is_some_and(|(found, _)| std::ptr::eq(found, element))
    })
}

/// The members of a backbone element, each a part. Goes as deep as the parts, which the JSON's
/// parser bounds.
fn build_parts(type_id: TypeId, parts: &[Json], definitions: &Definitions) -> Result<Object> {
    let kind = definitions[type_id].kind;
    if !matches!(kind, Kind::Backbone | Kind::Complex) {
        return Err(PatchError::conflict(
            "only elements with members are given as parts; use value[x] or resource",
        ));
    }
    let mut object = Object::new();
    for part in parts {
        let (name, part) = named(part)?;
        let value = PatchValue::read(part, definitions)?
            .ok_or_else(|| PatchError::invalid("a part of the value has no value itself"))?;
        add_member(&mut object, type_id, name, &value, definitions)?;
    }
    Ok(object)
}

/// A part with its name.
pub(super) fn named(part: &Json) -> Result<(&str, &Object)> {
    let object = part.as_object();
    let name = part.get("name").and_then(Json::as_str);
    name.zip(object).ok_or_else(|| PatchError::invalid("a part is an object with a name"))
}

/// The element's type that a value of the given type fills.
///
/// A choice needs the very type, since it becomes part of the property's name. Elsewhere the types
/// that share a JSON form through specialization stand for one another (a `string` for a `code`, a
/// `Quantity` for an `Age`): clients send these, and validation judges the content.
fn accepted_type(
    element: &ElementDefinition,
    given: TypeId,
    definitions: &Definitions,
) -> Result<TypeId> {
    let is_markup = |declared: TypeId| {
        definitions[declared].name == "xhtml" && definitions[given].name == "string"
    };
    let accepts = |declared: TypeId| {
        declared == given
            || !element.is_choice
                && (definitions.is_a(given, declared)
                    || definitions.is_a(declared, given)
                    || is_markup(declared))
    };
    let accepted = element.types.iter().copied().find(|declared| accepts(*declared));
    accepted.ok_or_else(|| {
        PatchError::conflict(format!(
            "the element can't have a value of type {}",
            definitions[given].name
        ))
    })
}
