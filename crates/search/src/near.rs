//! `near` of Location (R4 location, search parameters): positions within a distance.
//!
//! A value is `[Ordered(latitude, longitude)]`, each in ten-millionths of a degree (about a
//! centimetre). A search cuts its circle into strips along parallels, each a range of latitudes with
//! a range of longitudes. Whatever is within the distance is found; what is found is not more than
//! 2 % beyond it.

use crate::escape::{split, unescape};
use crate::form::Asked;
use crate::index::{Leaf, Match, Slot, Values};
use cresset_fhir::json::Json;
use cresset_fhirpath::ucum;
use cresset_store::{Segment, Within};
use rust_decimal::Decimal;
use std::f64::consts::{FRAC_PI_2, PI};

/// The mean radius of the earth in kilometres.
const RADIUS: f64 = 6_371.008_8;
/// Strips of a circle; each goes beyond it by a tenth of its height at most.
const STRIPS: u32 = 128;
/// What is near when a search gives no distance, in kilometres.
const NEAR: f64 = 10.0;
/// Steps of a degree.
const STEPS: f64 = 1e7;

/// Whether values of this type are positions.
pub(crate) fn applies_to(type_name: &str) -> bool {
    type_name == "Location.position"
}

/// A position on the earth; any other is none.
pub(crate) fn extract(value: &Json, into: &mut Values) {
    let degrees = |name| value.get(name)?.as_number()?.as_str().parse::<f64>().ok();
    if let (Some(latitude), Some(longitude)) = (degrees("latitude"), degrees("longitude"))
        && latitude.abs() <= 90.0
        && longitude.abs() <= 180.0
    {
        let bytes = [ordered(steps(latitude)), ordered(steps(longitude))].concat();
        into.push((Slot::Main, vec![Segment::Ordered(bytes)]));
    }
}

fn steps(degrees: f64) -> i32 {
    (degrees * STEPS).round() as i32
}

/// Steps as bytes in their order.
fn ordered(steps: i32) -> [u8; 4] {
    (steps as u32 ^ 1 << 31).to_be_bytes()
}

/// `latitude|longitude`, `latitude|longitude|distance`, `latitude|longitude|distance|unit`: 10 km
/// without a distance, kilometres without a unit.
pub(crate) fn matches(value: &str, asked: &Asked<'_>) -> Result<Match, String> {
    if let Some(modifier) = asked.modifier {
        return Err(modifier.unsupported("position"));
    }
    const FORM: &str = "write latitude|longitude|distance|unit: degrees, and km or [mi_us]";
    let parts: Vec<_> = split(value, '|').into_iter().map(|part| unescape(part.trim())).collect();
    if !(2..=4).contains(&parts.len()) {
        return Err(FORM.to_owned());
    }
    let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or(FORM);
    let (latitude, longitude) = (number(&parts[0])?, number(&parts[1])?);
    if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
        return Err("a latitude is between -90 and 90, a longitude between -180 and 180".to_owned());
    }
    let distance = match parts.get(2).filter(|distance| !distance.is_empty()) {
        Some(distance) => {
            number(distance)? * kilometres(parts.get(3).map_or("", |u| u)).ok_or(FORM)?
        }
        None => NEAR,
    };
    if distance < 0.0 {
        return Err("a distance is not below 0".to_owned());
    }
    Ok(Match::Any(around(latitude, longitude, distance)))
}

/// The unit in kilometres: UCUM's, and what people write.
fn kilometres(unit: &str) -> Option<f64> {
    let unit = match unit {
        "" | "km" | "kms" => return Some(1.0),
        "mi" | "mile" | "miles" => "[mi_i]",
        // The mile of US surveys, which R4 names; 6,336 km are 3,937 of them.
        "[mi_us]" => return Some(6_336.0 / 3_937.0),
        other => other,
    };
    let one = ucum::convert(Decimal::ONE, unit, "km")?;
    one.to_string().parse().ok()
}

