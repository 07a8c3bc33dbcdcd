//! Whether two JSON values are equal as RFC 6902 section 4.6 wants it for `test`.

use cresset_fhir::json::{Json, Number};

use super::budget::Budget;
use super::error::Result;

/// Equality regardless of the order of properties, with numbers by value. The recursion goes as
/// deep as the JSON, which its parser bounds.
pub(super) fn is_equal(left: &Json, right: &Json, budget: &mut Budget) -> Result<bool> {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => Ok(is_equal_number(left, right)),
        (Json::Array(left), Json::Array(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (left, right) in left.iter().zip(right) {
                if !is_equal(left, right, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Json::Object(left), Json::Object(right)) => {
            if left.len() != right.len() {
                return Ok(false);
            }
            for (name, value) in left.iter() {
                budget.charge(right.len())?;
                match right.get(name) {
                    Some(other) if is_equal(value, other, budget)? => {}
                    _ => return Ok(false),
                }
            }
            Ok(true)
        }
        _ => Ok(left == right),
    }
}

/// By value and exactly: `1.50`, `1.5` and `15e-1` are one number, however many digits they have.
fn is_equal_number(left: &Number, right: &Number) -> bool {
    let (left, right) = (left.as_str(), right.as_str());
    left == right
        || match (Decimal::of(left), Decimal::of(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        }
}

/// A number as ±0.digits × 10^exponent with no zeros at the digits' ends.
#[derive(PartialEq)]
struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// None for an exponent that no number has.
    fn of(text: &str) -> Option<Decimal> {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [integer, fraction].concat();
        let significant = digits.trim_start_matches('0');
        let leading_zeros = digits.len() - significant.len();
        let significant = significant.trim_end_matches('0');
        if significant.is_empty() {
            return Some(Decimal { is_negative: false, digits: String::new(), exponent: 0 });
        }
        let shift = i64::try_from(integer.len()).ok()? - i64::try_from(leading_zeros).ok()?;
        Some(Decimal {
            is_negative,
            digits: significant.to_owned(),
            exponent: exponent.parse::<i64>().ok()?.checked_add(shift)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(left: &str, right: &str) -> bool {
        is_equal_number(&Number::new(left).unwrap(), &Number::new(right).unwrap())
    }

    #[test]
    fn numbers_are_equal_by_value() {
        for (left, right) in [
            ("1.50", "1.5"),
            ("15e-1", "1.5"),
            ("100", "1e2"),
            ("100", "1E+2"),
            ("0.001", "1e-3"),
            ("-0", "0.00"),
            ("0e5", "0"),
            ("1e99999999999999999999", "1e99999999999999999999"),
        ] {
            assert!(equal(left, right), "{left} = {right}");
        }
        for (left, right) in [
            ("1", "-1"),
            ("1.0000000000000000000000000000001", "1"),
            ("10", "1"),
            ("0.1", "0.01"),
            ("1e99999999999999999999", "1e99999999999999999998"),
        ] {
            assert!(!equal(left, right), "{left} ≠ {right}");
        }
    }
}
