#![doc = include_str!("../README.md")]

mod canonical;
mod code_system;
mod expand;
mod library;
mod needs;
mod pack;
mod problem;
mod regex;
mod subsumption;
mod validate_code;
mod value_set;
mod version;
mod work;

pub use canonical::Canonical;
pub use code_system::{CodeSystem, Concept, Content, Designation};
pub use expand::{Entry, Expansion, Used, expand};
pub use library::{Library, Lookup};
pub use needs::{Need, needs};
pub use pack::{FORMAT, PackError, compress, pack, r4};
pub use problem::Problem;
pub use subsumption::{Subsumption, above, below, subsumes};
pub use validate_code::{Asked, Validation, validate_in_code_system, validate_in_value_set};
pub use value_set::ValueSet;
pub use version::compare_versions;
