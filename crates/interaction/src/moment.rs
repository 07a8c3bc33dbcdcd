//! `_since`, an instant, and `_at`, a date or time that stands for a span (R4, section 3.1.0.12).

use crate::Failure;
use cresset_store::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Zoned};

/// A moment; a `+` that a URL turned into a space is taken as the sign it was.
pub(crate) fn since(text: &str) -> Result<Timestamp, Failure> {
    let text = text.replace(' ', "+");
    Timestamp::parse(&text).or_else(|| span(&text).map(|(from, _)| from)).ok_or_else(|| {
        let problem = "_since must be an instant, such as 2026-01-31T10:20:30Z";
        Failure::bad_request("value", problem).at("http._since")
    })
}

/// The span that a date or time stands for, up to but without its end.
pub(crate) fn at(text: &str) -> Result<(Timestamp, Timestamp), Failure> {
    span(&text.replace(' ', "+")).ok_or_else(|| {
        let problem =
            "_at must be a date or a time, such as 2026, 2026-01-31 or 2026-01-31T10:20:30Z";
        Failure::bad_request("value", problem).at("http._at")
    })
}

/// The span that a date or time stands for, up to but without its end; `None` for any other text.
pub(crate) fn span(text: &str) -> Option<(Timestamp, Timestamp)> {
    if text.contains('T') {
        return instant_span(text);
    }
    let mut parts = text.split('-');
    let year = digits(parts.next()?, 4)?;
    let month = parts.next().map(|p| digits(p, 2)).map_or(Some(None), |m| m.map(Some))?;
    let day = parts.next().map(|p| digits(p, 2)).map_or(Some(None), |d| d.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let length = match (month, day) {
        (None, _) => Span::new().years(1),
        (_, None) => Span::new().months(1),
        _ => Span::new().days(1),
    };
    let month = i8::try_from(month.unwrap_or(1)).ok()?;
    let day = i8::try_from(day.unwrap_or(1)).ok()?;
    let start = Date::new(year, month, day).ok()?;
    let from = utc(start.at(0, 0, 0, 0))?;
    // The last day of the calendar has no day after it: the span ends where time does.
    let to = start.checked_add(length).ok().and_then(|end| utc(end.at(0, 0, 0, 0)));
    Some((from, to.unwrap_or(Timestamp::from_milliseconds(i64::MAX))))
}

/// A time stands for its second, or for its millisecond when it has a fraction.
fn instant_span(text: &str) -> Option<(Timestamp, Timestamp)> {
    let from = Timestamp::parse(text).or_else(|| utc(text.parse::<DateTime>().ok()?))?;
    let length = if text.contains('.') { 1 } else { 1000 };
    Some((from, Timestamp::from_milliseconds(from.milliseconds() + length)))
}

fn digits(text: &str, length: usize) -> Option<i16> {
    let plain = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn utc(moment: DateTime) -> Option<Timestamp> {
    let zoned: Zoned = moment.to_zoned(TimeZone::UTC).ok()?;
    Some(Timestamp::from_milliseconds(zoned.timestamp().as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let (from, to) = at(text).unwrap();
        format!("{from} {to}")
    }

    #[test]
    fn dates_stand_for_spans() {
        assert_eq!(shown("2024"), "2024-01-01T00:00:00.000Z 2025-01-01T00:00:00.000Z");
        assert_eq!(shown("2024-02"), "2024-02-01T00:00:00.000Z 2024-03-01T00:00:00.000Z");
        assert_eq!(shown("2024-02-29"), "2024-02-29T00:00:00.000Z 2024-03-01T00:00:00.000Z");
        assert_eq!(
            shown("2024-02-29T10:00:00 02:00"),
            "2024-02-29T08:00:00.000Z 2024-02-29T08:00:01.000Z"
        );
        assert_eq!(
            shown("2024-02-29T10:00:00.5Z"),
            "2024-02-29T10:00:00.500Z 2024-02-29T10:00:00.501Z"
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "24", "2024-13", "2023-02-29", "2024-1-1", "yesterday", "2024-01-01-01", "T"]
        {
            assert!(at(text).is_err(), "{text}");
        }
        assert!(at("9999").is_ok());
        assert!(since("2024-02-29T10:00:00Z").is_ok());
    }
}
