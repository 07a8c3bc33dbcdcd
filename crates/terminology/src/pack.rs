//! R4's own code systems and value sets: a pack, made by the `definitions-pack` tool and embedded.
//!
//! A pack is JSON under zstd, read when it is first needed: `format`, `fhirVersion`, and
//! the resources with what an expansion looks at. `format` rises when a reader of the old form
//! would misread the new one.

use crate::library::Library;
use crate::{CodeSystem, Problem, ValueSet};
use cresset_fhir::json::{Json, Limits, ParseError, parse};
use std::sync::{Arc, LazyLock};

/// The form that this code reads.
pub const FORMAT: i64 = 1;

/// Bytes of an unpacked pack at most.
const LARGEST: usize = 32 << 20;

static R4: LazyLock<Library> = LazyLock::new(|| {
    let library = pack(include_bytes!("../pack/r4.json.zst"));
    library.expect("the embedded pack was checked when it was made")
});

/// The code systems and value sets of FHIR R4 (4.0.1) that HL7 defines.
pub fn r4() -> &'static Library {
    &R4
}

/// Why a pack can't be read.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// Not zstd.
    #[error("the terminology pack can't be decompressed: {0}")]
    Compression(#[from] std::io::Error),
    /// Not JSON.
    #[error("the terminology pack can't be read: {0}")]
    Json(#[from] ParseError),
    /// A pack of another time.
    #[error("the terminology pack isn't of form {FORMAT}: make it again")]
    Format,
    /// A resource that makes no sense.
    #[error("the terminology pack has a resource that can't be used: {0}")]
    Resource(#[from] Problem),
}

/// Reads a compressed pack.
///
/// # Errors
/// When `bytes` isn't a pack of this [`FORMAT`].
pub fn pack(bytes: &[u8]) -> Result<Library, PackError> {
    let text = zstd::decode_all(bytes)?;
    let json = parse(&text, &Limits { bytes: LARGEST, ..Limits::default() })?;
    if json.get("format").and_then(Json::as_number).and_then(|n| n.as_i64()) != Some(FORMAT) {
        return Err(PackError::Format);
    }
    let mut library = Library::empty();
    for resource in json.get("codeSystems").map_or(&[][..], Json::items) {
        library.add_code_system(Arc::new(CodeSystem::read(resource)?));
    }
    for resource in json.get("valueSets").map_or(&[][..], Json::items) {
        library.add_value_set(Arc::new(ValueSet::read(resource)));
    }
    Ok(library)
}

/// Compresses a pack.
///
/// # Errors
/// When compression fails.
pub fn compress(pack: &[u8]) -> Result<Vec<u8>, PackError> {
    Ok(zstd::encode_all(pack, 19)?)
}
