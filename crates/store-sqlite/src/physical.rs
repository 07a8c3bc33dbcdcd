//! Index values as bytes: segments laid one after another so that bytes compare as segments do.

use cresset_store::{Key, ResourceId, Segment};

/// The numbers that stand for terms and resources.
pub(crate) trait Numbers {
    /// The number of a term.
    fn term(&mut self, text: &str) -> crate::error::Outcome<Option<u64>>;
    /// The surrogate of a resource.
    fn resource(&mut self, key: &Key) -> crate::error::Outcome<Option<u64>>;
}

/// Appends a number so that longer bytes are larger numbers: below 0xF0 itself, else a count of bytes
/// and the bytes, highest first.
pub(crate) fn write_number(number: u64, out: &mut Vec<u8>) {
    if number < 0xf0 {
        out.push(number as u8);
        return;
    }
    let bytes = number.to_be_bytes();
    let skip = (number.leading_zeros() / 8) as usize;
    out.push(0xf0 + (7 - skip) as u8);
    out.extend_from_slice(&bytes[skip..]);
}

/// Reads what [`write_number`] wrote; returns what follows.
pub(crate) fn read_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if *first < 0xf0 {
        return Some((u64::from(*first), rest));
    }
    let length = usize::from(first - 0xf0) + 1;
    let digits = rest.get(..length).filter(|_| length <= 8)?;
    let number = digits.iter().fold(0, |n, b| n << 8 | u64::from(*b));
    Some((number, &rest[length..]))
}

/// Appends one segment. False when it stands for something that has no number here.
pub(crate) fn write_segment(
    segment: &Segment,
    numbers: &mut impl Numbers,
    out: &mut Vec<u8>,
) -> crate::error::Outcome<bool> {
    let number = match segment {
        Segment::Text(text) => {
            // NUL ends a text. It can't occur in FHIR's strings; were it there, it would only widen.
            out.extend(text.bytes().map(|b| b.max(1)));
            out.push(0);
            return Ok(true);
        }
        Segment::Ordered(bytes) => {
            out.extend_from_slice(bytes);
            return Ok(true);
        }
        Segment::Term(text) => numbers.term(text)?,
        Segment::Resource(key) => numbers.resource(key)?,
    };
    if let Some(number) = number {
        write_number(number, out);
    }
    Ok(number.is_some())
}

/// Appends the segments of a value. False when one has no number here.
pub(crate) fn write_value(
    value: &[Segment],
    numbers: &mut impl Numbers,
    out: &mut Vec<u8>,
) -> crate::error::Outcome<bool> {
    for segment in value {
        if !write_segment(segment, numbers, out)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The smallest bytes above everything that starts with `prefix`; `None` when there are none.
pub(crate) fn after(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|b| *b != 0xff)?;
    let mut bytes = prefix[..=last].to_vec();
    bytes[last] += 1;
    Some(bytes)
}

/// An id as a column value: 16 bytes for a lower-case UUID, else its text.
pub(crate) fn id_value(id: &ResourceId) -> rusqlite::types::Value {
    match uuid_bytes(id.as_str()) {
        Some(bytes) => rusqlite::types::Value::Blob(bytes.to_vec()),
        None => rusqlite::types::Value::Text(id.as_str().to_owned()),
    }
}

/// Reads what [`id_value`] made.
pub(crate) fn read_id(value: rusqlite::types::ValueRef<'_>) -> Option<ResourceId> {
    match value {
        rusqlite::types::ValueRef::Text(text) => {
            ResourceId::new(std::str::from_utf8(text).ok()?).ok()
        }
        rusqlite::types::ValueRef::Blob(bytes) => {
            ResourceId::new(&uuid_text(bytes.try_into().ok()?)).ok()
        }
        _ => None,
    }
}

fn uuid_bytes(text: &str) -> Option<[u8; 16]> {
    let text = text.as_bytes();
    if text.len() != 36 {
        return None;
    }
    let mut bytes = [0; 16];
    let mut nibbles = 0;
    for (at, character) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if *character != b'-' {
                return None;
            }
            continue;
        }
        let nibble = match character {
            b'0'..=b'9' => character - b'0',
            b'a'..=b'f' => character - b'a' + 10,
            _ => return None,
        };
        bytes[nibbles / 2] |= nibble << (4 * (1 - nibbles % 2));
        nibbles += 1;
    }
    Some(bytes)
}

fn uuid_text(bytes: [u8; 16]) -> String {
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for nibble in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(nibble), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_order_as_bytes() {
        let numbers = [0, 1, 0xef, 0xf0, 0xff, 0x100, 0xffff, 0x1_0000, u64::MAX >> 1, u64::MAX];
        let bytes = numbers.map(|n| {
            let mut out = Vec::new();
            write_number(n, &mut out);
            assert_eq!(read_number(&out), Some((n, &[][..])));
            out
        });
        assert!(bytes.is_sorted());
    }

    #[test]
    fn lower_case_uuids_take_sixteen_bytes_and_other_ids_stay_text() {
        let uuid = "082fd114-0415-4ce4-8293-0caebb0fe9de";
        assert_eq!(uuid_text(uuid_bytes(uuid).unwrap()), uuid);
        assert!(uuid_bytes(&uuid.to_uppercase()).is_none());
        assert!(uuid_bytes("082fd11-40415-4ce4-8293-0caebb0fe9de").is_none());
    }
}
