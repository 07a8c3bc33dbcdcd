//! Keyset positions: a page starts after the sort values and the arrival of the last resource, so
//! inserts and deletions elsewhere neither repeat nor lose one.

use crate::payload::{read_varint, write_varint};
use crate::{Position, Sort, StoreError};
use std::cmp::Ordering;

/// Where a resource stands in a sorted listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its value for each sort key; `None` where it has none.
    pub values: Vec<Option<Vec<u8>>>,
    /// Its order of arrival, which decides among equals.
    pub arrival: u64,
}

impl Place {
    /// The order of two places under `sort`.
    pub fn order(&self, other: &Self, sort: &[Sort]) -> Ordering {
        for (key, (a, b)) in sort.iter().zip(self.values.iter().zip(&other.values)) {
            // Without a value last, whichever way.
            let order = match (a, b) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) if key.descending => b.cmp(a),
                (Some(a), Some(b)) => a.cmp(b),
            };
            if order.is_ne() {
                return order;
            }
        }
        self.arrival.cmp(&other.arrival)
    }

    /// The place as bytes for a page link.
    pub fn encode(&self) -> Position {
        let mut bytes = Vec::new();
        write_varint(self.arrival, &mut bytes);
        for value in &self.values {
            write_varint(value.as_ref().map_or(0, |v| v.len() as u64 + 1), &mut bytes);
            bytes.extend_from_slice(value.as_deref().unwrap_or_default());
        }
        Position(bytes)
    }

    /// Reads a place with `values` sort values.
    ///
    /// # Errors
    /// [`StoreError::Position`] for bytes that [`Place::encode`] didn't make.
    pub fn decode(position: &Position, values: usize) -> Result<Self, StoreError> {
        let (arrival, mut rest) = read_varint(&position.0).ok_or(StoreError::Position)?;
        let mut place = Self { values: Vec::new(), arrival };
        for _ in 0..values {
            let (length, after) = read_varint(rest).ok_or(StoreError::Position)?;
            let length = usize::try_from(length).map_err(|_| StoreError::Position)?;
            let value = match length.checked_sub(1) {
                None => None,
                Some(length) => Some(after.get(..length).ok_or(StoreError::Position)?.to_vec()),
            };
            rest = &after[value.as_ref().map_or(0, Vec::len)..];
            place.values.push(value);
        }
        if rest.is_empty() { Ok(place) } else { Err(StoreError::Position) }
    }
}
