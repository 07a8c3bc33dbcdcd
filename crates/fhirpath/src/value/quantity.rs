//! Numbers with a unit: a UCUM unit or a calendar duration.

use std::cmp::Ordering;
use std::fmt;

use compact_str::CompactString;
use rust_decimal::{Decimal, RoundingStrategy};

use super::decimal::parse_decimal;
use crate::ucum;

/// A number with a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The number.
    pub value: Decimal,
    /// What it counts.
    pub unit: Unit,
}

/// What a quantity counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// A UCUM unit such as `mg/dL`; `1` when there's none.
    Ucum(CompactString),
    /// A calendar duration such as `days`, whose years and months differ in length.
    Calendar(CalendarUnit),
}

/// A unit of calendar time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is the specification's own name")]
pub enum CalendarUnit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
    Millisecond,
}

/// Every unit with its name and its nearest UCUM code.
const CALENDAR: [(CalendarUnit, &str, &str); 8] = [
    (CalendarUnit::Year, "year", "a"),
    (CalendarUnit::Month, "month", "mo"),
    (CalendarUnit::Week, "week", "wk"),
    (CalendarUnit::Day, "day", "d"),
    (CalendarUnit::Hour, "hour", "h"),
    (CalendarUnit::Minute, "minute", "min"),
    (CalendarUnit::Second, "second", "s"),
    (CalendarUnit::Millisecond, "millisecond", "ms"),
];

impl CalendarUnit {
    /// The unit with this keyword, singular or plural.
    pub fn named(keyword: &str) -> Option<CalendarUnit> {
        let singular = keyword.strip_suffix('s').unwrap_or(keyword);
        let found = CALENDAR.iter().find(|(_, name, _)| *name == singular);
        found.map(|(unit, ..)| *unit)
    }

    pub(crate) fn of_ucum(code: &str) -> Option<CalendarUnit> {
        let found = CALENDAR.iter().find(|(_, _, ucum)| *ucum == code);
        found.map(|(unit, ..)| *unit)
    }

    fn name(self) -> &'static str {
        CALENDAR[self as usize].1
    }

    pub(crate) fn ucum(self) -> &'static str {
        CALENDAR[self as usize].2
    }

    fn is_longer_than_week(self) -> bool {
        self <= CalendarUnit::Month
    }
}

impl Quantity {
    /// A quantity with a UCUM unit.
    pub fn new(value: Decimal, unit: impl Into<CompactString>) -> Quantity {
        Quantity { value, unit: Unit::Ucum(unit.into()) }
    }

    /// Reads `5`, `5 'mg'` or `5 days`.
    pub fn parse(text: &str) -> Option<Quantity> {
        let text = text.trim();
        let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-'));
        let (number, unit) = text.split_at(end.unwrap_or(text.len()));
        let value = parse_decimal(number.strip_prefix('+').unwrap_or(number))?;
        let unit = unit.trim_start();
        if unit.is_empty() {
            return Some(Quantity::new(value, "1"));
        }
        if let Some(code) = unit.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return (!code.is_empty()).then(|| Quantity::new(value, code));
        }
        let unit = Unit::Calendar(CalendarUnit::named(unit)?);
        Some(Quantity { value, unit })
    }

    /// The order of the two; none when their units can't be converted into one another.
    pub fn compare(&self, other: &Quantity) -> Option<Ordering> {
        let (left, right) = self.comparable(other, false)?;
        Some(left.cmp(&right))
    }

    /// Whether the two are equal when rounded to the precision of the less precise one.
    pub fn is_equivalent(&self, other: &Quantity) -> bool {
        let Some((left, right)) = self.comparable(other, true) else {
            return false;
        };
        if self.unit == other.unit {
            return equivalent_decimals(self.value, other.value);
        }
        // The less precise one is compared in its own unit: 4 'g' has no digits after the point.
        let (coarse, factor, ratio) = if self.unit_size() >= other.unit_size() {
            (self.value, left, right)
        } else {
            (other.value, right, left)
        };
        if factor.is_zero() || coarse.is_zero() {
            return left == right;
        }
        let fine = ratio.checked_mul(coarse).and_then(|n| n.checked_div(factor));
        fine.is_some_and(|fine| equivalent_decimals(coarse, fine.normalize()))
    }

    fn unit_size(&self) -> Decimal {
        let one = ucum::canonical(Decimal::ONE, self.ucum_code());
        one.map_or(Decimal::ZERO, |(size, _)| size)
    }

    /// The two numbers in one unit.
    fn comparable(&self, other: &Quantity, equivalent: bool) -> Option<(Decimal, Decimal)> {
        if self.unit == other.unit {
            return Some((self.value, other.value));
        }
        let (left, right) = (self.months(), other.months());
        if let (Some(left), Some(right)) = (left, right) {
            return Some((left, right));
        }
        // A calendar year isn't a number of days, nor the year of UCUM.
        let calendar = left.is_some() || right.is_some();
        if calendar && !equivalent {
            return None;
        }
        let (left, left_unit) = ucum::canonical(self.value, self.ucum_code())?;
        let (right, right_unit) = ucum::canonical(other.value, other.ucum_code())?;
        (left_unit == right_unit).then_some((left, right))
    }

    fn months(&self) -> Option<Decimal> {
        match self.unit {
            Unit::Calendar(CalendarUnit::Year) => self.value.checked_mul(Decimal::from(12)),
            Unit::Calendar(unit) if unit.is_longer_than_week() => Some(self.value),
            _ => None,
        }
    }

    /// The unit's UCUM code, or the nearest to it.
    pub fn ucum_code(&self) -> &str {
        match &self.unit {
            Unit::Ucum(code) => code,
            Unit::Calendar(unit) => unit.ucum(),
        }
    }
}

pub(crate) fn equivalent_decimals(left: Decimal, right: Decimal) -> bool {
    // Zeros at the end say nothing about precision here: 1.10 ~ 1.1.
    let (left, right) = (left.normalize(), right.normalize());
    let digits = left.scale().min(right.scale());
    let round = |value: Decimal| {
        value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
    };
    round(left) == round(right)
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.unit {
            Unit::Ucum(code) => write!(f, "{} '{code}'", self.value),
            Unit::Calendar(unit) => {
                let plural = if self.value == Decimal::ONE { "" } else { "s" };
                write!(f, "{} {}{plural}", self.value, unit.name())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        Quantity::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn units_of_one_dimension_compare() {
        let equal = Some(Ordering::Equal);
        assert_eq!(quantity("4.0000 'g'").compare(&quantity("4000.0 'mg'")), equal);
        assert_eq!(quantity("7 days").compare(&quantity("1 'wk'")), equal);
        assert_eq!(quantity("1 year").compare(&quantity("12 months")), equal);
        assert_eq!(quantity("1 year").compare(&quantity("1 'a'")), None);
        assert_eq!(quantity("1 'g'").compare(&quantity("1 'm'")), None);
    }

    #[test]
    fn equivalence_rounds_to_the_less_precise_number() {
        assert!(quantity("4 'g'").is_equivalent(&quantity("4040 'mg'")));
        assert!(quantity("4040 'mg'").is_equivalent(&quantity("4 'g'")));
        assert!(!quantity("4 'g'").is_equivalent(&quantity("4600 'mg'")));
        assert!(quantity("1 year").is_equivalent(&quantity("1 'a'")));
    }
}
