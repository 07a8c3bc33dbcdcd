//! Dates near those of the data, in every precision and some time zones.

use crate::date::Span;
use crate::dice::Dice;
use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;

/// A date in or beside a span, without a prefix.
pub(super) fn text(dice: &mut Dice, span: Span) -> Option<String> {
    let ends: Vec<i64> =
        [span.start, span.end].into_iter().filter(|at| at.unsigned_abs() < 1 << 50).collect();
    let mut at = *dice.one(&ends)?;
    if dice.percent(50) {
        let distance = [1, SECOND, 60 * SECOND, DAY, 31 * DAY, 366 * DAY][dice.below(6)];
        at += if dice.percent(50) { distance } else { -distance };
    }
    render(dice, at)
}

/// A moment in some precision; with a time of day, in some time zone.
fn render(dice: &mut Dice, milliseconds: i64) -> Option<String> {
    let moment = Timestamp::from_millisecond(milliseconds).ok()?;
    let format = ["%Y", "%Y-%m", "%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];
    let precision = dice.below(6);
    let format = format.get(precision).copied().unwrap_or("%Y-%m-%dT%H:%M:%S%.3f");
    if precision < 3 {
        return Some(moment.to_zoned(TimeZone::UTC).strftime(format).to_string());
    }
    let hours = [0, -5, 2, 13][dice.below(4)];
    let zone = TimeZone::fixed(Offset::from_hours(hours).ok()?);
    let text = moment.to_zoned(zone).strftime(format).to_string();
    let zone = match hours {
        0 => "Z".to_owned(),
        _ => format!("{}{:02}:00", if hours < 0 { '-' } else { '+' }, hours.abs()),
    };
    Some(text + &zone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::date::span;

    #[test]
    fn what_is_rendered_is_a_date_nearby() {
        let mut dice = Dice::new(1);
        let day = span("2020-02-29").expect("a date");
        for _ in 0..200 {
            let text = text(&mut dice, day).expect("a date");
            let rendered = span(&text).expect(&text);
            assert!((rendered.start - day.start).abs() < 800 * DAY, "{text}");
        }
    }
}
