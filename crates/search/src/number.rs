//! Number parameters (R4 search, section 3.1.1.4.6). A value is `[Ordered(decimal)]`.

mod decimal;
mod range;

pub(crate) use decimal::Decimal;
pub(crate) use range::{Bound, Range, ranges};

use crate::escape::unescape;
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, Values};
use crate::prefix::Prefix;
use cresset_fhir::json::Json;
use cresset_store::Segment;

/// Whether values of this type are numbers.
pub(crate) fn applies_to(type_name: &str) -> bool {
    matches!(type_name, "decimal" | "integer" | "positiveInt" | "unsignedInt" | "Range")
}

/// A number, or a Range, both ends of which count as values.
pub(crate) fn extract(value: &Json, into: &mut Values) {
    if value.as_object().is_some() {
        let ends = ["low", "high"].into_iter().filter_map(|end| value.get(end));
        let numbers = ends.filter_map(|end| segment(end.get("value")?));
        into.extend(numbers.map(|number| (Slot::Main, vec![number])));
    } else if let Some(segment) = segment(value) {
        into.push((Slot::Main, vec![segment]));
    }
}

pub(crate) fn segment(value: &Json) -> Option<Segment> {
    decimal(value).map(|decimal| Segment::Ordered(decimal.encode()))
}

pub(crate) fn decimal(value: &Json) -> Option<Decimal> {
    Decimal::parse(value.as_number()?.as_str())
}

/// A number with a prefix, such as `ge5.4`.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("number"));
    }
    let (prefix, number) = parse(value)?;
    let leaf = |range: Range| {
        let (lower, upper) = range.bytes();
        Match::Leaf(Leaf::between(Slot::Main, lower, upper))
    };
    Ok(Match::Any(ranges(prefix, &number).into_iter().map(leaf).collect()))
}

pub(crate) fn parse(value: &str) -> Result<(Prefix, Decimal), String> {
    /// Digits, sign and exponent; no measurement has more.
    const LONGEST: usize = 100;
    let value = unescape(value);
    let (prefix, number) = Prefix::split(value.trim());
    let number = Some(number).filter(|n| n.len() <= LONGEST);
    let number = number.and_then(Decimal::parse);
    let number = number.ok_or("not a number: write one such as 5.4, -2 or 1e3")?;
    Ok((prefix, number))
}
