//! Insert and move: what is done in a list.

use cresset_fhir::json::Json;
use cresset_fhirpath::Expression;

use super::budget::check_depth;
use super::change::add;
use super::element::{build, element_named};
use super::error::{PatchError, Result};
use super::place::{Slot, expression, type_at};
use super::target::{Surroundings, take_entries};
use super::value::PatchValue;

/// Inserts before the item at `index`, or after the last.
pub(super) fn insert(
    resource: &mut Json,
    path: &Expression,
    index: usize,
    value: &PatchValue<'_>,
    surroundings: &Surroundings,
) -> Result<()> {
    let Some(slot) = surroundings.list(resource, path)? else {
        return insert_first(resource, path, index, value, surroundings);
    };
    let definitions = surroundings.definitions;
    let place = expression(resource, &slot.holder, definitions);
    let shown = || Some(format!("{place}.{}", slot.property));
    let holder = type_at(resource, &slot.holder, definitions);
    let element = holder.and_then(|holder| definitions[holder].element(&slot.property));
    let (element, _) = element
        .ok_or_else(|| PatchError::conflict("the definitions don't know this element").at(shown))?;
    let (_, entry) = build(element, value, definitions).map_err(|e| e.at(shown))?;
    check_depth(slot.holder.len() + 2, &entry.value)?;
    check_depth(slot.holder.len() + 2, &entry.sibling)?;
    let (holder, mut entries) = take_entries(resource, &slot)?;
    if index > entries.items.len() {
        return Err(beyond_the_end().at(shown));
    }
    entries.items.insert(index, entry);
    entries.put(holder, &slot.property);
    Ok(())
}

/// Inserts into a list that isn't there yet: its place is the last name of the path, in the
/// element that the path before it gives.
fn insert_first(
    resource: &mut Json,
    path: &Expression,
    index: usize,
    value: &PatchValue<'_>,
    surroundings: &Surroundings,
) -> Result<()> {
    let nothing = || PatchError::missing("the path gives no list; add makes a new one");
    let (before, name) = path.text().rsplit_once('.').ok_or_else(nothing)?;
    let before = Expression::parse(before).map_err(|_| nothing())?;
    let target = surroundings.one(resource, &before).map_err(|_| nothing())?;
    let definition = &surroundings.definitions[target.type_id];
    let element = element_named(definition, name.trim()).map_err(|_| nothing())?;
    let place = || Some(expression(resource, &target.steps, surroundings.definitions));
    if !element.is_array {
        return Err(PatchError::conflict("the element doesn't repeat; use add").at(place));
    }
    if index > 0 {
        return Err(beyond_the_end().at(place));
    }
    add(resource, &target, &element.name, value, surroundings.definitions)
}

/// Takes the item at `source` out and puts it where it will be number `destination`.
pub(super) fn move_item(
    resource: &mut Json,
    path: &Expression,
    source: usize,
    destination: usize,
    surroundings: &Surroundings,
) -> Result<()> {
    let slot: Slot = surroundings.list(resource, path)?.ok_or_else(|| {
        PatchError::missing("the path gives no list; read the resource and patch what it has")
    })?;
    let place = expression(resource, &slot.holder, surroundings.definitions);
    let (holder, mut entries) = take_entries(resource, &slot)?;
    if source.max(destination) >= entries.items.len() {
        return Err(beyond_the_end().at(|| Some(format!("{place}.{}", slot.property))));
    }
    let entry = entries.items.remove(source);
    entries.items.insert(destination, entry);
    entries.put(holder, &slot.property);
    Ok(())
}

fn beyond_the_end() -> PatchError {
    PatchError::missing("the index is beyond the end of the list")
}
