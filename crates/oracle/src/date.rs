//! Date parameters (R4 search, section 3.1.1.4.7).

use crate::escape::unescape;
use crate::evaluate::Element;
use crate::prefix::Prefix;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde_json::Value as Json;

/// A span of time: from `start` up to, but without, `end`, in milliseconds since 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first millisecond.
    pub start: i64,
    /// The first after it.
    pub end: i64,
}

/// Reads a date, dateTime, instant, Period or Timing.
pub fn read(element: &Element<'_>) -> Option<Span> {
    let json = element.json;
    match json {
        Json::String(text) => span(text),
        Json::Object(object) if object.contains_key("event") || object.contains_key("repeat") => {
            timing(json)
        }
        Json::Object(_) => period(json),
        _ => None,
    }
}

/// What a Period covers; without a start or an end it has no bound there.
fn period(json: &Json) -> Option<Span> {
    let at = |name: &str| json[name].as_str().and_then(span);
    match (at("start"), at("end")) {
        (None, None) => None,
        (start, end) => Some(Span {
            start: start.map_or(i64::MIN, |span| span.start),
            end: end.map_or(i64::MAX, |span| span.end),
        }),
    }
}

/// The outer bounds of a Timing: its events, and the period in which it repeats.
fn timing(json: &Json) -> Option<Span> {
    let events = json["event"].as_array().map_or(&[][..], Vec::as_slice);
    let events = events.iter().filter_map(|event| span(event.as_str()?));
    let spans = events.chain(period(&json["repeat"]["boundsPeriod"]));
    spans.reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })
}

/// The time that a date covers by its precision. Without a time zone it is in UTC.
pub fn span(text: &str) -> Option<Span> {
    match text.split_once('T') {
        Some((date, time)) => moment(date, time),
        None => days(text),
    }
}

fn days(text: &str) -> Option<Span> {
    let date: Date = match text.len() {
        4 => format!("{text}-01-01").parse().ok()?,
        7 => format!("{text}-01").parse().ok()?,
        10 => text.parse().ok()?,
        _ => return None,
    };
    let length = match text.len() {
        4 => 1.year(),
        7 => 1.month(),
        _ => 1.day(),
    };
    let midnight = |date: Date| {
        let zoned = date.to_zoned(TimeZone::UTC).ok()?;
        Some(zoned.timestamp().as_millisecond())
    };
    Some(Span { start: midnight(date)?, end: midnight(date.checked_add(length).ok()?)? })
}

fn moment(date: &str, time: &str) -> Option<Span> {
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let zone = if zone.is_empty() { "Z" } else { zone };
    let (clock, length) = match clock.len() {
        5 => (format!("{clock}:00"), 60_000),
        8 => (clock.to_owned(), 1_000),
        10.. => (clock.to_owned(), 1),
        _ => return None,
    };
    let start: Timestamp = format!("{date}T{clock}{zone}").parse().ok()?;
    // Towards the past, also before 1970.
    let start = start.as_nanosecond().div_euclid(1_000_000);
    let start = i64::try_from(start).ok()?;
    Some(Span { start, end: start + length })
}

/// A value of a search, understood.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    prefix: Prefix,
    span: Span,
}

impl Asked {
    /// Reads a value; `None` when it is no date.
    pub fn read(value: &str) -> Option<Self> {
        let value = unescape(value);
        let (prefix, text) = Prefix::split(&value);
        let mut span = span(text)?;
        if prefix == Prefix::Ap {
            // A tenth of the gap between now and the date: of that end of it which is nearer.
            let now = Timestamp::now().as_millisecond();
            let gap = (now - span.start).abs().min((now - span.end).abs());
            span = Span { start: span.start - gap / 10, end: span.end + gap / 10 };
        }
        Some(Self { prefix, span })
    }

    /// Whether a time is so.
    pub fn matches(&self, value: Span) -> bool {
        let asked = self.span;
        let contains = asked.start <= value.start && value.end <= asked.end;
        let goes_on_after = value.end > asked.end;
        let begins_before = value.start < asked.start;
        match self.prefix {
            Prefix::Eq => contains,
            Prefix::Ne => !contains,
            Prefix::Gt => goes_on_after,
            Prefix::Lt => begins_before,
            Prefix::Ge => goes_on_after || contains,
            Prefix::Le => begins_before || contains,
            Prefix::Sa => value.start >= asked.end,
            Prefix::Eb => value.end <= asked.start,
            Prefix::Ap => value.start < asked.end && asked.start < value.end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(asked: &str, json: &Json) -> bool {
        let value = read(&Element { json, property: "date", choice: None }).expect("a time");
        Asked::read(asked).expect("a date").matches(value)
    }

    #[test]
    fn precision_is_a_span() {
        for (text, start, end) in [
            ("1970", 0, 365 * 86_400_000),
            ("1970-02", 31 * 86_400_000, 59 * 86_400_000),
            ("1970-01-01T00:00", 0, 60_000),
            ("1970-01-01T01:00:00+01:00", 0, 1_000),
            ("1969-12-31T23:59:59.9999Z", -1, 0),
        ] {
            assert_eq!(span(text), Some(Span { start, end }), "{text}");
        }
        for text in ["", "1970-1", "1970-13", "1970-02-30", "x", "1970-01-01T1", "1970T10:00"] {
            assert_eq!(span(text), None, "{text}");
        }
    }

    #[test]
    fn prefixes_compare_spans() {
        let day = json!("2013-01-14");
        let period = json!({"start": "2013-01-10", "end": "2013-01-20"});
        let open = json!({"start": "2013-01-10"});
        for (asked, of_day, of_period, of_open) in [
            ("2013-01-14", true, false, false),
            ("eq2013-01", true, true, false),
            ("2013-01-14T10:00", false, false, false),
            ("ne2013-01-14", false, true, true),
            ("gt2013-01-14", false, true, true),
            ("gt2013-01-14T10:00", true, true, true),
            ("ge2013-01-14", true, true, true),
            ("ge2013-01-21", false, false, true),
            ("lt2013-01-14", false, true, true),
            ("lt2013-01-10", false, false, false),
            ("le2013-01-14", true, true, true),
            ("sa2013-01-13", true, false, false),
            ("sa2013-01-09", true, true, true),
            ("eb2013-01-15", true, false, false),
            ("eb2013-01-21", true, true, false),
        ] {
            assert_eq!(matches(asked, &day), of_day, "{asked} {day}");
            assert_eq!(matches(asked, &period), of_period, "{asked} {period}");
            assert_eq!(matches(asked, &open), of_open, "{asked} {open}");
        }
        assert!(matches("ap2010", &json!("2011-01-01")));
        assert!(!matches("ap2010", &json!("1990-01-01")));
    }

    #[test]
    fn a_timing_is_its_outer_bounds() {
        let timing = json!({"event": ["2013-01-14", "2013-01-10"]});
        assert!(matches("2013-01", &timing) && matches("sa2013-01-09", &timing));
        assert!(!matches("2013-01-14", &timing));
    }
}
