//! Resource bodies as they are kept: a header, then the compressed text.
//!
//! A body is compressed on the request's thread, before the store has given it a version and a time.
//! So the text is kept without them, with the place where they go: inside `"meta":{`.
//!
//! The header (golden file `tests/golden/payload.txt`):
//!
//! | bytes | what |
//! |---|---|
//! | 1 | form: 1 |
//! | 1 | codec: 0 as it is, 1 zstd |
//! | 1 | dictionary, 0 for none |
//! | 1 | key, 0 for not encrypted |
//! | 1–5 | length of the text, LEB128 |
//! | 1–5 | place of version and time in the text plus one, LEB128; 0 for a body that takes none |
//!
//! Of a body that is kept elsewhere the row holds where, and how to know it: see [`Offloaded`].

mod codec;
mod dictionary;
mod offloaded;
mod varint;

pub use dictionary::newest_dictionary;
pub use offloaded::Offloaded;
pub use varint::{read_varint, write_varint};

use crate::{StoreError, Timestamp, Version};

const FORM: u8 = 1;

/// A resource body in its kept form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload(Vec<u8>);

impl Payload {
    /// Packs a text. `splice` is the place just after `"meta":{` where version and time go.
    pub fn encode(text: &[u8], splice: Option<usize>) -> Self {
        let mut packed = Vec::with_capacity(text.len() / 4 + 16);
        packed.extend_from_slice(&[FORM, 0, 0, 0]);
        write_varint(text.len() as u64, &mut packed);
        write_varint(splice.map_or(0, |at| at as u64 + 1), &mut packed);
        let (codec, dictionary) = codec::compress(text, &mut packed);
        packed[1] = codec;
        packed[2] = dictionary;
        packed.shrink_to_fit();
        Self(packed)
    }

    /// Takes bytes that a store has kept. They are looked at when they are decoded.
    pub fn from_kept(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to keep.
    pub fn as_kept(&self) -> &[u8] {
        &self.0
    }

    /// The text with version and time in its place.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not what [`Payload::encode`] made.
    pub fn body(&self, version: Version, updated: Timestamp) -> Result<Vec<u8>, StoreError> {
        let (header, packed) = self.header()?;
        let Some(at) = header.splice else {
            return codec::decompress(&header, packed, 0, Vec::new());
        };
        let stamp = format!("\"versionId\":\"{version}\",\"lastUpdated\":\"{updated}\"");
        let mut body = codec::decompress(&header, packed, stamp.len() + 1, Vec::new())?;
        let follows = body.get(at).ok_or_else(|| corrupt("the place of its version is outside"))?;
        let comma: &[u8] = if *follows == b'}' { b"" } else { b"," };
        body.splice(at..at, stamp.bytes().chain(comma.iter().copied()));
        Ok(body)
    }

    /// The text as it was packed, without version and time.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not what [`Payload::encode`] made.
    pub fn text(&self) -> Result<Vec<u8>, StoreError> {
        let (header, packed) = self.header()?;
        codec::decompress(&header, packed, 0, Vec::new())
    }

    /// The length of the text in bytes, wherever it is kept.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not what [`Payload::encode`] made.
    pub fn text_length(&self) -> Result<usize, StoreError> {
        match self.offloaded()? {
            Some(elsewhere) => Ok(elsewhere.length),
            None => Ok(self.header()?.0.length),
        }
    }

    /// Whether the bytes are what was kept. A body that is kept elsewhere isn't looked at.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when they are not.
    pub fn check(&self) -> Result<(), StoreError> {
        match self.offloaded()? {
            Some(_) => Ok(()),
            None => self.text().map(drop),
        }
    }

    fn header(&self) -> Result<(Header, &[u8]), StoreError> {
        if self.offloaded()?.is_some() {
            return Err(corrupt(
                "it is kept elsewhere, and this was opened without payload offload",
            ));
        }
        let [FORM, codec, dictionary, 0, rest @ ..] = self.0.as_slice() else {
            return Err(corrupt("its header is unknown"));
        };
        let (length, rest) = read_varint(rest).ok_or_else(|| corrupt("its header is cut off"))?;
        let (splice, packed) = read_varint(rest).ok_or_else(|| corrupt("its header is cut off"))?;
        let header = Header {
            codec: *codec,
            dictionary: *dictionary,
            length: usize::try_from(length).map_err(|_| corrupt("its length is absurd"))?,
            splice: splice.checked_sub(1).and_then(|at| usize::try_from(at).ok()),
        };
        Ok((header, packed))
    }
}

struct Header {
    codec: u8,
    dictionary: u8,
    length: usize,
    splice: Option<usize>,
}

fn corrupt(problem: &str) -> StoreError {
    StoreError::Corrupt(format!("a payload can't be decoded: {problem}"))
}
