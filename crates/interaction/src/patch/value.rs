//! The value that an operation brings.

use cresset_fhir::definitions::{Definitions, TypeId};
use cresset_fhir::json::{Json, Object};

use super::entries::Entry;
use super::error::{PatchError, Result};
use super::place::stated_type;

/// A value as `Parameters` can hold it.
#[derive(Debug, Clone)]
pub(super) enum PatchValue<'p> {
    /// `value[x]` or `resource`: a type and the element.
    Typed { type_id: TypeId, entry: Entry },
    /// Nested parts: the members of a backbone element, for which there's no `value[x]`.
    Parts(&'p [Json]),
}

impl<'p> PatchValue<'p> {
    /// Reads what a parameter brings; none when it brings nothing.
    pub(super) fn read(
        parameter: &'p Object,
        definitions: &Definitions,
    ) -> Result<Option<PatchValue<'p>>> {
        let mut found = typed_value(parameter, definitions)?;
        let resource = parameter.get("resource").map(|r| resource_value(r, definitions));
        let parts = parameter.get("part").map(parts_value);
        for other in [resource, parts].into_iter().flatten() {
            if found.replace(other?).is_some() {
                return Err(PatchError::invalid("a part has one of value[x], resource and part"));
            }
        }
        Ok(found)
    }
}

fn typed_value<'p>(
    parameter: &'p Object,
    definitions: &Definitions,
) -> Result<Option<PatchValue<'p>>> {
    let Some(holder) = definitions.type_named("Parameters.parameter") else {
        return Ok(None);
    };
    let mut found: Option<(TypeId, Entry)> = None;
    for (key, json) in parameter.iter() {
        let property = key.strip_prefix('_').unwrap_or(key);
        let Some((element, type_id)) = definitions[holder].element(property) else {
            continue;
        };
        if !element.is_choice {
            continue;
        }
        let (seen, entry) = found.get_or_insert_with(|| (type_id, Entry::of(Json::Null)));
        if *seen != type_id {
            return Err(PatchError::invalid("a part has one value[x] only"));
        }
        match property.len() == key.len() {
            true => entry.value = json.clone(),
            false => entry.sibling = json.clone(),
        }
    }
    let Some((type_id, entry)) = found else {
        return Ok(None);
    };
    check_shape(&entry, definitions[type_id].is_primitive())?;
    Ok(Some(PatchValue::Typed { type_id, entry }))
}

/// What an element of this kind looks like in JSON; the rest is for the validation of the outcome.
fn check_shape(entry: &Entry, is_primitive: bool) -> Result<()> {
    let is_object = |json: &Json| json.as_object().is_some_and(|o| !o.is_empty());
    let is_sound = if is_primitive {
        !matches!(entry.value, Json::Array(_) | Json::Object(_))
            && (entry.sibling == Json::Null || is_object(&entry.sibling))
            && !entry.is_empty()
    } else {
        is_object(&entry.value) && entry.sibling == Json::Null
    };
    match is_sound {
        true => Ok(()),
        false => Err(PatchError::invalid(
            "value[x] is a JSON value for a primitive type, and an object with content for others",
        )),
    }
}

fn resource_value<'p>(json: &Json, definitions: &Definitions) -> Result<PatchValue<'p>> {
    let type_id = stated_type(json, definitions)
        .ok_or_else(|| PatchError::invalid("a resource names its type in resourceType"))?;
    Ok(PatchValue::Typed { type_id, entry: Entry::of(json.clone()) })
}

fn parts_value(json: &Json) -> Result<PatchValue<'_>> {
    match json.as_array() {
        Some(parts) if !parts.is_empty() => Ok(PatchValue::Parts(parts)),
        _ => Err(PatchError::invalid("part is an array with items")),
    }
}
