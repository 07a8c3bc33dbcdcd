use compact_str::CompactString;
use std::fmt;

/// A JSON number that keeps the text it was sent as: `1.50` and `1.5` differ as text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(CompactString);

impl Number {
    /// Takes `text` when it is a JSON number (RFC 8259 section 6), else `None`.
    pub fn new(text: &str) -> Option<Self> {
        (number_length(text.as_bytes()) == Some(text.len())).then(|| Self(text.into()))
    }

    /// The digits as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value as an integer, when the text is one (no fraction, no exponent) that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    pub(super) fn from_valid(text: &str) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(compact_str::format_compact!("{value}"))
    }
}

/// The length of the number at the start of `bytes`, by the grammar of RFC 8259 section 6.
pub(super) fn number_length(bytes: &[u8]) -> Option<usize> {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    let integer = digits(at);
    if integer == 0 || (integer > 1 && bytes[at] == b'0') {
        return None;
    }
    at += integer;
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return None;
        }
        at += 1 + fraction;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        if exponent == 0 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_the_json_grammar() {
        for good in ["0", "-0", "1.50", "1e5", "-1.0E-3", "123456789012345678901234567890"] {
            assert_eq!(Number::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-", "01", "1.", ".5", "+1", "1e", "NaN", "1 ", "0x1"] {
            assert!(Number::new(bad).is_none(), "{bad}");
        }
    }
}
