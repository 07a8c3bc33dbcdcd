/// A span of time: from `start` up to, but without, `end`, in milliseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// How exactly a moment is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Millisecond,
    Second,
    Minute,
    Day,
    Month,
    Year,
}

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

impl Span {
    /// Reads a date, dateTime or instant. A search may leave out the seconds or the zone (then UTC).
    pub(crate) fn parse(text: &str) -> Option<(Self, Precision)> {
        let (date, time) = match text.split_once('T') {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let (year, rest) = number(date.as_bytes(), 4)?;
        if year == 0 {
            return None;
        }
        let Some(rest) = rest.strip_prefix(b"-") else {
            let end = (rest.is_empty() && time.is_none()).then(|| days(year + 1, 1, 1))?;
            return Some((Self::of_days(days(year, 1, 1), end), Precision::Year));
        };
        let (month, rest) = number(rest, 2).filter(|(month, _)| (1..=12).contains(month))?;
        let Some(rest) = rest.strip_prefix(b"-") else {
            let next = (rest.is_empty() && time.is_none()).then(|| next_month(year, month))?;
            return Some((Self::of_days(days(year, month, 1), next), Precision::Month));
        };
        let (day, rest) = number(rest, 2)?;
        let date = days(year, month, 1) + day - 1;
        if day == 0 || date >= next_month(year, month) || !rest.is_empty() {
            return None;
        }
        match time {
            None => Some((Self::of_days(date, date + 1), Precision::Day)),
            Some(time) => Self::time_of_day(date * DAY, time.as_bytes()),
        }
    }

    fn of_days(from: i64, to: i64) -> Self {
        Self { start: from * DAY, end: to * DAY }
    }

    fn time_of_day(date: i64, text: &[u8]) -> Option<(Self, Precision)> {
        let (hour, rest) = number(text, 2).filter(|(hour, _)| *hour < 24)?;
        let (minute, rest) = number(rest.strip_prefix(b":")?, 2).filter(|(m, _)| *m < 60)?;
        let mut start = date + (hour * 60 + minute) * MINUTE;
        let (mut length, mut precision, mut zone) = (MINUTE, Precision::Minute, rest);
        if let Some(rest) = rest.strip_prefix(b":") {
            let (second, rest) = number(rest, 2).filter(|(second, _)| *second <= 60)?;
            start += second * SECOND;
            (length, precision, zone) = (SECOND, Precision::Second, rest);
            if let Some(rest) = rest.strip_prefix(b".") {
                let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
                if digits == 0 {
                    return None;
                }
                start += milliseconds(&rest[..digits]);
                (length, precision, zone) = (1, Precision::Millisecond, &rest[digits..]);
            }
        }
        start -= offset(zone)?;
        let end = start + length;
        Some((Self { start, end }, precision))
    }
}

impl Precision {
    /// The start of the span of this precision that holds the moment. All spans of a precision
    /// start at such places: FHIR's time zones have whole minutes, its dates are taken as UTC.
    pub(crate) fn floor(self, moment: i64) -> i64 {
        let (year, month) = civil(moment.div_euclid(DAY));
        match self {
            Self::Millisecond => moment,
            Self::Second => moment.div_euclid(SECOND) * SECOND,
            Self::Minute => moment.div_euclid(MINUTE) * MINUTE,
            Self::Day => moment.div_euclid(DAY) * DAY,
            Self::Month => days(year, month, 1) * DAY,
            Self::Year => days(year, 1, 1) * DAY,
        }
    }
}

/// Fractions of a second to the millisecond; what is finer is cut off.
fn milliseconds(digits: &[u8]) -> i64 {
    let place = |n: usize| digits.get(n).map_or(0, |digit| i64::from(digit - b'0'));
    place(0) * 100 + place(1) * 10 + place(2)
}

/// A time zone's distance from UTC; nothing is UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone {
        [] | b"Z" => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, rest) = number(rest, 2).filter(|(hours, _)| *hours <= 14)?;
    let (minutes, rest) = number(rest.strip_prefix(b":")?, 2).filter(|(m, _)| *m < 60)?;
    rest.is_empty().then_some(sign * (hours * 60 + minutes) * MINUTE)
}

fn number(bytes: &[u8], length: usize) -> Option<(i64, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(length)?;
    let value = digits.iter().try_fold(0, |value, digit| {
        let digit = digit.is_ascii_digit().then(|| i64::from(digit - b'0'))?;
        Some(value * 10 + digit)
    })?;
    Some((value, rest))
}

/// Days since 1970 of the month's end.
fn next_month(year: i64, month: i64) -> i64 {
    if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) }
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years from March on.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + year * 365 + year / 4 - year / 100 + day_of_year - 719_468
}

/// Year and month of a day since 1970: the reverse of [`days`].
fn civil(day: i64) -> (i64, i64) {
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn precision_says_how_long_a_span_is() {
        for (text, start, end) in [
            ("2024", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-12", "2024-12-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("2024-02-29", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z"),
            ("2024-02-29T10:00", "2024-02-29T10:00:00Z", "2024-02-29T10:01:00Z"),
            ("2024-02-29T10:00:00+02:00", "2024-02-29T08:00:00Z", "2024-02-29T08:00:01Z"),
            ("0001-01-01", "0001-01-01T00:00:00Z", "0001-01-02T00:00:00Z"),
            ("9998", "9998-01-01T00:00:00Z", "9999-01-01T00:00:00Z"),
        ] {
            let moment = |text: &str| {
                let moment: jiff::Timestamp = text.parse().expect("a moment");
                moment.as_millisecond()
            };
            let (span, _) = Span::parse(text).expect(text);
            assert_eq!((span.start, span.end), (moment(start), moment(end)), "{text}");
        }
        let (span, precision) = Span::parse("1969-12-31T23:59:59.9999Z").expect("an instant");
        assert_eq!((span.start, span.end, precision), (-1, 0, Precision::Millisecond));
    }

    #[test]
    fn other_texts_are_no_dates() {
        for text in [
            "",
            "24",
            "0000",
            "2024-",
            "2024-13",
            "2023-02-29",
            "2024-01-00",
            "2024-1-1",
            "2024T10:00",
            "2024-01-01T",
            "2024-01-01T25:00",
            "2024-01-01T10",
            "2024-01-01T10:00:00.Z",
            "２０２４",
            "2024-01-01T10:00+15:00",
            "2024-01-01T10:00X",
            "2024-01-01 ",
            "2024-01-01T10:00:61Z",
        ] {
            assert_eq!(Span::parse(text), None, "{text}");
        }
    }

    #[test]
    fn floors_are_starts() {
        for day in (-800_000..800_000).step_by(97) {
            let (year, month) = civil(day);
            assert!(days(year, month, 1) <= day && day < next_month(year, month));
            let moment = day * DAY + 12_345_678;
            assert_eq!(Precision::Year.floor(moment), days(year, 1, 1) * DAY);
            assert_eq!(Precision::Day.floor(moment), day * DAY);
        }
    }
}
