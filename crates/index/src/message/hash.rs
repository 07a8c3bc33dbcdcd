//! What tells whether all values came through.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cresset_store::{IndexKey, IndexKeys, Segment};
use sha2::{Digest, Sha256};

/// The first 16 bytes, in base64, of the SHA-256 of all keys in their order, each:
///
/// - the name of its parameter: the length in bytes, then these;
/// - how many segments its value has, and for each a byte (0 text, 1 ordered, 2 term, 3 resource), the
///   number of the type in two bytes if it is a resource, and its contents (of a resource the id): the
///   length in bytes, then these.
///
/// Lengths and counts have four bytes; numbers begin with their highest byte.
#[derive(Debug, Default)]
pub(super) struct Hash(Sha256);

impl Hash {
    pub(super) fn of(keys: &IndexKeys) -> String {
        let mut hash = Self::default();
        keys.iter().for_each(|key| hash.add(&key));
        hash.finish()
    }

    pub(super) fn add(&mut self, key: &IndexKey) {
        let hash = &mut self.0;
        bytes(hash, key.parameter.name().as_bytes());
        count(hash, key.value.len());
        for segment in &key.value {
            match segment {
                Segment::Text(text) => with_kind(hash, &[0], text.as_bytes()),
                Segment::Ordered(ordered) => with_kind(hash, &[1], ordered),
                Segment::Term(text) => with_kind(hash, &[2], text.as_bytes()),
                Segment::Resource(key) => {
                    let [high, low] = key.resource_type.0.to_be_bytes();
                    with_kind(hash, &[3, high, low], key.id.as_str().as_bytes());
                }
            }
        }
    }

    pub(super) fn finish(self) -> String {
        STANDARD.encode(&self.0.finalize()[..16])
    }
}

fn with_kind(hash: &mut Sha256, kind: &[u8], contents: &[u8]) {
    hash.update(kind);
    bytes(hash, contents);
}

fn bytes(hash: &mut Sha256, bytes: &[u8]) {
    count(hash, bytes.len());
    hash.update(bytes);
}

/// No text has 4 GB: a request has a bound far below.
fn count(hash: &mut Sha256, count: usize) {
    hash.update(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}
