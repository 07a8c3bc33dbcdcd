//! Equality and equivalence of elements with all that's in them.

use cresset_fhir::json::Json;

use super::equality::is_equivalent_text;
use crate::value::{equivalent_decimals, parse_decimal};

/// Whether two trees say the same; the order of properties doesn't matter, `1.0` is `1.00`.
/// The recursion goes as deep as the JSON, which its parser bounds. `work` counts the visits.
pub(super) fn is_equal_json(left: &Json, right: &Json, work: &mut u64) -> bool {
    *work += 1;
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => {
            let (left, right) = (left.as_str(), right.as_str());
            left == right || parse_decimal(left).is_some_and(|n| parse_decimal(right) == Some(n))
        }
        (Json::Array(left), Json::Array(right)) => {
            let mut pairs = left.iter().zip(right);
            left.len() == right.len() && pairs.all(|(left, right)| is_equal_json(left, right, work))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    let other = right.get(name);
                    other.is_some_and(|other| is_equal_json(value, other, work))
                })
        }
        _ => left == right,
    }
}

/// Like equality, but the order of repeated elements, the case of texts and the last digits of
/// numbers don't matter.
pub(super) fn is_equivalent_json(left: &Json, right: &Json, work: &mut u64) -> bool {
    *work += 1;
    match (left, right) {
        (Json::String(left), Json::String(right)) => is_equivalent_text(left, right),
        (Json::Number(left), Json::Number(right)) => {
            let numbers = parse_decimal(left.as_str()).zip(parse_decimal(right.as_str()));
            numbers.is_some_and(|(left, right)| equivalent_decimals(left, right))
        }
        (Json::Array(left), Json::Array(right)) => {
            let mut unmatched: Vec<&Json> = right.iter().collect();
            left.len() == right.len()
                && left.iter().all(|item| {
                    let at =
                        unmatched.iter().position(|other| is_equivalent_json(item, other, work));
                    at.map(|at| unmatched.swap_remove(at)).is_some()
                })
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    let other = right.get(name);
                    other.is_some_and(|other| is_equivalent_json(value, other, work))
                })
        }
        _ => left == right,
    }
}
