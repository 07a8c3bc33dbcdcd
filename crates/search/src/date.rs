//! Date parameters (R4 search, section 3.1.1.4.7): dates, times, periods, timings.
//!
//! A value is the span of time `[start, end)` in milliseconds UTC that its precision or its period
//! covers; without a time zone it is in UTC. It is `[Ordered(start, end)]` in the part of the index
//! for its precision. Within one precision the end follows from the start, so every prefix is a
//! range of starts. Periods have ends of their own and are kept twice: by start and by end.

mod predicate;
mod span;

pub(crate) use predicate::matches_span;
pub(crate) use span::{Precision, Span};

use crate::escape::unescape;
use crate::form::Asked;
use crate::index::{Match, Slot, Values};
use crate::prefix::Prefix;
use cresset_fhir::json::Json;
use cresset_store::Segment;

/// Where the time of a datatype is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// `date`: never a time of day.
    Date,
    /// `instant`: always one.
    Instant,
    DateTime,
    Period,
    Timing,
}

impl Form {
    pub(crate) fn of(type_name: &str) -> Option<Self> {
        Some(match type_name {
            "date" => Self::Date,
            "instant" => Self::Instant,
            "dateTime" => Self::DateTime,
            "Period" => Self::Period,
            "Timing" => Self::Timing,
            _ => return None,
        })
    }

    pub(crate) fn slots(self) -> &'static [Slot] {
        match self {
            Self::Date => &[Slot::Day, Slot::Month, Slot::Year],
            Self::Instant => &[Slot::Main, Slot::Millisecond],
            Self::DateTime => &[Slot::Main, Slot::Millisecond, Slot::Day, Slot::Month, Slot::Year],
            Self::Period | Self::Timing => &[Slot::Period, Slot::PeriodEnd],
        }
    }

    pub(crate) fn extract(self, value: &Json, into: &mut Values) {
        match self {
            Self::Date | Self::Instant | Self::DateTime => {
                if let Some((span, precision)) = value.as_str().and_then(Span::parse) {
                    into.push((precision.slot(), vec![span.by_start()]));
                }
            }
            Self::Period => push_period(period(value), into),
            Self::Timing => push_period(timing(value), into),
        }
    }
}

impl Precision {
    fn slot(self) -> Slot {
        match self {
            Self::Millisecond => Slot::Millisecond,
            // FHIR's values have seconds; minutes occur in searches only.
            Self::Second | Self::Minute => Slot::Main,
            Self::Day => Slot::Day,
            Self::Month => Slot::Month,
            Self::Year => Slot::Year,
        }
    }
}

fn push_period(span: Option<Span>, into: &mut Values) {
    if let Some(span) = span {
        into.push((Slot::Period, vec![span.by_start()]));
        into.push((Slot::PeriodEnd, vec![span.by_end()]));
    }
}

/// A period without a start began before any date, one without an end goes on after any.
fn period(value: &Json) -> Option<Span> {
    let at = |name| value.get(name).and_then(Json::as_str).and_then(Span::parse);
    match (at("start"), at("end")) {
        (None, None) => None,
        (start, end) => Some(Span {
            start: start.map_or(i64::MIN, |(span, _)| span.start),
            end: end.map_or(i64::MAX, |(span, _)| span.end),
        }),
    }
}

/// From the first event to the last, or the bounds of the repetition, whichever is further out.
fn timing(value: &Json) -> Option<Span> {
    let events = value.get("event").map_or(&[][..], Json::items).iter();
    let events = events.filter_map(|event| Some(Span::parse(event.as_str()?)?.0));
    let bounds = value.get("repeat").and_then(|r| r.get("boundsPeriod"));
    events
        .chain(bounds.and_then(period))
        .reduce(|a, b| Span { start: a.start.min(b.start), end: a.end.max(b.end) })
}

impl Span {
    fn by_start(self) -> Segment {
        Segment::Ordered([ordered(self.start), ordered(self.end)].concat())
    }

    fn by_end(self) -> Segment {
        Segment::Ordered([ordered(self.end), ordered(self.start)].concat())
    }
}

/// Milliseconds as bytes in their order.
fn ordered(milliseconds: i64) -> [u8; 8] {
    (milliseconds as u64 ^ 1 << 63).to_be_bytes()
}

/// A date with a prefix, such as `ge2024-05`.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("date"));
    }
    let (prefix, span) = parse(value)?;
    Ok(matches_span(prefix, span))
}

/// Reads a search value. `ap` widens it by a tenth of its distance from now (section 3.1.1.4.1).
pub(crate) fn parse(value: &str) -> Result<(Prefix, Span), String> {
    let value = unescape(value);
    let (prefix, text) = Prefix::split(value.trim());
    // A `+` that was not percent-encoded arrives as a space.
    let text = text.replace(' ', "+");
    let (span, _) = Span::parse(&text).ok_or(
        "not a date: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a time zone",
    )?;
    if prefix != Prefix::Approximately {
        return Ok((prefix, span));
    }
    let now = cresset_store::Timestamp::now().milliseconds();
    let gap = (span.start - now).abs().min((span.end - now).abs()) / 10;
    let widened = Span { start: span.start - gap, end: span.end + gap };
    Ok((prefix, widened))
}
