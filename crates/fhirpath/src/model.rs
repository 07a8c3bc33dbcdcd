//! Walking resources with their types: members by name and all children.

mod children;
mod member;
mod reference;
mod values;

pub(crate) use children::children;
pub(crate) use member::members;
pub use reference::reference_type;

use cresset_fhir::definitions::{Definitions, TypeId};

/// Whether this is the type's own name or that of a type it specializes.
pub(crate) fn is_named(definitions: &Definitions, type_id: TypeId, name: &str) -> bool {
    let mut at = Some(type_id);
    while let Some(id) = at {
        let definition = &definitions[id];
        if definition.name == name {
            return true;
        }
        at = definition.base;
    }
    false
}
