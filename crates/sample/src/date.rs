//! Civil dates and local times, with the little arithmetic that a life needs.
//!
//! The calendar is the proleptic Gregorian one. A date is a number of days, so that
//! comparing and adding are integer operations.

/// A calendar date between the years 1 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    days: i32,
}

impl Date {
    /// The date of a year, a month (1 to 12) and a day of the month (from 1).
    ///
    /// A day past the end of the month runs into the next month.
    pub const fn new(year: i32, month: i32, day: i32) -> Self {
        // Years begin in March, which puts the leap day at the end of one.
        let shifted = if month <= 2 { year - 1 } else { year };
        let era = shifted.div_euclid(400);
        let of_era = shifted.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let of_era_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Self { days: era * 146_097 + of_era_days - 719_468 }
    }

    /// Year, month and day of the month.
    pub const fn civil(self) -> (i32, i32, i32) {
        let shifted = self.days + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let civil_month = if month < 10 { month + 3 } else { month - 9 };
        let civil_year = year + era * 400 + if civil_month <= 2 { 1 } else { 0 };
        (civil_year, civil_month, day)
    }

    pub(crate) const fn year(self) -> i32 {
        self.civil().0
    }

    pub(crate) const fn plus_days(self, days: i32) -> Self {
        Self { days: self.days + days }
    }

    /// The same day `months` later; the 31st of a short month is its last day.
    pub(crate) const fn plus_months(self, months: i32) -> Self {
        let (year, month, day) = self.civil();
        let total = year * 12 + month - 1 + months;
        let first = Self::new(total.div_euclid(12), total.rem_euclid(12) + 1, 1);
        let next = total + 1;
        let length = Self::new(next.div_euclid(12), next.rem_euclid(12) + 1, 1).days - first.days;
        first.plus_days(if day < length { day } else { length } - 1)
    }

    pub(crate) const fn days_since(self, earlier: Self) -> i32 {
        self.days - earlier.days
    }

    /// Completed months since `earlier`.
    pub(crate) const fn months_since(self, earlier: Self) -> i32 {
        let (year, month, day) = self.civil();
        let (from_year, from_month, from_day) = earlier.civil();
        let short = if day < from_day { 1 } else { 0 };
        (year - from_year) * 12 + month - from_month - short
    }

    /// The nearest weekday, because offices are closed on Saturday and Sunday.
    pub(crate) const fn on_weekday(self) -> Self {
        // Day 0 was a Thursday; Monday is 0 here.
        match (self.days + 3).rem_euclid(7) {
            5 => self.plus_days(2),
            6 => self.plus_days(1),
            _ => self,
        }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let (year, month, day) = self.civil();
        two_digits(out, year / 100);
        two_digits(out, year % 100);
        out.push(b'-');
        two_digits(out, month);
        out.push(b'-');
        two_digits(out, day);
    }

    /// Whether clocks show daylight saving time: today's rule of the United States,
    /// the second Sunday of March to the first Sunday of November, for all years.
    const fn is_summer(self) -> bool {
        let year = self.year();
        let starts = Self::new(year, 3, 8).on_or_after_sunday();
        let ends = Self::new(year, 11, 1).on_or_after_sunday();
        self.days >= starts.days && self.days < ends.days
    }

    const fn on_or_after_sunday(self) -> Self {
        self.plus_days((6 - (self.days + 3).rem_euclid(7)).rem_euclid(7))
    }
}

/// A local time of day on a date, in a zone `west` hours behind UTC in winter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) date: Date,
    second: i32,
    west: i32,
}

impl Moment {
    pub(crate) const fn new(date: Date, second: i32, west: i32) -> Self {
        Self { date, second, west }
    }

    pub(crate) const fn plus_minutes(self, minutes: i32) -> Self {
        let total = self.second + minutes * 60;
        Self {
            date: self.date.plus_days(total.div_euclid(86_400)),
            second: total.rem_euclid(86_400),
            west: self.west,
        }
    }

    /// Like `2019-03-04T10:12:33-05:00`, or with a fraction of the second.
    pub(crate) fn write(self, out: &mut Vec<u8>, milliseconds: &str) {
        self.date.write(out);
        out.push(b'T');
        two_digits(out, self.second / 3600);
        out.push(b':');
        two_digits(out, self.second / 60 % 60);
        out.push(b':');
        two_digits(out, self.second % 60);
        if !milliseconds.is_empty() {
            out.push(b'.');
            out.extend_from_slice(milliseconds.as_bytes());
        }
        out.push(b'-');
        two_digits(out, self.west - i32::from(self.date.is_summer()));
        out.extend_from_slice(b":00");
    }
}

fn two_digits(out: &mut Vec<u8>, number: i32) {
    let number = number as u8;
    out.extend_from_slice(&[b'0' + number / 10, b'0' + number % 10]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn civil_dates_survive_the_trip_through_days() {
        let mut date = Date::new(1896, 2, 27);
        for _ in 0..80_000 {
            let (year, month, day) = date.civil();
            assert_eq!(Date::new(year, month, day), date);
            date = date.plus_days(1);
        }
        assert_eq!(Date::new(1970, 1, 1).days, 0);
        assert_eq!(Date::new(2000, 2, 29).plus_days(1), Date::new(2000, 3, 1));
    }

    #[test]
    fn months_end_on_their_last_day() {
        assert_eq!(Date::new(2023, 1, 31).plus_months(1), Date::new(2023, 2, 28));
        assert_eq!(Date::new(2023, 11, 30).plus_months(3), Date::new(2024, 2, 29));
        assert_eq!(Date::new(2024, 3, 1).months_since(Date::new(2024, 1, 2)), 1);
    }

    #[test]
    fn a_moment_shows_the_offset_of_its_season() {
        let winter = Moment::new(Date::new(2025, 1, 31), 86_399, 5);
        assert_eq!(text(|out| winter.write(out, "")), "2025-01-31T23:59:59-05:00");
        let next = winter.plus_minutes(1);
        assert_eq!(text(|out| next.write(out, "")), "2025-02-01T00:00:59-05:00");
        let summer = Moment::new(Date::new(2025, 7, 4), 36_753, 8);
        assert_eq!(text(|out| summer.write(out, "120")), "2025-07-04T10:12:33.120-07:00");
    }
}
