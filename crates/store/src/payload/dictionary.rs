//! Compression dictionaries: numbered, only ever appended, trained on the sample population alone –
//! one trained on live data would itself be patient data.

use std::sync::LazyLock;
use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

/// Level 3: what ingestion can afford on two cores.
const LEVEL: i32 = 3;

/// Dictionary `n` is at `n - 1`. Never change one, never take one out.
const DICTIONARIES: [&[u8]; 1] = [include_bytes!("../../dictionaries/1.zdict")];

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(DICTIONARIES[DICTIONARIES.len() - 1], LEVEL));

static DECODERS: LazyLock<Vec<DecoderDictionary<'static>>> =
    LazyLock::new(|| DICTIONARIES.iter().map(|d| DecoderDictionary::copy(d)).collect());

/// The number of the dictionary that new payloads use, and its bytes.
pub fn newest_dictionary() -> (u8, &'static [u8]) {
    (newest(), DICTIONARIES[DICTIONARIES.len() - 1])
}

pub(super) fn newest() -> u8 {
    DICTIONARIES.len() as u8
}

pub(super) fn compressor(_number: u8) -> std::io::Result<Compressor<'static>> {
    let mut compressor = Compressor::with_prepared_dictionary(&ENCODER)?;
    // The header says all of this; without it a body is some ten bytes shorter.
    compressor.include_contentsize(false)?;
    compressor.include_checksum(false)?;
    compressor.include_dictid(false)?;
    Ok(compressor)
}

pub(super) fn decompressor(number: u8) -> Option<Decompressor<'static>> {
    let decompressor = match usize::from(number).checked_sub(1) {
        None => Decompressor::new().ok()?,
        Some(index) => Decompressor::with_prepared_dictionary(DECODERS.get(index)?).ok()?,
    };
    Some(decompressor)
}
