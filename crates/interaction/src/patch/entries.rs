//! A property together with its `_` sibling: in step, whatever is done to them.
//!
//! FHIR's JSON splits a primitive element into its value (`given`) and its id and extensions
//! (`_given`); when the element repeats, both are arrays, filled up with `null`.

use cresset_fhir::json::{Json, Object};

use super::error::{PatchError, Result};

/// An element: a value, the object with a primitive's id and extensions, or both; `null` stands
/// for what is absent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) value: Json,
    pub(super) sibling: Json,
}

impl Entry {
    pub(super) fn of(value: impl Into<Json>) -> Entry {
        Entry { value: value.into(), sibling: Json::Null }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.value == Json::Null && self.sibling == Json::Null
    }
}

/// What stands under a property and its sibling.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) items: Vec<Entry>,
    is_list: bool,
}

impl Entries {
    /// Takes the entries out; `null` keeps their place until [`Entries::put`].
    pub(super) fn take(object: &mut Object, property: &str) -> Entries {
        let mut take = |name: &str| {
            let slot = object.get_mut(name)?;
            Some(std::mem::replace(slot, Json::Null))
        };
        let (value, sibling) = (take(property), take(&sibling_name(property)));
        let is_array = |json: &Option<Json>| matches!(json, Some(Json::Array(_)));
        let is_list = is_array(&value) || is_array(&sibling);
        let (values, siblings) = (items(value), items(sibling));
        let length = values.len().max(siblings.len());
        let (mut values, mut siblings) = (values.into_iter(), siblings.into_iter());
        let entry = |_| Entry {
            value: values.next().unwrap_or(Json::Null),
            sibling: siblings.next().unwrap_or(Json::Null),
        };
        Entries { items: (0..length).map(entry).collect(), is_list }
    }

    /// Puts the entries back to where they stood; what has become empty goes.
    pub(super) fn put(self, object: &mut Object, property: &str) {
        let is_list = self.is_list;
        let (values, siblings) = self.items.into_iter().map(|e| (e.value, e.sibling)).unzip();
        let sibling_property = sibling_name(property);
        let at = object
            .position(property)
            .or_else(|| object.position(&sibling_property))
            .unwrap_or(object.len());
        place(object, at, property, joined(values, is_list));
        let after = object.position(property).map_or(at, |at| at + 1);
        place(object, after, &sibling_property, joined(siblings, is_list));
    }

    /// Puts the entries to where they stood under another name.
    pub(super) fn put_as(self, object: &mut Object, old: &str, new: &str) {
        let sibling = sibling_name(old);
        let at = object.position(old).or_else(|| object.position(&sibling));
        object.remove(old);
        object.remove(&sibling);
        object.insert_at(at.unwrap_or(object.len()), new, Json::Null);
        self.put(object, new);
    }
}

/// Sets a property that holds one element.
pub(super) fn set(object: &mut Object, property: &str, entry: Entry) {
    let entries = Entries { items: vec![entry], is_list: false };
    entries.put(object, property);
}

/// Appends to a property that holds a list, without touching the items that are there.
pub(super) fn append(object: &mut Object, property: &str, entry: Entry) -> Result<()> {
    let sibling_property = sibling_name(property);
    let length = length(object, property)?.max(length(object, &sibling_property)?);
    let at = object.position(&sibling_property).unwrap_or(object.len());
    push(object, at, property, length, entry.value);
    let after = object.position(property).map_or(at, |at| at + 1);
    push(object, after, &sibling_property, length, entry.sibling);
    Ok(())
}

/// Fills the array up to `length` and appends `item`, making the array if need be.
fn push(object: &mut Object, at: usize, name: &str, length: usize, item: Json) {
    if object.get(name).is_none() {
        if item == Json::Null {
            return;
        }
        object.insert_at(at, name, Vec::new());
    }
    if let Some(Json::Array(items)) = object.get_mut(name) {
        items.resize(length, Json::Null);
        items.push(item);
    }
}

fn length(object: &Object, name: &str) -> Result<usize> {
    match object.get(name) {
        None => Ok(0),
        Some(Json::Array(items)) => Ok(items.len()),
        Some(_) => Err(PatchError::conflict(
            "the resource doesn't have this list as an array; replace the whole resource (PUT)",
        )),
    }
}

/// `_given` for `given`.
pub(super) fn sibling_name(property: &str) -> String {
    format!("_{property}")
}

fn items(json: Option<Json>) -> Vec<Json> {
    match json {
        None => Vec::new(),
        Some(Json::Array(items)) => items,
        Some(other) => vec![other],
    }
}

fn joined(mut items: Vec<Json>, is_list: bool) -> Option<Json> {
    if items.iter().all(|item| *item == Json::Null) {
        return None;
    }
    match is_list {
        true => Some(Json::Array(items)),
        false => items.pop(),
    }
}

fn place(object: &mut Object, at: usize, name: &str, value: Option<Json>) {
    match value {
        Some(value) => object.insert_at(at, name, value),
        None => {
            object.remove(name);
        }
    }
}
