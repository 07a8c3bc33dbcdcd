//! Index values as bytes, for stores that keep them so: segments laid one after another so that bytes
//! compare as segments do, with numbers for terms and resources.

pub mod keys;

use crate::{Key, Segment, StoreError};

/// The numbers that stand for terms and resources.
pub trait Numbers {
    /// The number of a term; `None` when it has none here.
    ///
    /// # Errors
    /// What keeps the number from being looked up.
    fn term(&mut self, text: &str) -> Result<Option<u64>, StoreError>;
    /// The surrogate of a resource; `None` when it has none here.
    ///
    /// # Errors
    /// What keeps the surrogate from being looked up.
    fn resource(&mut self, key: &Key) -> Result<Option<u64>, StoreError>;
}

/// Appends a number so that longer bytes are larger numbers: below 0xF0 itself, else a count of bytes
/// and the bytes, highest first.
pub fn write_number(number: u64, out: &mut Vec<u8>) {
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
pub fn read_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
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
///
/// # Errors
/// What `numbers` says.
pub fn write_segment(
    segment: &Segment,
    numbers: &mut impl Numbers,
    out: &mut Vec<u8>,
) -> Result<bool, StoreError> {
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
///
/// # Errors
/// What `numbers` says.
pub fn write_value(
    value: &[Segment],
    numbers: &mut impl Numbers,
    out: &mut Vec<u8>,
) -> Result<bool, StoreError> {
    for segment in value {
        if !write_segment(segment, numbers, out)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The smallest bytes above everything that starts with `prefix`; `None` when there are none.
pub fn after(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|b| *b != 0xff)?;
    let mut bytes = prefix[..=last].to_vec();
    bytes[last] += 1;
    Some(bytes)
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
}
