//! What a patch may cost, so that a short one can't exhaust memory, time or stack.

use cresset_fhir::json::{Json, Limits};

use super::error::{PatchError, Result};

/// Operations in one patch.
pub(super) const MAX_OPERATIONS: usize = 10_000;

/// Bytes copied, items shifted and properties looked at by one patch.
const MAX_WORK: usize = 64 << 20;

/// The work that a patch may still do. Copies count, since each can double the resource; what the
/// patch itself brings was already bounded when it was read.
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: MAX_WORK }
    }

    pub(super) fn charge(&mut self, work: usize) -> Result<()> {
        self.left = self.left.checked_sub(work).ok_or_else(|| {
            PatchError::too_large(
                "the patch copies or moves too much; split it, or send the whole resource (PUT)",
            )
        })?;
        Ok(())
    }

    pub(super) fn charge_copy(&mut self, value: &Json) -> Result<()> {
        self.charge(bytes(value))
    }
}

/// Refuses a value that would stand deeper than a document may be nested: what reads, writes and
/// drops resources goes down by recursion.
pub(super) fn check_depth(place_depth: usize, value: &Json) -> Result<()> {
    let limit = Limits::default().depth;
    if place_depth.saturating_add(levels(value)) > limit {
        return Err(PatchError::too_large(format!(
            "the resource would be nested more than {limit} deep"
        )));
    }
    Ok(())
}

/// About the memory that a copy takes.
fn bytes(value: &Json) -> usize {
    let own = size_of::<Json>();
    own + match value {
        Json::Array(items) => items.iter().map(bytes).sum(),
        Json::Object(object) => {
            object.iter().map(|(name, value)| size_of::<Json>() + name.len() + bytes(value)).sum()
        }
        Json::String(text) => text.len(),
        Json::Number(number) => number.as_str().len(),
        Json::Null | Json::Bool(_) => 0,
    }
}

/// Arrays and objects inside one another.
fn levels(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Json::Object(object) => 1 + object.iter().map(|(_, v)| levels(v)).max().unwrap_or(0),
        _ => 0,
    }
}
