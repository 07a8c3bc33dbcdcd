//! Exact decimal numbers.

use rust_decimal::{Decimal, RoundingStrategy};

/// FHIRPath's decimals have 8 digits after the point where a result isn't exact.
const RESULT_DIGITS: u32 = 8;

/// Reads a number as JSON or FHIRPath write it, an exponent included; none when it can't be held
/// exactly.
pub(crate) fn parse_decimal(text: &str) -> Option<Decimal> {
    if text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        Decimal::from_scientific(text).ok()
    } else {
        Decimal::from_str_exact(text).ok()
    }
}

/// Rounds the result of an operation that isn't exact, such as a division.
pub(crate) fn round_result(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(RESULT_DIGITS, RoundingStrategy::MidpointAwayFromZero).normalize()
}
