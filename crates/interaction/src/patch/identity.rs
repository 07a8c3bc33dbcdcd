//! What no patch may change.

use cresset_fhir::json::Json;

use super::error::{PatchError, Result};

/// Refuses an outcome that would be another resource.
pub(super) fn check_identity(before: &Json, after: &Json) -> Result<()> {
    for name in ["resourceType", "id"] {
        if before.get(name) != after.get(name) {
            return Err(PatchError::conflict(format!(
                "a patch can't change a resource's {name}; create another resource instead"
            ))
            .at(|| identified(before)));
        }
    }
    Ok(())
}

/// `Patient.id`, for a change of the type too: `resourceType` is no element that a path could name.
fn identified(resource: &Json) -> Option<String> {
    let name = resource.get("resourceType")?.as_str()?;
    Some(format!("{name}.id"))
}