/// The strips of a circle around a place.
fn around(latitude: f64, longitude: f64, distance: f64) -> Vec<Match> {
    // A step more, since positions and bounds are rounded to steps.
    let radius = (distance / RADIUS + (2.0 / STEPS).to_radians()).min(PI);
    let (centre, middle) = (latitude.to_radians(), longitude.to_radians());
    let height = 2.0 * radius / f64::from(STRIPS);
    let mut strips = Vec::new();
    for n in 0..STRIPS {
        let from = centre - radius + f64::from(n) * height;
        let (from, to) = (from.max(-FRAC_PI_2), (from + height).min(FRAC_PI_2));
        if from > to {
            continue;
        }
        let half = half_width(centre, radius, from, to);
        for (west, east) in turned(middle - half, middle + half) {
            strips.push(strip(from, to, west, east));
        }
    }
    strips
}

/// How far east a circle goes in a strip, seen from its centre: at an edge, or where it is widest.
fn half_width(centre: f64, radius: f64, from: f64, to: f64) -> f64 {
    let at = |latitude: f64| {
        let apart = latitude.cos() * centre.cos();
        let rest = radius.cos() - latitude.sin() * centre.sin();
        if apart < 1e-12 || rest <= -apart { PI } else { (rest / apart).min(1.0).acos() }
    };
    let mut widest = at(from).max(at(to));
    let top = centre.sin() / radius.cos();
    if top.abs() <= 1.0 && (from..=to).contains(&top.asin()) {
        widest = widest.max(at(top.asin()));
    }
    widest
}

/// A range of longitudes within -180° to 180°: two of them where it goes across.
fn turned(west: f64, east: f64) -> Vec<(f64, f64)> {
    if east - west >= 2.0 * PI {
        vec![(-PI, PI)]
    } else if west < -PI {
        vec![(west + 2.0 * PI, PI), (-PI, east)]
    } else if east > PI {
        vec![(west, PI), (-PI, east - 2.0 * PI)]
    } else {
        vec![(west, east)]
    }
}

fn strip(from: f64, to: f64, west: f64, east: f64) -> Match {
    let low = |angle: f64| Some(ordered((angle.to_degrees() * STEPS).floor() as i32).to_vec());
    let high = |angle: f64| Some(ordered((angle.to_degrees() * STEPS).ceil() as i32 + 1).to_vec());
    let within = Some(Within { at: 4, lower: low(west), upper: high(east) });
    Match::Leaf(Leaf { within, ..Leaf::between(Slot::Main, low(from), high(to)) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn haversine(a: (f64, f64), b: (f64, f64)) -> f64 {
        let [(p, l), (q, m)] = [a, b].map(|(x, y)| (x.to_radians(), y.to_radians()));
        let half =
            ((q - p) / 2.0).sin().powi(2) + p.cos() * q.cos() * ((m - l) / 2.0).sin().powi(2);
        2.0 * RADIUS * half.sqrt().min(1.0).asin()
    }

    fn finds(strips: &[Match], (latitude, longitude): (f64, f64)) -> bool {
        let bytes = [ordered(steps(latitude)), ordered(steps(longitude))].concat();
        strips.iter().any(|strip| match strip {
            Match::Leaf(leaf) => {
                let is_above = leaf.lower.as_ref().is_none_or(|lower| bytes >= *lower);
                let is_below = leaf.upper.as_ref().is_none_or(|upper| bytes < *upper);
                is_above && is_below && leaf.within.as_ref().is_none_or(|w| w.admits(&bytes))
            }
            _ => false,
        })
    }

    proptest! {
        #[test]
        fn a_circle_is_found_and_little_more(
            latitude in -90.0..90.0f64, longitude in -180.0..180.0f64,
            distance in 0.01..3_000.0f64, north in -1.2..1.2f64, east in -180.0..180.0f64,
        ) {
            let strips = around(latitude, longitude, distance);
            let far = (latitude + north * (distance / RADIUS).to_degrees()).clamp(-90.0, 90.0);
            // Near the edge, and anywhere.
            let shrunk = east * (distance / RADIUS) / far.to_radians().cos().max(0.01);
            for east in [east, shrunk] {
                let other = (longitude + east + 180.0).rem_euclid(360.0) - 180.0;
                let apart = haversine((latitude, longitude), (far, other));
                let is_found = finds(&strips, (far, other));
                prop_assert!(is_found || apart > distance, "missed at {apart}");
                prop_assert!(!is_found || apart <= distance * 1.02 + 0.001, "found at {apart}");
            }
        }
    }
}
