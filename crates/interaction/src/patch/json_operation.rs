//! The operations of a JSON Patch document (RFC 6902 section 4).

use cresset_fhir::json::{Json, Object};

use super::error::{PatchError, Result};
use super::pointer::Pointer;

/// An operation; its value stays in the document.
#[derive(Debug)]
pub(super) struct JsonOperation<'p> {
    pub(super) path: Pointer,
    pub(super) action: Action<'p>,
}

#[derive(Debug)]
pub(super) enum Action<'p> {
    Add(&'p Json),
    Remove,
    Replace(&'p Json),
    Move { from: Pointer },
    Copy { from: Pointer },
    Test(&'p Json),
}

impl<'p> JsonOperation<'p> {
    pub(super) fn read(json: &'p Json) -> Result<JsonOperation<'p>> {
        let object =
            json.as_object().ok_or_else(|| PatchError::invalid("an operation is an object"))?;
        let action = match text(object, "op")? {
            "add" => Action::Add(value(object)?),
            "remove" => Action::Remove,
            "replace" => Action::Replace(value(object)?),
            "move" => Action::Move { from: pointer(object, "from")? },
            "copy" => Action::Copy { from: pointer(object, "from")? },
            "test" => Action::Test(value(object)?),
            _ => {
                return Err(PatchError::invalid(
                    "'op' is one of add, remove, replace, move, copy and test",
                ));
            }
        };
        let path = pointer(object, "path")?;
        if let Action::Move { from } = &action
            && from.is_above(&path)
        {
            return Err(PatchError::invalid("a value can't be moved into itself"));
        }
        Ok(JsonOperation { path, action })
    }
}

fn text<'p>(object: &'p Object, name: &str) -> Result<&'p str> {
    object
        .get(name)
        .and_then(Json::as_str)
        .ok_or_else(|| PatchError::invalid(format!("the operation needs '{name}', a string")))
}

fn pointer(object: &Object, name: &str) -> Result<Pointer> {
    Pointer::parse(text(object, name)?)
}

fn value(object: &Object) -> Result<&Json> {
    object.get("value").ok_or_else(|| PatchError::invalid("add, replace and test need 'value'"))
}
