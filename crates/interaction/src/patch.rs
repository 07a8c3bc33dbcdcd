//! PATCH: changing a resource by a list of operations (R4 "RESTful API", patch), as JSON Patch
//! (RFC 6902) or as FHIRPath Patch (R4 "FHIRPath Patch").
//!
//! Both take the resource as it is and give the changed one: all operations apply in order, or
//! none does. The outcome is not validated here; what they refuse by themselves is what would make
//! another resource of it (`resourceType` and `id` stay), what the operation can't mean, and
//! patches that are made to exhaust the server.

mod budget;
mod change;
mod element;
mod entries;
mod equality;
mod error;
mod fhirpath_patch;
mod identity;
mod json_operation;
mod json_patch;
mod list;
mod operation;
mod place;
mod pointer;
mod target;
mod value;

pub use error::{PatchError, PatchErrorKind};
pub use fhirpath_patch::fhirpath_patch;
pub use json_patch::json_patch;
