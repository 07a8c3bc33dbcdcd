//! Exact factors between units.

use rust_decimal::Decimal;

/// An exact positive factor: `numerator / denominator × 10^exponent`, in lowest terms, so that
/// two ways to the same factor give the same rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ratio {
    numerator: i128,
    denominator: i128,
    exponent: i32,
}

impl Ratio {
    pub(super) const ONE: Ratio = Ratio { numerator: 1, denominator: 1, exponent: 0 };

    pub(super) const fn power_of_ten(exponent: i32) -> Ratio {
        Ratio { numerator: 1, denominator: 1, exponent }
    }

    pub(super) fn new(numerator: i128, denominator: i128, exponent: i32) -> Option<Ratio> {
        if numerator <= 0 || denominator <= 0 || exponent.abs() > 200 {
            return None;
        }
        let common = greatest_common_divisor(numerator, denominator);
        let (numerator, up) = without_tens(numerator / common);
        let (denominator, down) = without_tens(denominator / common);
        Some(Ratio { numerator, denominator, exponent: exponent + up - down })
    }

    pub(super) fn multiply(self, other: Ratio) -> Option<Ratio> {
        Ratio::new(
            self.numerator.checked_mul(other.numerator)?,
            self.denominator.checked_mul(other.denominator)?,
            self.exponent + other.exponent,
        )
    }

    pub(super) fn inverse(self) -> Ratio {
        Ratio { numerator: self.denominator, denominator: self.numerator, exponent: -self.exponent }
    }

    pub(super) fn power(self, exponent: i8) -> Option<Ratio> {
        let base = if exponent < 0 { self.inverse() } else { self };
        (0..exponent.unsigned_abs()).try_fold(Ratio::ONE, |product, _| product.multiply(base))
    }

    /// Numerator, denominator and exponent.
    pub(super) fn parts(self) -> Option<(u128, u128, i32)> {
        let Self { numerator, denominator, exponent } = self;
        Some((numerator.try_into().ok()?, denominator.try_into().ok()?, exponent))
    }

    /// The number times this factor, rounded only where decimals end.
    pub(super) fn times(self, value: Decimal) -> Option<Decimal> {
        let value = value.normalize();
        let exponent = self.exponent - value.scale() as i32;
        // Reducing before dividing keeps 60 per hour and 1 per minute the same number.
        let mantissa = value.mantissa();
        let common = greatest_common_divisor(mantissa.abs(), self.denominator).max(1);
        let denominator = self.denominator / common;
        let numerator = (mantissa / common).checked_mul(self.numerator)?;
        let number = shifted(numerator, exponent)?;
        if denominator == 1 {
            return Some(number);
        }
        number.checked_div(Decimal::try_from_i128_with_scale(denominator, 0).ok()?)
    }
}

/// `number × 10^exponent`.
fn shifted(number: i128, exponent: i32) -> Option<Decimal> {
    let (number, tens) = without_tens(number);
    let exponent = exponent + tens;
    if exponent >= 0 {
        let factor = 10i128.checked_pow(exponent.unsigned_abs())?;
        return Decimal::try_from_i128_with_scale(number.checked_mul(factor)?, 0).ok();
    }
    let scale = exponent.unsigned_abs();
    if scale <= Decimal::MAX_SCALE {
        return Decimal::try_from_i128_with_scale(number, scale).ok();
    }
    let divisor = 10i128.checked_pow(scale - Decimal::MAX_SCALE)?;
    Decimal::try_from_i128_with_scale(number / divisor, Decimal::MAX_SCALE).ok()
}

fn without_tens(mut number: i128) -> (i128, i32) {
    let mut tens = 0;
    while number != 0 && number % 10 == 0 {
        number /= 10;
        tens += 1;
    }
    (number, tens)
}

fn greatest_common_divisor(mut left: i128, mut right: i128) -> i128 {
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}
