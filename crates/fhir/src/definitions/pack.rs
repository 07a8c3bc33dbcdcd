//! The pack's own form: what the tool writes and the loader reads.
//!
//! JSON under zstd: small (HL7's 60 MB become some 100 KB), diffable once unpacked, and read in
//! milliseconds. `format` rises when a reader of the old form would misread the new one.

use serde::{Deserialize, Serialize};

/// The form that this code reads and writes.
pub const FORMAT: u32 = 1;

/// All definitions of one FHIR version.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pack {
    /// [`FORMAT`] at the time of writing.
    pub format: u32,
    /// `4.0.1`.
    pub fhir_version: String,
    /// Structures: datatypes, resources and the backbones inside them.
    pub types: Vec<PackType>,
    /// Search parameters.
    pub search_parameters: Vec<PackSearchParameter>,
    /// Compartments.
    pub compartments: Vec<PackCompartment>,
    /// Value sets of required bindings.
    pub value_sets: Vec<PackValueSet>,
}

/// A structure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackType {
    /// `Observation`, `HumanName`, `string`, `Observation.component`.
    pub name: String,
    /// What it is.
    pub kind: PackKind,
    /// The type that it specializes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Without instances of its own.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_abstract: bool,
    /// Its elements in order, inherited ones included.
    pub elements: Vec<PackElement>,
}

/// What a structure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackKind {
    /// A resource.
    Resource,
    /// A datatype with elements.
    Complex,
    /// A datatype with a value.
    Primitive,
    /// A group of elements inside a structure.
    Backbone,
}

/// An element of a structure.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackElement {
    /// Its name, without `[x]`.
    pub name: String,
    /// Whether the name goes on with the type's.
    #[serde(default, skip_serializing_if = "is_false")]
    pub choice: bool,
    /// Names of its types.
    pub types: Vec<String>,
    /// Least occurrences.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub min: u32,
    /// Most occurrences; absent for no bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Whether the structure's base definition lets it repeat: then it is an array in JSON.
    #[serde(default, skip_serializing_if = "is_false")]
    pub array: bool,
    /// Resource types that a reference may point at; empty for any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<String>,
    /// The required value set's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<String>,
    /// Part of `_summary=true`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub summary: bool,
    /// Whether a receiver that doesn't know it must not process the resource.
    #[serde(default, skip_serializing_if = "is_false")]
    pub modifier: bool,
}

/// A search parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackSearchParameter {
    /// The name in a URL.
    pub code: String,
    /// Its canonical URL.
    pub url: String,
    /// The types that it applies to.
    pub base: Vec<String>,
    /// `number`, `date`, `string`, `token`, `reference`, `composite`, `quantity`, `uri`, `special`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The FHIRPath expression; special ones have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// Types that a reference parameter may point at.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<String>,
    /// Parts of a composite.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub component: Vec<PackComponent>,
}

/// A part of a composite search parameter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackComponent {
    /// The canonical URL of the parameter that gives the part's type.
    pub definition: String,
    /// The FHIRPath expression, from the composite's own focus.
    pub expression: String,
}

/// A compartment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackCompartment {
    /// The resource type at its centre.
    pub code: String,
    /// Member types and the search parameters that link them.
    pub resource: Vec<PackMember>,
}

/// A type in a compartment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackMember {
    /// The member's type.
    pub code: String,
    /// Names of its search parameters; `{def}` is the resource itself.
    pub param: Vec<String>,
}

/// A value set, expanded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackValueSet {
    /// Its canonical URL.
    pub url: String,
    /// Codes by system. Empty when HL7's files don't enumerate it (media types, currencies).
    pub systems: Vec<PackCodes>,
}

/// The codes of one system in a value set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PackCodes {
    /// The code system's URL.
    pub system: String,
    /// The codes.
    pub codes: Vec<String>,
}

/// Why a pack can't be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not zstd.
    #[error("the definitions pack can't be decompressed: {0}")]
    Compression(#[from] std::io::Error),
    /// Not a pack.
    #[error("the definitions pack can't be read: {0}")]
    Form(#[from] serde_json::Error),
    /// A pack of another time.
    #[error("the definitions pack has form {0}, this program reads {FORMAT}: make it again")]
    Format(u32),
}

impl Pack {
    /// Reads a compressed pack.
    ///
    /// # Errors
    /// When `bytes` isn't a pack of this [`FORMAT`].
    pub fn decode(bytes: &[u8]) -> Result<Self, PackError> {
        let pack: Self = serde_json::from_slice(&zstd::decode_all(bytes)?)?;
        if pack.format != FORMAT {
            return Err(PackError::Format(pack.format));
        }
        Ok(pack)
    }

    /// The compressed pack; the same definitions give the same bytes.
    ///
    /// # Errors
    /// When compression fails.
    pub fn encode(&self) -> Result<Vec<u8>, PackError> {
        Ok(zstd::encode_all(serde_json::to_vec(self)?.as_slice(), 19)?)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_zero(value: &u32) -> bool {
    *value == 0
}
