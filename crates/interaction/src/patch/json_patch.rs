//! JSON Patch (RFC 6902).

use cresset_fhir::json::Json;

use super::budget::{Budget, MAX_OPERATIONS, check_depth};
use super::equality::is_equal;
use super::error::{PatchError, Result};
use super::identity::check_identity;
use super::json_operation::{Action, JsonOperation};
use super::pointer::{Pointer, descend, index, nothing_there};

/// Applies a JSON Patch (RFC 6902) to a resource. Properties keep their order; new ones come last.
///
/// # Errors
/// [`PatchError`] at the first operation that can't be done, or when the document as a whole is no
/// patch. Every operation must leave `resourceType` and `id` as they are.
pub fn json_patch(resource: &Json, patch: &Json) -> Result<Json, PatchError> {
    let operations = read(patch)?;
    let resource_type = resource.get("resourceType").and_then(Json::as_str);
    let mut budget = Budget::new();
    let mut patched = resource.clone();
    for (number, operation) in operations.iter().enumerate() {
        apply(&mut patched, operation, &mut budget)
            .and_then(|()| check_identity(resource, &patched))
            .map_err(|e| e.at(|| operation.path.expression(resource_type)))
            .map_err(|e| e.in_operation(number))?;
    }
    Ok(patched)
}

/// Reads all operations before any is applied: a document that isn't a patch is refused as such.
fn read(patch: &Json) -> Result<Vec<JsonOperation<'_>>> {
    let Some(operations) = patch.as_array() else {
        return Err(PatchError::invalid("a JSON Patch is an array of operations"));
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(PatchError::too_large(format!(
            "a patch has at most {MAX_OPERATIONS} operations"
        )));
    }
    let numbered = operations.iter().enumerate();
    numbered
        .map(|(number, json)| JsonOperation::read(json).map_err(|e| e.in_operation(number)))
        .collect()
}

fn apply(root: &mut Json, operation: &JsonOperation<'_>, budget: &mut Budget) -> Result<()> {
    let path = &operation.path;
    match &operation.action {
        Action::Add(value) => add(root, path, (*value).clone(), budget),
        Action::Remove => remove(root, path, budget).map(drop),
        Action::Replace(value) => {
            check_depth(path.depth(), value)?;
            *path.find_mut(root, budget)? = (*value).clone();
            Ok(())
        }
        // To its own place a value moves without losing its turn among the properties.
        Action::Move { from } if from == path => path.find(root, budget).map(drop),
        Action::Move { from } => {
            let value = remove(root, from, budget)?;
            budget.charge_copy(&value)?;
            add(root, path, value, budget)
        }
        Action::Copy { from } => {
            let value = from.find(root, budget)?;
            budget.charge_copy(value)?;
            let value = value.clone();
            add(root, path, value, budget)
        }
        Action::Test(value) => match is_equal(path.find(root, budget)?, value, budget)? {
            true => Ok(()),
            false => {
                Err(PatchError::test_failed("the value here is another one than 'test' expects"))
            }
        },
    }
}

fn add(root: &mut Json, path: &Pointer, value: Json, budget: &mut Budget) -> Result<()> {
    check_depth(path.depth(), &value)?;
    let Some((parents, last)) = path.split_last() else {
        *root = value;
        return Ok(());
    };
    match descend(root, parents, budget)? {
        Json::Object(object) => {
            budget.charge(object.len())?;
            object.insert(last, value);
        }
        Json::Array(items) => {
            let at = if last == "-" { Some(items.len()) } else { index(last)? };
            let at = at.filter(|at| *at <= items.len()).ok_or_else(|| {
                PatchError::missing("the index is beyond the end of the array; '-' appends")
            })?;
            budget.charge(items.len() - at)?;
            items.insert(at, value);
        }
        _ => return Err(nothing_there()),
    }
    Ok(())
}

fn remove(root: &mut Json, path: &Pointer, budget: &mut Budget) -> Result<Json> {
    let Some((parents, last)) = path.split_last() else {
        return Err(PatchError::conflict(
            "the whole resource can't be taken out; delete it instead",
        ));
    };
    match descend(root, parents, budget)? {
        Json::Object(object) => {
            budget.charge(object.len())?;
            object.remove(last).ok_or_else(nothing_there)
        }
        Json::Array(items) => {
            let at = index(last)?.filter(|at| *at < items.len()).ok_or_else(nothing_there)?;
            budget.charge(items.len() - at)?;
            Ok(items.remove(at))
        }
        _ => Err(nothing_there()),
    }
}
