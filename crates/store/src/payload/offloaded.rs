use super::{Payload, corrupt, read_varint, write_varint};
use crate::{StoreError, Version};
use sha2::{Digest, Sha256};

const FORM: u8 = 2;
/// Bytes of key and digest.
const LENGTH: usize = 16;

/// What a row holds of a body that is kept elsewhere. Kept as (golden file
/// `tests/golden/offloaded.txt`): form 2, key, digest, and as LEB128 version, length of the text, place of
/// the version in it plus one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offloaded {
    /// The key of its name: a UUID, made for one attempt to write it.
    pub key: [u8; LENGTH],
    /// The version that it is there as.
    pub version: Version,
    /// Bytes of its text, without version and time.
    pub length: usize,
    /// The first half of the SHA-256 of the body as it is there.
    digest: [u8; LENGTH],
    splice: Option<usize>,
}

impl Payload {
    /// Where the body is kept; `None` when it is here.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not what [`Payload::offload`] made.
    pub fn offloaded(&self) -> Result<Option<Offloaded>, StoreError> {
        match self.as_kept() {
            [FORM, rest @ ..] => {
                Offloaded::decode(rest).map(Some).ok_or_else(|| corrupt("its place is cut off"))
            }
            _ => Ok(None),
        }
    }

    /// The body as it is kept elsewhere, and what the row holds instead: the text with its version. The
    /// time, which a version gets in its commit, is the row's.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when the bytes are not what [`Payload::encode`] made.
    pub fn offload(
        &self,
        version: Version,
        key: [u8; LENGTH],
    ) -> Result<(Vec<u8>, Self), StoreError> {
        let (header, _) = self.header()?;
        let mut body = self.text()?;
        if let Some(at) = header.splice {
            let stamp = stamp(version, body.get(at).copied())?;
            body.splice(at..at, stamp);
        }
        let digest = digest(&body);
        let elsewhere =
            Offloaded { key, version, length: header.length, digest, splice: header.splice };
        Ok((body, Self(elsewhere.encode())))
    }
}

impl Offloaded {
    /// The payload again, from the body as it is kept.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] when it isn't the body that was put there.
    pub fn restore(&self, mut body: Vec<u8>) -> Result<Payload, StoreError> {
        if digest(&body) != self.digest {
            return Err(corrupt("what is kept elsewhere is not what was put there"));
        }
        if let Some(at) = self.splice {
            let spare = body.len().checked_sub(self.length).ok_or_else(misplaced)?;
            let end = at.checked_add(spare).filter(|end| *end <= body.len());
            body.drain(at..end.ok_or_else(misplaced)?);
        }
        Ok(Payload::encode(&body, self.splice))
    }

    fn encode(&self) -> Vec<u8> {
        let mut kept = Vec::with_capacity(1 + 2 * LENGTH + 8);
        kept.push(FORM);
        kept.extend_from_slice(&self.key);
        kept.extend_from_slice(&self.digest);
        write_varint(self.version.number(), &mut kept);
        write_varint(self.length as u64, &mut kept);
        write_varint(self.splice.map_or(0, |at| at as u64 + 1), &mut kept);
        kept
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (key, rest) = bytes.split_first_chunk()?;
        let (digest, rest) = rest.split_first_chunk()?;
        let (version, rest) = read_varint(rest)?;
        let (length, rest) = read_varint(rest)?;
        let (splice, rest) = read_varint(rest)?;
        let splice = splice.checked_sub(1).map(usize::try_from).transpose().ok()?;
        rest.is_empty().then_some(Self {
            key: *key,
            version: Version::new(version)?,
            length: usize::try_from(length).ok()?,
            digest: *digest,
            splice,
        })
    }
}

fn stamp(version: Version, follows: Option<u8>) -> Result<Vec<u8>, StoreError> {
    let comma = match follows.ok_or_else(misplaced)? {
        b'}' => "",
        _ => ",",
    };
    Ok(format!("\"versionId\":\"{version}\"{comma}").into_bytes())
}

fn digest(body: &[u8]) -> [u8; LENGTH] {
    let mut half = [0; LENGTH];
    half.copy_from_slice(&Sha256::digest(body)[..LENGTH]);
    half
}

fn misplaced() -> StoreError {
    corrupt("the place of its version is outside")
}
