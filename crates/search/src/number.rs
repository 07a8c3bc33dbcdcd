//! Number parameters (R4 search, section 3.1.1.4.6). A value is `[Ordered(decimal)]`.

mod decimal;

pub(crate) use decimal::Decimal;

use crate::escape::unescape;
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, Values, after_prefix};
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
    let decimal = Decimal::parse(value.as_number()?.as_str())?;
    Some(Segment::Ordered(decimal.encode()))
}

/// A number with a prefix, such as `ge5.4`.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("number"));
    }
    let (prefix, number) = parse(value)?;
    let mut leaves = bounds(prefix, &number)
        .into_iter()
        .map(|(lower, upper)| Match::Leaf(Leaf::between(Slot::Main, lower, upper)));
    match (leaves.next(), leaves.next()) {
        (Some(one), None) => Ok(one),
        (first, second) => Ok(Match::Any(first.into_iter().chain(second).collect())),
    }
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

type Bound = Option<Vec<u8>>;

/// The ranges, from a first encoded number up to but without a second, that `prefix` stands for.
/// `eq` and `ne` take the number to be rounded: `5.4` is [5.35, 5.45). All others take it as exact,
/// and `ap` goes a tenth to each side (sections 3.1.1.4.1 and 3.1.1.4.6).
pub(crate) fn bounds(prefix: Prefix, number: &Decimal) -> Vec<(Bound, Bound)> {
    let from = Some(number.encode());
    let above = after_prefix(number.encode());
    match prefix {
        Prefix::Equal | Prefix::NotEqual => {
            let (low, high) = number.implicit_range();
            let (low, high) = (Some(low.encode()), Some(high.encode()));
            if prefix == Prefix::Equal {
                return vec![(low, high)];
            }
            vec![(None, low), (high, None)]
        }
        Prefix::Greater | Prefix::StartsAfter => vec![(above, None)],
        Prefix::GreaterOrEqual => vec![(from, None)],
        Prefix::Less | Prefix::EndsBefore => vec![(None, from)],
        Prefix::LessOrEqual => vec![(None, above)],
        Prefix::Approximately => {
            let (low, high) = number.tenth_around();
            vec![(Some(low.encode()), after_prefix(high.encode()))]
        }
    }
}
