//! Decimals as an integer and a number of digits after the point.
//!
//! FHIR keeps the precision of a decimal, trailing zeros included, and no two machines
//! disagree about integers.

/// `units` divided by ten to the power `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) units: i64,
    pub(crate) scale: u8,
}

impl Decimal {
    pub(crate) const fn new(units: i64, scale: u8) -> Self {
        Self { units, scale }
    }

    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let mut digits = [b'0'; 24];
        let mut at = digits.len();
        let mut left = self.units.unsigned_abs();
        let mut written = 0;
        while left > 0 || written <= self.scale {
            if written == self.scale && self.scale > 0 {
                at -= 1;
                digits[at] = b'.';
            }
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            written += 1;
        }
        if self.units < 0 {
            out.push(b'-');
        }
        out.extend_from_slice(&digits[at..]);
    }
}

impl From<i32> for Decimal {
    fn from(whole: i32) -> Self {
        Self::new(i64::from(whole), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_after_the_point_are_kept() {
        let text = |units, scale| {
            let mut out = Vec::new();
            Decimal::new(units, scale).write(&mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(text(7200, 2), "72.00");
        assert_eq!(text(5, 2), "0.05");
        assert_eq!(text(-15, 1), "-1.5");
        assert_eq!(text(0, 0), "0");
        assert_eq!(text(120, 0), "120");
    }
}
