//! Ranges of index values.

use super::needed::Vocabulary;
use crate::error::Outcome;
use crate::tables::INDEXED;
use crate::write::index_prefix;
use cresset_store::physical::{after, write_number, write_segment};
use cresset_store::{Pattern, Scan};

/// Values from `low` up to, but without, `high`; `at` bytes of them are the scan's prefix.
#[derive(Clone, Debug)]
pub(super) struct Range {
    pub(super) low: Vec<u8>,
    pub(super) high: Option<Vec<u8>>,
    pub(super) at: i32,
}

impl Range {
    /// The range among the values of one index, as the table `value` has them.
    pub(super) fn under(self, p: i32) -> Self {
        let prefix = index_prefix(p);
        let below = |bytes: Vec<u8>| [prefix.as_slice(), &bytes].concat();
        let high = self.high.map(below).or_else(|| after(&prefix));
        let at = self.at.saturating_add(i32::try_from(prefix.len()).unwrap_or(0));
        Self { low: below(self.low), high, at }
    }

    /// Its bounds, as far as the index has them.
    pub(super) fn indexed_bounds(&self) -> (Vec<u8>, Vec<u8>) {
        (indexed(&self.low), indexed(self.high.as_deref().unwrap_or_default()))
    }

    /// Whether a bound goes on beyond what the index has of a value.
    pub(super) fn is_long(&self) -> bool {
        self.low.len() > INDEXED || self.high.as_ref().is_some_and(|high| high.len() > INDEXED)
    }

    /// Whether every value is in it.
    pub(super) fn is_whole(&self) -> bool {
        self.low.is_empty() && self.high.is_none()
    }
}

/// The part of a bound that the index can be asked for.
pub(super) fn indexed(bound: &[u8]) -> Vec<u8> {
    bound[..bound.len().min(INDEXED)].to_vec()
}

/// The ranges that a scan with these patterns stands for: one, or one for each term that a pattern
/// lets through. Empty when something in it was never written.
pub(super) fn ranges(
    vocabulary: &Vocabulary,
    patterns: &[Pattern],
    scan: &Scan,
) -> Outcome<Vec<Range>> {
    let mut prefixes = vec![Vec::new()];
    for pattern in patterns {
        let mut longer = Vec::new();
        for prefix in prefixes {
            extend(vocabulary, &prefix, pattern, &mut longer)?;
        }
        prefixes = longer;
    }
    let range = |prefix: Vec<u8>| {
        let high = match &scan.upper {
            Some(upper) => Some([prefix.as_slice(), upper].concat()),
            None => after(&prefix),
        };
        let low = [prefix.as_slice(), scan.lower.as_deref().unwrap_or_default()].concat();
        Range { low, high, at: i32::try_from(prefix.len()).unwrap_or(i32::MAX) }
    };
    Ok(prefixes.into_iter().map(range).collect())
}

fn extend(
    vocabulary: &Vocabulary,
    prefix: &[u8],
    pattern: &Pattern,
    longer: &mut Vec<Vec<u8>>,
) -> Outcome<()> {
    let ending = match pattern {
        Pattern::Is(segment) => {
            let mut next = prefix.to_vec();
            let mut numbers = &vocabulary.known;
            if write_segment(segment, &mut numbers, &mut next)? {
                longer.push(next);
            }
            return Ok(());
        }
        Pattern::AnyTerm => "",
        Pattern::TermEnding(ending) => ending.as_str(),
    };
    longer.extend(vocabulary.endings.get(ending).into_iter().flatten().map(|term| {
        let mut next = prefix.to_vec();
        write_number(*term, &mut next);
        next
    }));
    Ok(())
}
