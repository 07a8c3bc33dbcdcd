//! Add, replace and delete: what is done to one element.

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Object};

use super::budget::check_depth;
use super::element::{add_member, build};
use super::entries::sibling_name;
use super::error::{PatchError, Result};
use super::place::{Slot, Step, expression, object_at, type_at};
use super::target::{Target, take_entries};
use super::value::PatchValue;

/// Adds a member called `name` to the target: to the end of a list, or as the only one.
pub(super) fn add(
    resource: &mut Json,
    target: &Target,
    name: &str,
    value: &PatchValue<'_>,
    definitions: &Definitions,
) -> Result<()> {
    let place = expression(resource, &target.steps, definitions);
    let object = members_of(resource, target, definitions)?;
    add_member(object, target.type_id, name, value, definitions)
        .and_then(|()| check_members_depth(target.steps.len(), object))
        .map_err(|e| e.at(|| Some(place)))
}

/// The object that the target's members are in: of a primitive, the sibling, made if need be.
fn members_of<'j>(
    resource: &'j mut Json,
    target: &Target,
    definitions: &Definitions,
) -> Result<&'j mut Object> {
    let no_object = || PatchError::conflict("the element at the path can't have members");
    if !definitions[target.type_id].is_primitive() {
        return object_at(resource, &target.steps).ok_or_else(no_object);
    }
    let slot = Slot::of(&target.steps).ok_or_else(no_object)?;
    let (holder, mut entries) = take_entries(resource, &slot)?;
    let at = slot.index.unwrap_or(0);
    let entry = entries.items.get_mut(at).ok_or_else(no_object)?;
    if entry.sibling == Json::Null {
        entry.sibling = Json::Object(Object::new());
    }
    entries.put(holder, &slot.property);
    let mut sibling = slot.holder.clone();
    sibling.push(Step::Name(sibling_name(&slot.property).into()));
    sibling.extend(slot.index.map(Step::Index));
    object_at(resource, &sibling).ok_or_else(no_object)
}

fn check_members_depth(depth: usize, object: &Object) -> Result<()> {
    let mut members = object.iter();
    members.try_for_each(|(_, member)| check_depth(depth + 1, member))
}

/// Puts the value in the target's place, the whole of it: what the value doesn't bring (an id, an
/// extension) is gone. A choice may change its type and thereby its property.
pub(super) fn replace(
    resource: &mut Json,
    target: &Target,
    value: &PatchValue<'_>,
    definitions: &Definitions,
) -> Result<()> {
    let slot = Slot::of(&target.steps).ok_or_else(|| {
        PatchError::conflict("a patch can't replace the whole resource; update it (PUT)")
    })?;
    let place = || Some(expression(resource, &target.steps, definitions));
    let holder = type_at(resource, &slot.holder, definitions);
    let element = holder.and_then(|holder| definitions[holder].element(&slot.property));
    let (element, _) = element
        .ok_or_else(|| PatchError::conflict("the definitions don't know this element").at(place))?;
    let (property, entry) = build(element, value, definitions).map_err(|e| e.at(place))?;
    check_depth(target.steps.len(), &entry.value)?;
    check_depth(target.steps.len(), &entry.sibling)?;
    let (holder, mut entries) = take_entries(resource, &slot)?;
    match entries.items.get_mut(slot.index.unwrap_or(0)) {
        Some(old) => *old = entry,
        None => return Err(PatchError::missing("the path gives no element")),
    }
    if property == *slot.property {
        entries.put(holder, &slot.property);
    } else {
        entries.put_as(holder, &slot.property, &property);
    }
    Ok(())
}

/// Takes the target out, and whatever becomes empty by that: FHIR has no empty arrays or objects.
pub(super) fn delete(resource: &mut Json, target: &Target) -> Result<()> {
    let slot = Slot::of(&target.steps).ok_or_else(|| {
        PatchError::conflict("a patch can't delete the whole resource; delete it (DELETE)")
    })?;
    take_out(resource, slot, Part::Element)
}

/// What of an element is taken out.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// All of it.
    Element,
    /// A primitive's id and extensions; the value stays.
    Sibling,
}

fn take_out(resource: &mut Json, slot: Slot, part: Part) -> Result<()> {
    let (holder, mut entries) = take_entries(resource, &slot)?;
    let at = slot.index.unwrap_or(0);
    if let Some(entry) = entries.items.get_mut(at) {
        entry.sibling = Json::Null;
        if part == Part::Element || entry.is_empty() {
            entries.items.remove(at);
        }
    }
    entries.put(holder, &slot.property);
    if !holder.is_empty() {
        return Ok(());
    }
    match Slot::of(&slot.holder) {
        None => Ok(()),
        Some(above) => match above.property.strip_prefix('_') {
            Some(property) => {
                let property = property.into();
                take_out(resource, Slot { property, ..above }, Part::Sibling)
            }
            None => take_out(resource, above, Part::Element),
        },
    }
}
