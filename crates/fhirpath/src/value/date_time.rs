//! Dates with a time of day and, if it's known, the offset from UTC.

use std::cmp::Ordering;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use super::calendar::{civil_from_days, days_from_civil, days_in_month};
use super::date::Date;
use super::digits::Digits;
use super::time::{Time, below};

const DAY: i128 = 86_400_000_000_000;
const MINUTE: i128 = 60_000_000_000;
/// How far local time is ahead of UTC at most, and behind it.
const AHEAD: i128 = 14 * 60 * MINUTE;
const BEHIND: i128 = 12 * 60 * MINUTE;

/// A date, with a time of day and an offset from UTC as far as they're known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    pub(super) date: Date,
    pub(super) time: Option<Time>,
    /// Minutes ahead of UTC.
    pub(super) offset: Option<i16>,
}

impl DateTime {
    /// Reads an ISO 8601 date and time such as `2015-02-04T14:34:28.123+10:00`, of which
    /// everything after the year may be absent; a bare `T` may end a date.
    pub fn parse(text: &str) -> Option<DateTime> {
        let mut digits = Digits::new(text);
        let date = Date::take(&mut digits)?;
        let mut value = DateTime::from(date);
        if digits.mark(b'T') && !digits.is_done() {
            date.day()?;
            value.time = Some(Time::take(&mut digits)?);
            value.offset = take_offset(&mut digits)?;
        }
        digits.is_done().then_some(value)
    }

    /// The present moment, in UTC, to the millisecond.
    pub fn now() -> DateTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let milliseconds = since.map_or(0, |elapsed| elapsed.as_millis() as i64);
        let (year, month, day) = civil_from_days(milliseconds.div_euclid(86_400_000));
        DateTime {
            date: Date { year: year as u16, month, day },
            time: Some(Time::from_milliseconds(milliseconds.rem_euclid(86_400_000))),
            offset: Some(0),
        }
    }

    /// The date, as it is where the offset holds.
    pub fn date(self) -> Date {
        self.date
    }

    /// The time of day, if there is one.
    pub fn time(self) -> Option<Time> {
        self.time
    }

    /// The offset from UTC in minutes, if it's known.
    pub fn offset(self) -> Option<i16> {
        self.offset
    }

    /// The order of the two; none when that would need a part, or an offset from UTC, that one of
    /// them leaves out.
    pub fn compare(self, other: DateTime) -> Option<Ordering> {
        match (self.offset, other.offset) {
            (Some(_), Some(_)) => self.in_utc().compare_parts(other.in_utc()),
            (None, None) => self.compare_parts(other),
            (Some(_), None) => self.compare_with_local(other),
            (None, Some(_)) => other.compare_with_local(self).map(Ordering::reverse),
        }
    }

    fn compare_parts(self, other: DateTime) -> Option<Ordering> {
        let dates = self.date.compare(other.date)?;
        if dates.is_ne() {
            return Some(dates);
        }
        match (self.time, other.time) {
            (None, None) => Some(Ordering::Equal),
            (Some(left), Some(right)) => left.compare(right),
            _ => None,
        }
    }

    /// Decided only when no offset that exists could bring the two together.
    fn compare_with_local(self, local: DateTime) -> Option<Ordering> {
        let (earliest, latest) = self.in_utc().range();
        let (local_earliest, local_latest) = local.range();
        if latest < local_earliest - AHEAD {
            Some(Ordering::Less)
        } else if earliest > local_latest + BEHIND {
            Some(Ordering::Greater)
        } else {
            None
        }
    }

    /// The first and last nanosecond since 1970 that this may mean, read as UTC.
    fn range(self) -> (i128, i128) {
        let Date { year, month, day } = self.date;
        let year = i32::from(year);
        let first = days_from_civil(year, month.max(1), day.max(1));
        let last_month = if month == 0 { 12 } else { month };
        let last_day = if day == 0 { days_in_month(year, last_month) } else { day };
        let last = days_from_civil(year, last_month, last_day);
        let (from, width) = match self.time {
            None => (0, DAY),
            Some(time) if time.minute.is_none() => (time.nanoseconds(), 60 * MINUTE),
            Some(time) if time.second.is_none() => (time.nanoseconds(), MINUTE),
            Some(time) => (time.nanoseconds(), 1),
        };
        let start = i128::from(first) * DAY + from;
        (start, i128::from(last) * DAY + from + width - 1)
    }

    fn in_utc(self) -> DateTime {
        match (self.offset, self.time) {
            (Some(offset), Some(_)) if offset != 0 => self
                .shifted(-i128::from(offset) * MINUTE)
                .map_or(self, |shifted| DateTime { offset: Some(0), ..shifted }),
            _ => self,
        }
    }

    /// This moment moved by some nanoseconds; none beyond the years 1 to 9999.
    pub(super) fn shifted(self, nanoseconds: i128) -> Option<DateTime> {
        let Date { year, month, day } = self.date;
        let time = self.time?;
        let days = days_from_civil(i32::from(year), month, day);
        let total = i128::from(days) * DAY + time.nanoseconds() + nanoseconds;
        let (year, month, day) = civil_from_days(i64::try_from(total.div_euclid(DAY)).ok()?);
        Some(DateTime {
            date: Date { year: year_in_range(year)?, month, day },
            time: Some(time.at(total.rem_euclid(DAY))),
            offset: self.offset,
        })
    }
}

pub(super) fn year_in_range(year: i64) -> Option<u16> {
    (1..=9999).contains(&year).then_some(year as u16)
}

/// The outer option is an error, the inner one an absent offset.
fn take_offset(digits: &mut Digits<'_>) -> Option<Option<i16>> {
    if digits.mark(b'Z') {
        return Some(Some(0));
    }
    let sign = if digits.mark(b'+') {
        1
    } else if digits.mark(b'-') {
        -1
    } else {
        return Some(None);
    };
    let hours = below(digits.number(2)?, 15)?;
    if !digits.mark(b':') {
        return None;
    }
    let minutes = below(digits.number(2)?, 60)?;
    Some(Some(sign * (i16::from(hours) * 60 + i16::from(minutes))))
}

impl From<Date> for DateTime {
    fn from(date: Date) -> DateTime {
        DateTime { date, time: None, offset: None }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.date.fmt(f)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        match self.offset {
            None => Ok(()),
            Some(0) => f.write_str("Z"),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime {
        DateTime::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn every_precision_is_read_and_written() {
        for text in [
            "2015",
            "2015-02",
            "2015-02-04",
            "2015-02-04T14",
            "2015-02-04T14:34",
            "2015-02-04T14:34:28.123",
            "2015-02-04T14:34:28Z",
            "2015-02-04T14:34:28-10:30",
        ] {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(DateTime::parse("2015T14"), None);
    }

    #[test]
    fn offsets_are_taken_into_account() {
        let left = at("2017-11-05T01:30:00.0-04:00");
        assert_eq!(left.compare(at("2017-11-05T00:30:00.0-05:00")), Some(Ordering::Equal));
        assert_eq!(left.compare(at("2017-11-05T01:15:00.0-05:00")), Some(Ordering::Less));
    }

    #[test]
    fn a_missing_offset_leaves_only_moments_close_together_undecided() {
        let local = at("2012-04-15T10:00:00");
        assert_eq!(at("2012-04-15T15:00:00Z").compare(local), None);
        assert_eq!(at("2012-04-17T15:00:00Z").compare(local), Some(Ordering::Greater));
        assert_eq!(at("1974").compare(at("2020-01-01T00:00:00Z")), Some(Ordering::Less));
    }
}
