use super::{Precision, Span, ordered};
use crate::index::{Leaf, Match, Slot};
use crate::prefix::Prefix;
use cresset_store::Within;

/// What a prefix says of values with span `[start, end)`, given the search's own (R4 search, section
/// 3.1.1.4.1):
///
/// - `eq`: the search's span contains the value's; `ne`: it doesn't;
/// - `gt`: the value's span goes on after the search's; `lt`: it begins before;
/// - `ge`, `le`: `gt`, `lt` or `eq`;
/// - `sa`, `eb`: the value's span lies after, before the search's as a whole;
/// - `ap`: the two overlap.
pub(crate) fn matches_span(prefix: Prefix, asked: Span) -> Match {
    let precisions = [
        Precision::Second,
        Precision::Millisecond,
        Precision::Day,
        Precision::Month,
        Precision::Year,
    ];
    let mut all = Vec::new();
    for precision in precisions {
        for (from, to) in starts(prefix, asked, precision) {
            all.push(between(precision.slot(), from, to));
        }
    }
    all.push(matches_period(prefix, asked));
    Match::Any(all)
}

/// The ranges of starts that match among values of one precision. Their ends follow: one that holds
/// the moment `m` has an end after `m`, and is the first to have.
fn starts(prefix: Prefix, asked: Span, precision: Precision) -> Vec<(Option<i64>, Option<i64>)> {
    let (start, end) = (asked.start, asked.end);
    let first_ending_after = |moment| precision.floor(moment);
    let beyond = first_ending_after(end);
    match prefix {
        Prefix::Equal => vec![(Some(start), Some(beyond))],
        Prefix::NotEqual if beyond <= start => vec![(None, None)],
        Prefix::NotEqual => vec![(None, Some(start)), (Some(beyond), None)],
        Prefix::Greater => vec![(Some(beyond), None)],
        Prefix::Less => vec![(None, Some(start))],
        Prefix::GreaterOrEqual => vec![(Some(start.min(beyond)), None)],
        Prefix::LessOrEqual => vec![(None, Some(start.max(beyond)))],
        Prefix::StartsAfter => vec![(Some(end), None)],
        Prefix::EndsBefore => vec![(None, Some(first_ending_after(start)))],
        Prefix::Approximately => vec![(Some(first_ending_after(start)), Some(end))],
    }
}

/// Among periods, by start or by end; where both count, by one and within that by the other, so that
/// both are of the same period.
fn matches_period(prefix: Prefix, asked: Span) -> Match {
    let (start, end) = (asked.start, asked.end);
    let starts = |from, to| between(Slot::Period, from, to);
    let ends = |from, to| between(Slot::PeriodEnd, from, to);
    let begins_before = || starts(None, Some(start));
    let ends_after = || ends(Some(end + 1), None);
    let is_within = || {
        let ends_within = bounded(Some(start + 1), Some(end + 1));
        both(Slot::Period, (Some(start), Some(end)), ends_within)
    };
    match prefix {
        Prefix::Equal => is_within(),
        Prefix::NotEqual => Match::Any(vec![begins_before(), ends_after()]),
        Prefix::Greater => ends_after(),
        Prefix::Less => begins_before(),
        Prefix::GreaterOrEqual => Match::Any(vec![ends_after(), is_within()]),
        Prefix::LessOrEqual => Match::Any(vec![begins_before(), is_within()]),
        Prefix::StartsAfter => starts(Some(end), None),
        Prefix::EndsBefore => ends(None, Some(start + 1)),
        Prefix::Approximately => {
            // By their ends: of what is searched for, less is after than before.
            both(Slot::PeriodEnd, (Some(start + 1), None), bounded(None, Some(end)))
        }
    }
}

fn between(slot: Slot, from: Option<i64>, to: Option<i64>) -> Match {
    Match::Leaf(Leaf::between(slot, bytes(from), bytes(to)))
}

/// Periods whose one side lies in a range, and whose other side does, too.
fn both(slot: Slot, (from, to): (Option<i64>, Option<i64>), other: Within) -> Match {
    let leaf = Leaf::between(slot, bytes(from), bytes(to));
    Match::Leaf(Leaf { within: Some(other), ..leaf })
}

/// A range of the side of a period that its value has second.
fn bounded(from: Option<i64>, to: Option<i64>) -> Within {
    Within { at: size_of::<i64>(), lower: bytes(from), upper: bytes(to) }
}

fn bytes(moment: Option<i64>) -> Option<Vec<u8>> {
    moment.map(|m| ordered(m).to_vec())
}
