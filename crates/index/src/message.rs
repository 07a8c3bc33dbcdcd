//! What goes over a topic: a version's index keys, in one record or in several.

mod hash;
mod json;
mod read;
mod resource;
mod segment;
mod values;
mod write;

pub use read::{Record, Share, assemble};

use cresset_store::{Announcement, Collection};

/// The version of the format.
const VERSION: u64 = 1;

/// A collection's FHIR version where a message doesn't name it.
const FHIR_VERSION: &str = "4.0.1";

/// An announcement with where it belongs.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// The installation that it comes from and is for.
    pub instance: String,
    /// The collection.
    pub collection: Collection,
    /// The version with its keys.
    pub announcement: Announcement,
}

/// Why a record can't be read. Carries no contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// No JSON.
    #[error("the record is no JSON object: line {0}, column {1}")]
    Json(usize, usize),
    /// Another program's, or a later one's.
    #[error(
        "messageVersion {0} is not known: 1 is; bring the remote index to the server's version"
    )]
    Version(u64),
    /// A field that must be there.
    #[error("the field {0} is missing")]
    Missing(&'static str),
    /// A field that says something else than it should.
    #[error("the field {0} is not {1}")]
    Wrong(&'static str, &'static str),
    /// Values were lost or changed on the way.
    #[error("the values don't agree with parameterHash")]
    Hash,
}
