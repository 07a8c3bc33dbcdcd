//! Quantity parameters (R4 search, section 3.1.1.4.14). A value is `[Term(unit), Ordered(decimal)]`.
//!
//! The unit is `system|code`. A unit's text that differs from the code gives a second value under
//! `|text`, since `5.4||mg` asks for either. In a part of their own are the same quantities in
//! canonical units, by which a search with a UCUM unit goes.

mod canonical;

use crate::escape::{split, unescape};
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, Values};
use crate::number::{self, Range};
use canonical::UCUM;
use cresset_fhir::json::Json;
use cresset_store::{Pattern, Segment};

/// The system of `Money.currency` (R4 datatypes, Money).
const CURRENCY: &str = "urn:iso:std:iso:4217";

/// Where number and unit of a datatype are.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// Quantity and its specializations.
    Quantity,
    Money,
    /// Both ends count as values.
    Range,
}

impl Form {
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "Quantity" | "SimpleQuantity" | "MoneyQuantity" | "Age" | "Count" | "Distance"
            | "Duration" => Self::Quantity,
            "Money" => Self::Money,
            "Range" => Self::Range,
            _ => return None,
        })
    }

    pub(crate) fn extract(self, value: &Json, into: &mut Values) {
        match self {
            Self::Quantity => quantity(value, into),
            Self::Money => {
                if let Some(number) = value.get("value").and_then(number::segment) {
                    let unit = format!("{CURRENCY}|{}", text(value, "currency"));
                    push(into, Slot::Main, &unit, number.clone());
                    push(into, Slot::Canonical, &unit, number);
                }
            }
            Self::Range => {
                for end in ["low", "high"] {
                    if let Some(end) = value.get(end) {
                        quantity(end, into);
                    }
                }
            }
        }
    }
}

fn quantity(value: &Json, into: &mut Values) {
    let Some(number) = value.get("value").and_then(number::decimal) else {
        return;
    };
    let written = Segment::Ordered(number.encode());
    let mut units = units(value);
    if let Some(first) = units.next() {
        let is_ucum = text(value, "system") == UCUM;
        let code = Some(text(value, "code")).filter(|_| is_ucum);
        match code.and_then(|code| canonical::convert(&number, code)) {
            Some((number, unit)) => {
                push(into, Slot::Canonical, &unit, Segment::Ordered(number.encode()));
            }
            None => push(into, Slot::Canonical, &first, written.clone()),
        }
        push(into, Slot::Main, &first, written.clone());
    }
    for unit in units {
        push(into, Slot::Main, &unit, written.clone());
    }
}

/// The units under which a quantity is found.
fn units(value: &Json) -> impl Iterator<Item = String> {
    let (system, code, unit) = (text(value, "system"), text(value, "code"), text(value, "unit"));
    let coded = (!code.is_empty() || unit.is_empty()).then(|| format!("{system}|{code}"));
    let named = (!unit.is_empty() && unit != code).then(|| format!("|{unit}"));
    coded.into_iter().chain(named)
}

fn text<'a>(value: &'a Json, name: &str) -> &'a str {
    value.get(name).and_then(Json::as_str).unwrap_or_default()
}

fn push(into: &mut Values, slot: Slot, unit: &str, number: Segment) {
    into.push((slot, vec![Segment::Term(unit.into()), number]));
}

/// `number`, `number|system|code`, `number||code`, each with a prefix.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("quantity"));
    }
    let parts = split(value, '|');
    let (prefix, number) = number::parse(parts[0])?;
    let ranges = number::ranges(prefix, &number);
    let unit = match parts[1..] {
        [] | ["", ""] => Pattern::AnyTerm,
        ["", code] => Pattern::TermEnding(format!("|{}", unescape(code))),
        [system, code] => {
            let (system, code) = (unescape(system), unescape(code));
            let unit = format!("{system}|{code}");
            let unit = Pattern::Is(Segment::Term(unit.into()));
            if system == UCUM
                && let Some((canonical, converted)) = canonical::ranges(&ranges, &code)
            {
                // Numbers that are too large or small to convert stay under their own unit.
                let canonical = Pattern::Is(Segment::Term(canonical.into()));
                let mut all = within(Slot::Canonical, &canonical, &converted);
                all.extend(within(Slot::Canonical, &unit, &ranges));
                return Ok(Match::Any(all));
            }
            unit
        }
        _ => return Err("write number, number|system|code or number||code".to_owned()),
    };
    Ok(Match::Any(within(Slot::Main, &unit, &ranges)))
}

fn within(slot: Slot, unit: &Pattern, ranges: &[Range]) -> Vec<Match> {
    let leaf = |range: &Range| {
        let (lower, upper) = range.bytes();
        Match::Leaf(Leaf { prefix: vec![unit.clone()], ..Leaf::between(slot, lower, upper) })
    };
    ranges.iter().map(leaf).collect()
}
