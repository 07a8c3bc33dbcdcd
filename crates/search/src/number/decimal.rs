/// An exact decimal number: its digits as they were written, so that `5.40` is rounded to another
/// place than `5.4`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    /// 0–9 each, the first not 0; empty for zero.
    digits: Vec<u8>,
    /// The power of ten of the last digit.
    scale: i64,
    has_exponent: bool,
}

/// Digits beyond these are cut off; queries have fewer.
const MOST_DIGITS: usize = 200;
/// Powers of ten beyond this are taken to it.
const MOST_SCALE: i64 = 1_000_000_000;

impl Decimal {
    /// Reads a JSON number; a `+`, or nothing before the point, passes too.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(read_exponent(exponent)?)),
            None => (text, None),
        };
        let is_negative = mantissa.starts_with('-');
        let mantissa = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = || whole.bytes().chain(fraction.bytes());
        if whole.len() + fraction.len() == 0 || !all().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let fraction_length = i64::try_from(fraction.len()).ok()?;
        let digits = all().map(|b| b - b'0').skip_while(|d| *d == 0);
        let mut number = Self {
            is_negative,
            digits: digits.collect(),
            scale: exponent.unwrap_or(0) - fraction_length,
            has_exponent: exponent.is_some(),
        };
        if number.digits.len() > MOST_DIGITS {
            number.scale += (number.digits.len() - MOST_DIGITS) as i64;
            number.digits.truncate(MOST_DIGITS);
        }
        Some(number)
    }

    /// The number as exact arithmetic has it, cut to 28 digits; `None` when it is too large or small.
    pub(crate) fn to_fixed(&self) -> Option<rust_decimal::Decimal> {
        const MOST: usize = 28;
        let digits = &self.digits[..self.digits.len().min(MOST)];
        let scale = self.scale + (self.digits.len() - digits.len()) as i64;
        if scale.unsigned_abs() > MOST as u64 {
            return None;
        }
        let mantissa = digits.iter().fold(0, |n: i128, digit| n * 10 + i128::from(*digit));
        let mantissa = if self.is_negative { -mantissa } else { mantissa };
        let places = u32::try_from(scale.abs()).ok()?;
        if scale <= 0 {
            return rust_decimal::Decimal::try_from_i128_with_scale(mantissa, places).ok();
        }
        let whole = mantissa.checked_mul(10_i128.checked_pow(places)?)?;
        rust_decimal::Decimal::try_from_i128_with_scale(whole, 0).ok()
    }

    /// What exact arithmetic came to.
    pub(crate) fn from_fixed(number: rust_decimal::Decimal) -> Self {
        let mut rest = number.mantissa().unsigned_abs();
        let mut digits = Vec::new();
        while rest > 0 {
            digits.push((rest % 10) as u8);
            rest /= 10;
        }
        digits.reverse();
        Self {
            is_negative: number.is_sign_negative(),
            digits,
            scale: -i64::from(number.scale()),
            has_exponent: false,
        }
    }

    /// Bytes that are ordered as the numbers are, the same for `5.4` and `5.40`, none the start of
    /// another's: sign and exponent, then two digits a byte, the last byte even, others odd.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let trailing = self.digits.iter().rev().take_while(|d| **d == 0).count();
        let digits = &self.digits[..self.digits.len() - trailing];
        if digits.is_empty() {
            return vec![0x80];
        }
        // The number is 0.d₁d₂… × 10^exponent.
        let exponent = self.scale + self.digits.len() as i64;
        let mut bytes = Vec::with_capacity(6 + digits.len() / 2);
        match exponent {
            ..-31 => push_exponent(&mut bytes, 0x81, exponent),
            -31..=31 => bytes.push((0x82 + 31 + exponent) as u8),
            32.. => push_exponent(&mut bytes, 0xC1, exponent),
        }
        for pair in digits.chunks(2) {
            let tens = pair[0] * 10 + pair.get(1).copied().unwrap_or(0);
            bytes.push(tens * 2 + 1);
        }
        if let Some(last) = bytes.last_mut() {
            *last -= 1;
        }
        if self.is_negative {
            bytes.iter_mut().for_each(|b| *b = !*b);
        }
        bytes
    }

    /// From where to where a number may have been before it was rounded to this one, the end not
    /// included: `100` is [99.5, 100.5). By section 3.1.1.4.6, `1e2` is [95, 105): an exponent
    /// counts as a digit more.
    pub(crate) fn implicit_range(&self) -> (Self, Self) {
        let mut exact = self.clone();
        if exact.has_exponent {
            exact.push_digit(0);
        }
        let mut above = exact.clone();
        above.push_digit(5);
        let mut below = exact;
        if below.digits.is_empty() {
            below.push_digit(5);
            below.is_negative = !self.is_negative;
        } else {
            below.take_one();
            below.push_digit(5);
        }
        if self.is_negative { (above, below) } else { (below, above) }
    }

    /// A tenth less and a tenth more.
    pub(crate) fn tenth_around(&self) -> (Self, Self) {
        let (near, far) = (self.times_tenths(9), self.times_tenths(11));
        if self.is_negative { (far, near) } else { (near, far) }
    }

    fn times_tenths(&self, factor: u32) -> Self {
        let mut digits = Vec::with_capacity(self.digits.len() + 2);
        let mut carry = 0;
        for digit in self.digits.iter().rev() {
            carry += u32::from(*digit) * factor;
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        while carry > 0 {
            digits.push((carry % 10) as u8);
            carry /= 10;
        }
        digits.reverse();
        Self { digits, scale: self.scale - 1, ..self.clone() }
    }

    /// Times `numerator / denominator`, both above 0: exact, or to as many digits as no measurement
    /// has. `None` when the factors are too large.
    pub(crate) fn times(&self, numerator: u128, denominator: u128) -> Option<Self> {
        const LARGEST: u128 = u128::MAX / 16;
        const MOST: usize = 40;
        if numerator > LARGEST || denominator > LARGEST {
            return None;
        }
        let mut product = Vec::with_capacity(self.digits.len() + 40);
        let mut carry = 0;
        for digit in self.digits.iter().rev() {
            carry += u128::from(*digit) * numerator;
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        while carry > 0 {
            product.push((carry % 10) as u8);
            carry /= 10;
        }
        product.reverse();
        let (mut scale, mut rest, mut digits) = (self.scale, 0, Vec::new());
        let mut left = product.into_iter();
        loop {
            match left.next() {
                Some(digit) => rest = rest * 10 + u128::from(digit),
                None if rest == 0 || digits.len() >= MOST => break,
                None => {
                    rest *= 10;
                    scale -= 1;
                }
            }
            let digit = (rest / denominator) as u8;
            rest %= denominator;
            if digit != 0 || !digits.is_empty() {
                digits.push(digit);
            }
        }
        Some(Self { digits, scale, ..self.clone() })
    }

    /// Times a power of ten.
    pub(crate) fn shifted(self, exponent: i32) -> Self {
        Self { scale: self.scale + i64::from(exponent), ..self }
    }

    fn push_digit(&mut self, digit: u8) {
        if digit != 0 || !self.digits.is_empty() {
            self.digits.push(digit);
        }
        self.scale -= 1;
    }

    /// One less at the last digit; the number isn't zero.
    fn take_one(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit > 0 {
                *digit -= 1;
                break;
            }
            *digit = 9;
        }
        let zeros = self.digits.iter().take_while(|d| **d == 0).count();
        self.digits.drain(..zeros);
    }
}

