//! Quantity parameters (R4 search, section 3.1.1.4.14). A value is `[Term(unit), Ordered(decimal)]`.
//!
//! The unit is `system|code`. A unit's text that differs from the code gives a second value under
//! `|text`, since `5.4||mg` asks for either. Canonical UCUM units are to come beside these.

use crate::escape::{split, unescape};
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, Values};
use crate::number;
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
                let currency = text(value, "currency");
                push(into, value, &format!("{CURRENCY}|{currency}"));
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
    for unit in units(value) {
        push(into, value, &unit);
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

fn push(into: &mut Values, value: &Json, unit: &str) {
    if let Some(number) = value.get("value").and_then(number::segment) {
        into.push((Slot::Main, vec![Segment::Term(unit.into()), number]));
    }
}

/// `number`, `number|system|code`, `number||code`, each with a prefix.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("quantity"));
    }
    let parts = split(value, '|');
    let unit = match parts[1..] {
        [] | ["", ""] => Pattern::AnyTerm,
        ["", code] => Pattern::TermEnding(format!("|{}", unescape(code))),
        [system, code] => {
            let unit = format!("{}|{}", unescape(system), unescape(code));
            Pattern::Is(Segment::Term(unit.into()))
        }
        _ => return Err("write number, number|system|code or number||code".to_owned()),
    };
    let (prefix, number) = number::parse(parts[0])?;
    let ranges = number::bounds(prefix, &number).into_iter();
    let leaf = |(lower, upper)| Leaf {
        prefix: vec![unit.clone()],
        ..Leaf::between(Slot::Main, lower, upper)
    };
    Ok(Match::Any(ranges.map(|range| Match::Leaf(leaf(range))).collect()))
}
