//! Two criteria on a value that a resource has once, such as `date=ge2020&date=lt2021`, are one
//! range. As two they would each find half of everything.

use crate::Registry;
use crate::index::{Index, Slot, any};
use crate::registry::Source;
use cresset_fhir::definitions::{ParameterType, ResourceType};
use cresset_store::{Filter, Scan, Within};

/// How many ranges two criteria may be made into.
const MOST: usize = 64;

/// What a criterion and an earlier one on the same parameter find together, and which that is;
/// `None` when the two must be asked apart.
pub(super) fn with_earlier(
    registry: &Registry,
    types: &[ResourceType],
    name: &str,
    filter: &Filter,
    earlier: &[(String, Filter)],
) -> Option<(usize, Filter)> {
    let [only] = types else { return None };
    let at = earlier.iter().position(|(before, _)| before == name)?;
    if let (Filter::Updated(from, to), Filter::Updated(then, until)) = (&earlier[at].1, filter) {
        let to = to.iter().chain(until).min().copied();
        return Some((at, Filter::Updated(*from.max(then), to)));
    }
    let parameter = registry.parameter(*only, name)?;
    let kind = parameter.definition.parameter_type;
    let [source @ Source { only: None, .. }] = &parameter.sources[..] else { return None };
    let is_ordered = matches!(kind, ParameterType::Date | ParameterType::Number);
    let index = Some(registry.index(source)).filter(|index| index.is_single && is_ordered)?;
    let (left, right) = (scans(&earlier[at].1)?, scans(filter)?);
    if left.len() * right.len() > MOST {
        return None;
    }
    let mut all = Vec::new();
    for a in &left {
        for b in &right {
            all.extend(overlap(index, a, b)?.map(Filter::Scan));
        }
    }
    Some((at, any(all)))
}

fn scans(filter: &Filter) -> Option<Vec<&Scan>> {
    match filter {
        Filter::Or(all) => all.iter().map(scan).collect(),
        one => Some(vec![scan(one)?]),
    }
}

fn scan(filter: &Filter) -> Option<&Scan> {
    match filter {
        Filter::Scan(scan) => Some(scan),
        _ => None,
    }
}

/// What is in both ranges of the same value: a range, or nothing. `None` when that can't be said as
/// one range.
fn overlap(index: &Index, a: &Scan, b: &Scan) -> Option<Option<Scan>> {
    let is_plain =
        |scan: &Scan| scan.prefix.is_empty() && scan.suffix.is_empty() && scan.contains.is_none();
    if !is_plain(a) || !is_plain(b) {
        return None;
    }
    match (index.slot_of(&a.parameter)?, index.slot_of(&b.parameter)?) {
        (one, other) if one == other => {
            let within = match (&a.within, &b.within) {
                (Some(a), Some(b)) => Some(narrower(a, b)?),
                (within, None) | (None, within) => within.clone(),
            };
            let both = Scan { within, ..a.clone() };
            Some(bounded(both, b))
        }
        // The same periods, once by their start and once by their end.
        (Slot::Period, Slot::PeriodEnd) => Some(by_both_sides(a, b)?),
        (Slot::PeriodEnd, Slot::Period) => Some(by_both_sides(b, a)?),
        // A value is in one part only.
        _ => Some(None),
    }
}

/// `both` within the bounds of another range of the same part, too; `None` when nothing is left.
fn bounded(both: Scan, other: &Scan) -> Option<Scan> {
    let lower = both.lower.clone().max(other.lower.clone());
    let upper = least(both.upper.clone(), other.upper.clone());
    if matches!((&lower, &upper), (Some(lower), Some(upper)) if lower >= upper) {
        return None;
    }
    Some(Scan { lower, upper, ..both })
}

/// Periods in a range of starts whose ends are in a range of ends.
fn by_both_sides(starts: &Scan, ends: &Scan) -> Option<Option<Scan>> {
    let at = size_of::<i64>();
    let of_ends = Within { at, lower: ends.lower.clone(), upper: ends.upper.clone() };
    let within = match &starts.within {
        Some(within) => narrower(within, &of_ends)?,
        None => of_ends,
    };
    let both = Scan { within: Some(within), ..starts.clone() };
    match &ends.within {
        None => Some(Some(both)),
        // What the ends' range says of starts.
        Some(of_starts) if of_starts.at == at => {
            let (lower, upper) = (of_starts.lower.clone(), of_starts.upper.clone());
            Some(bounded(both, &Scan { lower, upper, ..starts.clone() }))
        }
        Some(_) => None,
    }
}

fn narrower(a: &Within, b: &Within) -> Option<Within> {
    (a.at == b.at).then(|| Within {
        at: a.at,
        lower: a.lower.clone().max(b.lower.clone()),
        upper: least(a.upper.clone(), b.upper.clone()),
    })
}

fn least(a: Option<Vec<u8>>, b: Option<Vec<u8>>) -> Option<Vec<u8>> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, None) | (None, a) => a,
    }
}
