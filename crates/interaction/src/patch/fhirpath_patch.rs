//! FHIRPath Patch (R4 "FHIRPath Patch").

use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::Json;
use cresset_fhirpath::Limits;

use super::change::{add, delete, replace};
use super::error::{PatchError, Result};
use super::identity::check_identity;
use super::list::{insert, move_item};
use super::operation::{Change, Operation};
use super::target::Surroundings;

/// Operations in one patch: each evaluates an expression and walks the whole resource.
const MAX_OPERATIONS: usize = 1_000;

/// Steps of evaluation for all operations together.
const MAX_STEPS: u64 = 50_000_000;

/// Applies a FHIRPath Patch, a `Parameters` resource, to a resource.
///
/// # Errors
/// [`PatchError`] at the first operation that can't be done, or when the document as a whole is no
/// patch. Every operation must leave `resourceType` and `id` as they are.
pub fn fhirpath_patch(
    resource: &Json,
    parameters: &Json,
    definitions: &'static Definitions,
) -> Result<Json, PatchError> {
    let operations = read(parameters, definitions)?;
    let surroundings = Surroundings { definitions, limits: limits(operations.len()) };
    let mut patched = resource.clone();
    for (number, operation) in operations.iter().enumerate() {
        apply(&mut patched, operation, &surroundings)
            .and_then(|()| check_identity(resource, &patched))
            .map_err(|e| e.at(|| place_in_patch(number)).in_operation(number))?;
    }
    Ok(patched)
}

/// Reads all operations before any is applied: a document that isn't a patch is refused as such.
fn read<'p>(parameters: &'p Json, definitions: &Definitions) -> Result<Vec<Operation<'p>>> {
    if parameters.get("resourceType").and_then(Json::as_str) != Some("Parameters") {
        return Err(PatchError::invalid("a FHIRPath Patch is a Parameters resource"));
    }
    let operations = match parameters.get("parameter") {
        None => &[],
        Some(Json::Array(operations)) => operations.as_slice(),
        Some(_) => return Err(PatchError::invalid("'parameter' is an array")),
    };
    if operations.len() > MAX_OPERATIONS {
        return Err(PatchError::too_large(format!(
            "a FHIRPath Patch has at most {MAX_OPERATIONS} operations"
        )));
    }
    let read = |(number, parameter)| {
        Operation::read(parameter, definitions)
            .map_err(|e: PatchError| e.at(|| place_in_patch(number)).in_operation(number))
    };
    operations.iter().enumerate().map(read).collect()
}

fn apply(
    resource: &mut Json,
    operation: &Operation<'_>,
    surroundings: &Surroundings,
) -> Result<()> {
    let path = &operation.path;
    match &operation.change {
        Change::Add { name, value } => {
            let target = surroundings.one(resource, path)?;
            add(resource, &target, name, value, surroundings.definitions)
        }
        Change::Insert { index, value } => insert(resource, path, *index, value, surroundings),
        Change::Delete => match surroundings.at_most_one(resource, path)? {
            Some(target) => delete(resource, &target),
            None => Ok(()),
        },
        Change::Replace { value } => {
            let target = surroundings.one(resource, path)?;
            replace(resource, &target, value, surroundings.definitions)
        }
        Change::Move { source, destination } => {
            move_item(resource, path, *source, *destination, surroundings)
        }
    }
}

fn limits(operations: usize) -> Limits {
    let limits = Limits::default();
    let share = MAX_STEPS / operations.max(1) as u64;
    Limits { steps: limits.steps.min(share), ..limits }
}

fn place_in_patch(number: usize) -> Option<String> {
    Some(format!("Parameters.parameter[{number}]"))
}
