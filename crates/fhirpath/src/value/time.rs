//! Times of day with the precision of an hour, a minute, a second or a fraction of a second.

use std::cmp::Ordering;
use std::fmt;

use super::date::compare_part;
use super::digits::Digits;

/// A time of day, possibly without its seconds or minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Time {
    pub(super) hour: u8,
    pub(super) minute: Option<u8>,
    pub(super) second: Option<u8>,
    pub(super) nanosecond: u32,
    /// How many digits of the fraction are written.
    pub(super) fraction_digits: u8,
}

impl Time {
    /// Reads `hh`, `hh:mm`, `hh:mm:ss` or `hh:mm:ss.fff`.
    pub fn parse(text: &str) -> Option<Time> {
        let mut digits = Digits::new(text);
        let time = Time::take(&mut digits)?;
        digits.is_done().then_some(time)
    }

    pub(super) fn take(digits: &mut Digits<'_>) -> Option<Time> {
        let mut time = Time::whole_hour(below(digits.number(2)?, 24)?);
        if !digits.mark(b':') {
            return Some(time);
        }
        time.minute = Some(below(digits.number(2)?, 60)?);
        if !digits.mark(b':') {
            return Some(time);
        }
        // FHIR allows the leap second.
        time.second = Some(below(digits.number(2)?, 61)?);
        if digits.mark(b'.') {
            (time.nanosecond, time.fraction_digits) = digits.fraction()?;
        }
        Some(time)
    }

    fn whole_hour(hour: u8) -> Time {
        Time { hour, minute: None, second: None, nanosecond: 0, fraction_digits: 0 }
    }

    /// The order of the two; none when that would need what one of them leaves out. Seconds and
    /// their fraction are one decimal number, so that `:00` and `:00.0` are equal.
    pub fn compare(self, other: Time) -> Option<Ordering> {
        let hours = self.hour.cmp(&other.hour);
        if hours.is_ne() {
            return Some(hours);
        }
        let minutes = compare_part(self.minute, other.minute)?;
        if minutes.is_ne() || self.minute.is_none() {
            return Some(minutes);
        }
        let seconds = |time: Time| time.second.map(|second| (second, time.nanosecond));
        compare_part(seconds(self), seconds(other))
    }

    /// Nanoseconds since midnight, what's absent counting as zero.
    pub(super) fn nanoseconds(self) -> i128 {
        let seconds = i128::from(self.hour) * 3600
            + i128::from(self.minute.unwrap_or(0)) * 60
            + i128::from(self.second.unwrap_or(0));
        seconds * 1_000_000_000 + i128::from(self.nanosecond)
    }

    /// The time at these nanoseconds of a day, with the precision of `self`, or finer when a
    /// fraction of a second came in.
    pub(super) fn at(self, nanoseconds: i128) -> Time {
        let seconds = nanoseconds / 1_000_000_000;
        let nanosecond = (nanoseconds % 1_000_000_000) as u32;
        let needed = if nanosecond == 0 {
            0
        } else if nanosecond.is_multiple_of(1_000_000) {
            3
        } else {
            9
        };
        Time {
            hour: (seconds / 3600) as u8,
            minute: self.minute.map(|_| (seconds / 60 % 60) as u8),
            second: self.second.map(|_| (seconds % 60) as u8),
            nanosecond,
            fraction_digits: self.fraction_digits.max(needed),
        }
    }

    /// The time at these milliseconds of a day.
    pub(super) fn from_milliseconds(milliseconds: i64) -> Time {
        let full =
            Time { hour: 0, minute: Some(0), second: Some(0), nanosecond: 0, fraction_digits: 3 };
        full.at(i128::from(milliseconds) * 1_000_000)
    }
}

pub(super) fn below(number: u16, limit: u16) -> Option<u8> {
    (number < limit).then_some(number as u8)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.hour)?;
        if let Some(minute) = self.minute {
            write!(f, ":{minute:02}")?;
        }
        if let Some(second) = self.second {
            write!(f, ":{second:02}")?;
        }
        if self.fraction_digits > 0 {
            let width = usize::from(self.fraction_digits);
            let digits = self.nanosecond / 10u32.pow(9 - u32::from(self.fraction_digits));
            write!(f, ".{digits:0width$}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_keeps_the_digits_that_were_written() {
        for text in ["14", "14:34", "14:34:28", "14:34:28.1", "14:34:28.120"] {
            assert_eq!(Time::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Time::parse("24:00"), None);
        assert_eq!(Time::parse("14:34:28Z"), None);
    }

    #[test]
    fn whole_seconds_equal_seconds_with_a_zero_fraction() {
        let time = |text| Time::parse(text).unwrap();
        let order = time("10:30:00").compare(time("10:30:00.0"));
        assert_eq!(order, Some(Ordering::Equal));
        assert_eq!(time("10").compare(time("10:30")), None);
    }
}