/// An exponent's value, bounded: no number that matters is beyond.
fn read_exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse().unwrap_or(MOST_SCALE).min(MOST_SCALE);
    Some(if text.starts_with('-') { -size } else { size })
}

fn push_exponent(into: &mut Vec<u8>, mark: u8, exponent: i64) {
    into.push(mark);
    let shifted = (exponent + (1 << 31)).clamp(0, i64::from(u32::MAX));
    into.extend_from_slice(&(shifted as u32).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::Decimal;
    use proptest::prelude::*;
    use std::cmp::Ordering;

    #[test]
    fn factors_lose_no_digit() {
        let times = |text: &str, numerator, denominator, exponent| {
            let number = Decimal::parse(text).expect("a number");
            number.times(numerator, denominator).expect("in range").shifted(exponent).encode()
        };
        let near = [encode("10.38338031552635"), encode("10.38338031552636")];
        assert!(near[0] < near[1]);
        assert_eq!(times("10.38338031552635", 1, 1, -18), encode("10.38338031552635e-18"));
        assert_eq!(times("162.84796412338937", 133_322, 1, 0), encode("21711216.27285851758714"));
        assert_eq!(times("60", 1, 3600, 0), times("1", 1, 60, 0));
        assert_eq!(times("-7", 10, 4, 1), encode("-175"));
        assert_eq!(times("0", 10, 4, 1), encode("0"));
    }

    fn encode(text: &str) -> Vec<u8> {
        Decimal::parse(text).expect("a number").encode()
    }

    #[test]
    fn bytes_are_in_the_order_of_numbers() {
        let ascending = [
            "-1e400",
            "-1e40",
            "-101",
            "-100.5",
            "-100",
            "-99",
            "-5.41",
            "-5.4",
            "-0.1",
            "-1e-40",
            "-1e-400",
            "0",
            "1e-400",
            "1e-40",
            "0.0999",
            "0.1",
            "0.11",
            "0.1100001",
            "5.35",
            "5.4",
            "5.41",
            "9",
            "10",
            "99",
            "99.5",
            "100",
            "1e31",
            "1e32",
            "1e33",
            "1e400",
        ];
        for pair in ascending.windows(2) {
            assert!(encode(pair[0]) < encode(pair[1]), "{pair:?}");
        }
        for same in [["5.4", "5.40"], ["100", "1e2"], ["0", "-0.00"], ["0.05", "5e-2"]] {
            assert_eq!(encode(same[0]), encode(same[1]));
        }
    }

    #[test]
    fn a_number_stands_for_what_is_rounded_to_it() {
        for (text, low, high) in [
            ("5.4", "5.35", "5.45"),
            ("5.40", "5.395", "5.405"),
            ("100", "99.5", "100.5"),
            ("1e2", "95", "105"),
            ("0", "-0.5", "0.5"),
            ("0.0", "-0.05", "0.05"),
            ("-5.4", "-5.45", "-5.35"),
            ("1", "0.5", "1.5"),
            ("10", "9.5", "10.5"),
        ] {
            let (from, to) = Decimal::parse(text).expect("a number").implicit_range();
            assert_eq!((from.encode(), to.encode()), (encode(low), encode(high)), "{text}");
        }
        let (low, high) = Decimal::parse("-1050").expect("a number").tenth_around();
        assert_eq!((low.encode(), high.encode()), (encode("-1155"), encode("-945")));
    }

    #[test]
    fn fixed_numbers_are_the_same_numbers() {
        for text in ["0", "-5.40", "1e20", "-1e-28", "1234567890123456789012345678"] {
            let number = Decimal::parse(text).expect("a number");
            let fixed = number.to_fixed().expect(text);
            assert_eq!(Decimal::from_fixed(fixed).encode(), number.encode(), "{text}");
        }
        for text in ["1e29", "1e-29", "1234567890123456789e20"] {
            assert_eq!(Decimal::parse(text).expect("a number").to_fixed(), None, "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in ["", "-", "e5", "1e", "1e+", "1.2.3", "0x1", "NaN", "１", "1 "] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        /// Numbers with four decimals, against integers.
        #[test]
        fn the_order_is_that_of_integers(a in -2_000_000_000_i64..2_000_000_000, b in -50_000_i64..50_000) {
            let text = |n: i64| format!("{}{}.{:04}", if n < 0 { "-" } else { "" }, n.abs() / 10_000, n.abs() % 10_000);
            let (x, y) = (encode(&text(a)), encode(&text(b)));
            prop_assert_eq!(x.cmp(&y), a.cmp(&b));
            prop_assert!(a == b || !(x.starts_with(&y) || y.starts_with(&x)));
        }

        #[test]
        fn exponents_move_the_point(n in 1_u32..100_000, e in -300_i32..300, f in -300_i32..300) {
            let order = encode(&format!("{n}e{e}")).cmp(&encode(&format!("{n}e{f}")));
            prop_assert_eq!(order, e.cmp(&f));
            let negative = encode(&format!("-{n}e{e}")).cmp(&encode(&format!("-{n}e{f}")));
            prop_assert_eq!(negative, e.cmp(&f).reverse());
            prop_assert_eq!(encode(&format!("-{n}e{e}")).cmp(&encode("0")), Ordering::Less);
        }
    }
}
