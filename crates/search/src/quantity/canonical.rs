//! Quantities in canonical UCUM units, so that 1 g and 1000 mg are the same.

use crate::number::{Bound, Decimal, Range};
use cresset_fhirpath::ucum;

/// UCUM's system (R4 datatypes, Quantity).
pub(super) const UCUM: &str = "http://unitsofmeasure.org";

/// The number in its canonical unit, and that; `None` for a unit that isn't known, or a number that
/// leaves the range of exact conversion.
pub(super) fn convert(number: &Decimal, unit: &str) -> Option<(Decimal, String)> {
    if let Some(factor) = ucum::factor(unit)
        && let Some(converted) = number.times(factor.numerator, factor.denominator)
    {
        return Some((converted.shifted(factor.exponent), factor.unit));
    }
    let (converted, unit) = ucum::canonical(number.to_fixed()?, unit)?;
    Some((Decimal::from_fixed(converted), unit))
}

/// The ranges of a search, each bound converted: `None` when one can't be.
pub(super) fn ranges(ranges: &[Range], unit: &str) -> Option<(String, Vec<Range>)> {
    let mut canonical = None;
    let mut bound = |bound: &Option<Bound>| match bound {
        None => Some(None),
        Some(bound) => {
            let (number, name) = convert(&bound.number, unit)?;
            canonical = Some(name);
            Some(Some(Bound { number, ..*bound }))
        }
    };
    let mut converted = Vec::new();
    for range in ranges {
        converted.push(Range { lower: bound(&range.lower)?, upper: bound(&range.upper)? });
    }
    Some((canonical?, converted))
}
