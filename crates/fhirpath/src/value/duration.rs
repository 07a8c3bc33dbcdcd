//! Adding a duration to a date, a date and time, or a time of day.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::calendar::{civil_from_days, days_from_civil, days_in_month};
use super::date_time::year_in_range;
use super::quantity::{CalendarUnit, Quantity, Unit};
use super::{Date, DateTime, Time};

const DAY: i128 = 86_400_000_000_000;

/// What can be added: a calendar unit, how many whole ones, and nanoseconds for the small units.
#[derive(Clone, Copy)]
struct Duration {
    unit: CalendarUnit,
    count: i64,
    nanoseconds: i128,
}

impl Duration {
    /// None when the unit isn't one of time, or is a year or month of UCUM, which have a fixed
    /// length that no calendar keeps.
    fn of(quantity: &Quantity, negative: bool) -> Option<Duration> {
        let unit = match &quantity.unit {
            Unit::Calendar(unit) => *unit,
            Unit::Ucum(code) => match CalendarUnit::of_ucum(code)? {
                CalendarUnit::Year | CalendarUnit::Month => return None,
                unit => unit,
            },
        };
        let sign = if negative { Decimal::NEGATIVE_ONE } else { Decimal::ONE };
        let value = quantity.value.checked_mul(sign)?;
        // Only seconds have fractions; of the others the whole part counts.
        let nanoseconds = match unit {
            CalendarUnit::Hour => value.trunc().to_i128()?.checked_mul(3_600_000_000_000)?,
            CalendarUnit::Minute => value.trunc().to_i128()?.checked_mul(60_000_000_000)?,
            CalendarUnit::Second => scaled(value, 1_000_000_000)?,
            CalendarUnit::Millisecond => scaled(value, 1_000_000)?,
            _ => 0,
        };
        let count = value.trunc().to_i64()?;
        Some(Duration { unit, count, nanoseconds })
    }

    fn days(self) -> Option<i64> {
        match self.unit {
            CalendarUnit::Week => self.count.checked_mul(7),
            CalendarUnit::Day => Some(self.count),
            _ => i64::try_from(self.nanoseconds / DAY).ok(),
        }
    }
}

fn scaled(value: Decimal, factor: i64) -> Option<i128> {
    let product = value.checked_mul(Decimal::from(factor))?.trunc().to_i128()?;
    // Keeps what follows clear of overflow; 9999 years are about 3e20 nanoseconds.
    (product.unsigned_abs() < 1_000_000_000_000_000_000_000_000).then_some(product)
}

/// Whether a quantity can be added to a date or a time at all.
fn duration(quantity: &Quantity, negative: bool) -> Result<Option<Duration>, ()> {
    let is_time = match &quantity.unit {
        Unit::Calendar(_) => true,
        Unit::Ucum(code) => CalendarUnit::of_ucum(code)
            .is_some_and(|unit| !matches!(unit, CalendarUnit::Year | CalendarUnit::Month)),
    };
    if is_time { Ok(Duration::of(quantity, negative)) } else { Err(()) }
}

/// The date so much later (or earlier); none beyond the years 1 to 9999, an error when the
/// quantity is no duration.
pub(crate) fn add_to_date(
    date: Date,
    quantity: &Quantity,
    negative: bool,
) -> Result<Option<Date>, ()> {
    let duration = duration(quantity, negative)?;
    Ok(duration.and_then(|duration| move_date(date, duration)))
}

/// See [`add_to_date`].
pub(crate) fn add_to_date_time(
    value: DateTime,
    quantity: &Quantity,
    negative: bool,
) -> Result<Option<DateTime>, ()> {
    let Some(duration) = duration(quantity, negative)? else {
        return Ok(None);
    };
    if duration.unit <= CalendarUnit::Day || value.time.is_none() {
        let date = move_date(value.date, duration);
        return Ok(date.map(|date| DateTime { date, ..value }));
    }
    Ok(value.shifted(duration.nanoseconds))
}

/// See [`add_to_date`]; a time of day starts again after midnight.
pub(crate) fn add_to_time(
    time: Time,
    quantity: &Quantity,
    negative: bool,
) -> Result<Option<Time>, ()> {
    let duration = duration(quantity, negative)?;
    Ok(duration.map(|duration| {
        let moved = time.nanoseconds() + duration.nanoseconds;
        time.at(moved.rem_euclid(DAY))
    }))
}

fn move_date(date: Date, duration: Duration) -> Option<Date> {
    match duration.unit {
        CalendarUnit::Year => move_months(date, duration.count.checked_mul(12)?),
        CalendarUnit::Month => move_months(date, duration.count),
        _ => move_days(date, duration.days()?),
    }
}

fn move_months(date: Date, months: i64) -> Option<Date> {
    if date.month == 0 {
        let year = year_in_range(i64::from(date.year) + months / 12)?;
        return Some(Date { year, ..date });
    }
    let total = (i64::from(date.year) * 12 + i64::from(date.month) - 1).checked_add(months)?;
    let year = year_in_range(total.div_euclid(12))?;
    let month = total.rem_euclid(12) as u8 + 1;
    let day = date.day.min(days_in_month(i32::from(year), month));
    Some(Date { year, month, day })
}

/// A date without its day or month takes whole months of 30 and years of 365 days, as the
/// specification says.
fn move_days(date: Date, days: i64) -> Option<Date> {
    if date.month == 0 {
        return move_months(date, (days / 365).checked_mul(12)?);
    }
    if date.day == 0 {
        return move_months(date, days / 30);
    }
    let start = days_from_civil(i32::from(date.year), date.month, date.day);
    let total = start.checked_add(days).filter(|total| total.abs() < 4_000_000)?;
    let (year, month, day) = civil_from_days(total);
    Some(Date { year: year_in_range(year)?, month, day })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plus(date_time: &str, quantity: &str) -> Option<String> {
        let quantity = Quantity::parse(quantity).unwrap();
        let sum = add_to_date_time(DateTime::parse(date_time).unwrap(), &quantity, false);
        sum.unwrap().map(|sum| sum.to_string())
    }

    #[test]
    fn months_end_with_the_last_day_they_have() {
        assert_eq!(plus("2019-01-31", "1 month").unwrap(), "2019-02-28");
        assert_eq!(plus("2020-02-29", "1 year").unwrap(), "2021-02-28");
        assert_eq!(plus("2014", "24 months").unwrap(), "2016");
        assert_eq!(plus("9999-12-31", "1 day"), None);
        assert_eq!(plus("2014-01-01", "9000000000000000000 years"), None);
    }

    #[test]
    fn small_units_carry_into_the_date() {
        let sum = plus("1973-12-25T23:59:59.999+10:00", "1 'ms'").unwrap();
        assert_eq!(sum, "1973-12-26T00:00:00.000+10:00");
        assert_eq!(plus("1973-12-25T23:59:59Z", "0.1 's'").unwrap(), "1973-12-25T23:59:59.100Z");
        assert_eq!(plus("1973-12-25T23:00Z", "61 minutes").unwrap(), "1973-12-26T00:01Z");
    }

    #[test]
    fn a_year_of_ucum_is_no_calendar_duration() {
        let year = Quantity::parse("1 'a'").unwrap();
        assert!(add_to_date(Date::parse("2020").unwrap(), &year, false).is_err());
    }
}
