//! What a search may ask for: each bound keeps the time that it takes to compile and to answer in
//! proportion to what the client sent.

use super::criterion::{Criteria, Failure, Outcome};
use cresset_store::Filter;

/// How many values all parameters of a search may have together.
const MOST_VALUES: usize = 2_000;
/// How many ways through references to types a search may take: an untyped link has many.
const MOST_WAYS: usize = 10_000;
/// How many ranges a search may come down to: an id without its type is one for each type.
const MOST_RANGES: usize = 50_000;
/// How many bytes of values a search may have, counted for each type that is asked.
const MOST_BYTES: usize = 2 << 20;

/// How much the criteria of a search have asked for so far.
#[derive(Debug, Default)]
pub(super) struct Amount {
    pub(super) values: usize,
    pub(super) ways: usize,
    pub(super) ranges: usize,
    pub(super) bytes: usize,
}

impl Criteria<'_> {
    /// Counts values against the bound.
    pub(super) fn count_values(&mut self, count: usize) -> Outcome<()> {
        self.amount.values += count;
        if self.amount.values > MOST_VALUES {
            let reason = format!("a search may have {MOST_VALUES} values");
            return Err(Failure::TooMuch(reason));
        }
        Ok(())
    }

    /// Counts one more way through references against the bound.
    pub(super) fn count_way(&mut self) -> Outcome<()> {
        self.amount.ways += 1;
        if self.amount.ways > MOST_WAYS {
            let reason = "leads to too many types: name them, as in subject:Patient".to_owned();
            return Err(Failure::TooMuch(reason));
        }
        Ok(())
    }

    /// Counts the bytes of a value, for one more type.
    pub(super) fn count_bytes(&mut self, value: &str) -> Outcome<()> {
        self.amount.bytes += value.len();
        if self.amount.bytes > MOST_BYTES {
            let reason = "has values that are too long for so many types".to_owned();
            return Err(Failure::TooMuch(reason));
        }
        Ok(())
    }

    /// Counts the ranges that a value comes down to.
    pub(super) fn count_ranges(&mut self, filter: &Filter) -> Outcome<()> {
        self.amount.ranges += match filter {
            Filter::Or(ranges) => ranges.len(),
            Filter::Keys(keys) => keys.len(),
            _ => 1,
        };
        if self.amount.ranges > MOST_RANGES {
            let reason = "asks for too much: name types with ids, or fewer values".to_owned();
            return Err(Failure::TooMuch(reason));
        }
        Ok(())
    }
}
