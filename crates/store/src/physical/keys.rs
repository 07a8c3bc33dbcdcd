//! The index keys that a resource's row keeps: what was written for it, so that an update writes the
//! difference, and a deletion needs no guess.

use crate::payload::{read_varint, write_varint};

/// A key as the index holds it.
pub type PhysicalKey = (u32, Vec<u8>);

/// Packs keys: for each, the parameter's distance from the one before, the value's length, the value.
/// `keys` must be sorted.
pub fn encode(keys: &[PhysicalKey]) -> Vec<u8> {
    let mut out = Vec::with_capacity(keys.iter().map(|(_, v)| v.len() + 2).sum());
    let mut before = 0;
    for (parameter, value) in keys {
        write_varint(u64::from(parameter - before), &mut out);
        write_varint(value.len() as u64, &mut out);
        out.extend_from_slice(value);
        before = *parameter;
    }
    out
}

/// Reads what [`encode`] made, borrowed; stops at damage with `None`.
pub fn decode(mut bytes: &[u8]) -> Option<Vec<(u32, &[u8])>> {
    let mut keys = Vec::new();
    let mut parameter = 0;
    while !bytes.is_empty() {
        let (distance, rest) = read_varint(bytes)?;
        let (length, rest) = read_varint(rest)?;
        let length = usize::try_from(length).ok()?;
        parameter += u32::try_from(distance).ok()?;
        keys.push((parameter, rest.get(..length)?));
        bytes = &rest[length..];
    }
    Some(keys)
}
