//! Resources and their types, by name.

use super::MessageError;
use cresset_fhir::definitions::Definitions;
use cresset_store::{Key, ResourceId, TypeNumber};

/// `Patient`; a type without a name is written as its number.
pub(super) fn type_name(number: TypeNumber) -> String {
    let definitions = Definitions::r4();
    let named = definitions.resource_type_numbered(number.0);
    let name = named.map(|of| definitions.resource_type_name(of));
    // An abstract type isn't found by its name.
    let found = name.filter(|name| definitions.resource_type(name).is_some());
    found.map_or_else(|| number.0.to_string(), str::to_owned)
}

pub(super) fn type_number(name: &str, field: &'static str) -> Result<TypeNumber, MessageError> {
    let named = Definitions::r4().resource_type(name).map(|of| of.number());
    let number = named.or_else(|| name.parse().ok());
    number.map(TypeNumber).ok_or(MessageError::Wrong(field, "a resource type of R4"))
}

/// `Patient/123`.
pub(super) fn write(key: &Key) -> String {
    format!("{}/{}", type_name(key.resource_type), key.id)
}

pub(super) fn read(text: &str, field: &'static str) -> Result<Key, MessageError> {
    let wrong = MessageError::Wrong(field, "a type and an id");
    let Some((of, id)) = text.split_once('/') else { return Err(wrong) };
    let id = ResourceId::new(id).map_err(|_| wrong)?;
    Ok(Key::new(type_number(of, field)?, id))
}
