//! date, dateTime, instant and time (R4 datatypes.html), each on the calendar and complete.

/// `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    date(text.as_bytes()).is_some_and(<[u8]>::is_empty)
}

/// A date; or a full date with a time, seconds and a zone.
pub(super) fn is_date_time(text: &str) -> bool {
    is_date(text) || is_instant(text)
}

/// `YYYY-MM-DDThh:mm:ss[.fff](Z|±zz:zz)`.
pub(super) fn is_instant(text: &str) -> bool {
    let Some((day, rest)) = text.as_bytes().split_at_checked(10) else {
        return false;
    };
    date(day).is_some_and(<[u8]>::is_empty)
        && rest.first() == Some(&b'T')
        && time(&rest[1..]).is_some_and(is_zone)
}

/// `hh:mm:ss[.fff]`, without a zone.
pub(super) fn is_time(text: &str) -> bool {
    time(text.as_bytes()).is_some_and(<[u8]>::is_empty)
}

/// Reads a date; gives what follows.
fn date(bytes: &[u8]) -> Option<&[u8]> {
    let (century, rest) = two_digits(bytes)?;
    let (year, rest) = two_digits(rest)?;
    let year = century * 100 + year;
    if year == 0 {
        return None;
    }
    let Some((b'-', rest)) = rest.split_first() else {
        return Some(rest);
    };
    let (month, rest) = two_digits(rest)?;
    if !(1..=12).contains(&month) {
        return None;
    }
    let Some((b'-', rest)) = rest.split_first() else {
        return Some(rest);
    };
    let (day, rest) = two_digits(rest)?;
    (1..=days_in(year, month)).contains(&day).then_some(rest)
}

/// Reads a time with seconds; gives what follows. A minute may have a second 60.
fn time(bytes: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = two_digits(bytes)?;
    let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
    let (second, rest) = two_digits(rest.strip_prefix(b":")?)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let Some((b'.', rest)) = rest.split_first() else {
        return Some(rest);
    };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then_some(&rest[digits..])
}

/// `Z`, or hours and minutes up to 14:00.
fn is_zone(bytes: &[u8]) -> bool {
    let Some((sign, rest)) = bytes.split_first() else {
        return false;
    };
    if *sign == b'Z' {
        return rest.is_empty();
    }
    let parts = || {
        let (hour, rest) = two_digits(rest)?;
        let (minute, rest) = two_digits(rest.strip_prefix(b":")?)?;
        (minute <= 59 && rest.is_empty()).then_some(hour * 60 + minute)
    };
    matches!(sign, b'+' | b'-') && parts().is_some_and(|minutes| minutes <= 14 * 60)
}

fn two_digits(bytes: &[u8]) -> Option<(u16, &[u8])> {
    match bytes {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => {
            Some((u16::from(a - b'0') * 10 + u16::from(b - b'0'), rest))
        }
        _ => None,
    }
}

fn days_in(year: u16, month: u16) -> u16 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_on_the_calendar() {
        for good in ["2024", "0001", "2024-12", "2024-02-29", "2000-02-29", "9999-12-31"] {
            assert!(is_date(good) && is_date_time(good), "{good}");
        }
        for bad in [
            "",
            "24",
            "0000",
            "20245",
            "2024-",
            "2024-13",
            "2024-00",
            "2024-1-1",
            "2023-02-29",
            "1900-02-29",
            "2024-04-31",
            "2024-01-00",
            "2024-01-01 ",
            "2024-01-01Z",
            "-2024",
            "２０２４",
        ] {
            assert!(!is_date(bad) && !is_date_time(bad), "{bad}");
        }
    }

    #[test]
    fn date_times_have_seconds_and_a_zone() {
        for good in [
            "2024-02-29T23:59:60Z",
            "2024-01-01T00:00:00.123456789+14:00",
            "2024-01-01T00:00:00-13:59",
        ] {
            assert!(is_date_time(good) && is_instant(good) && !is_date(good), "{good}");
        }
        for bad in [
            "2024-01-01T00:00:00",
            "2024-01-01T00:00Z",
            "2024-01-01T24:00:00Z",
            "2024-01-01T00:60:00Z",
            "2024-01-01T00:00:61Z",
            "2024-01-01T00:00:00.Z",
            "2024-01-01T00:00:00+14:01",
            "2024-01-01T00:00:00+0100",
            "2024-01-01T00:00:00z",
            "2024-01-01t00:00:00Z",
            "2024-01T00:00:00Z",
            "2024-01-01T",
            "2024-01-01T00:00:00ZZ",
            "2023-02-29T00:00:00Z",
        ] {
            assert!(!is_date_time(bad) && !is_instant(bad), "{bad}");
        }
        assert!(!is_instant("2024-01-01"));
    }

    #[test]
    fn times_have_seconds_and_no_zone() {
        assert!(is_time("00:00:00") && is_time("23:59:59.5"));
        for bad in ["12:00", "24:00:00", "12:00:00Z", "12:00:00.", "1:00:00", ""] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
