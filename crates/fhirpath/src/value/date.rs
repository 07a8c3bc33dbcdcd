//! Dates with the precision of a year, a month or a day.

use std::cmp::Ordering;
use std::fmt;

use super::calendar::days_in_month;
use super::digits::Digits;

/// A date, possibly without its day or without its month and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Date {
    pub(super) year: u16,
    /// Zero when absent.
    pub(super) month: u8,
    /// Zero when absent.
    pub(super) day: u8,
}

impl Date {
    /// Reads `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub fn parse(text: &str) -> Option<Date> {
        let mut digits = Digits::new(text);
        let date = Date::take(&mut digits)?;
        digits.is_done().then_some(date)
    }

    pub(super) fn take(digits: &mut Digits<'_>) -> Option<Date> {
        let year = digits.number(4)?;
        let (mut month, mut day) = (0, 0);
        if digits.mark(b'-') {
            month = digits.number(2)? as u8;
            if !(1..=12).contains(&month) {
                return None;
            }
            if digits.mark(b'-') {
                day = digits.number(2)? as u8;
                if day == 0 || day > days_in_month(i32::from(year), month) {
                    return None;
                }
            }
        }
        Some(Date { year, month, day })
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month from 1, if it's known.
    pub fn month(self) -> Option<u8> {
        (self.month > 0).then_some(self.month)
    }

    /// The day of the month from 1, if it's known.
    pub fn day(self) -> Option<u8> {
        (self.day > 0).then_some(self.day)
    }

    /// The order of the two; none when that would need what one of them leaves out.
    pub fn compare(self, other: Date) -> Option<Ordering> {
        let years = self.year.cmp(&other.year);
        if years.is_ne() {
            return Some(years);
        }
        let months = compare_part(self.month(), other.month())?;
        if months.is_ne() || self.month == 0 {
            return Some(months);
        }
        compare_part(self.day(), other.day())
    }
}

/// Both absent counts as equal: then the precision is the same.
pub(super) fn compare_part<T: Ord>(left: Option<T>, right: Option<T>) -> Option<Ordering> {
    match (left, right) {
        (None, None) => Some(Ordering::Equal),
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => None,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_dates_are_refused() {
        for text in ["2015-13", "2015-02-29", "2015-2", "15", "2015-", "2015-00", "2015-01-00"] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::parse("2016-02-29").unwrap().to_string(), "2016-02-29");
    }

    #[test]
    fn a_difference_in_a_known_part_decides_before_a_missing_part_matters() {
        let date = |text| Date::parse(text).unwrap();
        assert_eq!(date("2018").compare(date("2019-03")), Some(Ordering::Less));
        assert_eq!(date("2018-03").compare(date("2018-03-01")), None);
        assert_eq!(date("2018").compare(date("2018")), Some(Ordering::Equal));
    }
}
