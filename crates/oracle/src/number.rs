//! Number parameters (R4 search, section 3.1.1.4.6), and the numbers of quantities.

use crate::escape::unescape;
use crate::prefix::Prefix;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// Reads a number of a resource.
pub fn read(json: &Json) -> Option<Decimal> {
    parse(&json.as_number()?.to_string())
}

/// Reads a number, with an exponent perhaps.
pub fn parse(text: &str) -> Option<Decimal> {
    text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
}

/// A number of a search, understood.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    prefix: Prefix,
    number: Decimal,
    /// Half of the unit of its last digit.
    half: Decimal,
}

impl Asked {
    /// Reads a value; `None` when it is no number.
    pub fn read(value: &str) -> Option<Self> {
        let value = unescape(value);
        let (prefix, text) = Prefix::split(&value);
        Some(Self { prefix, number: parse(text)?, half: half_of_last_digit(text)? })
    }

    /// Whether a number is so. `eq` and `ne` take the search's number as rounded, from (and with)
    /// half a unit below to (and without) half a unit above; the others take it as exact.
    pub fn matches(&self, value: Decimal) -> bool {
        let Self { prefix, number, half } = *self;
        let is_equal = number - half <= value && value < number + half;
        match prefix {
            Prefix::Eq => is_equal,
            Prefix::Ne => !is_equal,
            Prefix::Gt | Prefix::Sa => value > number,
            Prefix::Lt | Prefix::Eb => value < number,
            Prefix::Ge => value >= number,
            Prefix::Le => value <= number,
            Prefix::Ap => {
                let tenth = number.abs() / Decimal::TEN;
                number - tenth <= value && value <= number + tenth
            }
        }
    }

    /// The same in another unit, `factor` of which make one of this.
    pub fn times(&self, factor: Decimal) -> Self {
        Self { number: self.number * factor, half: self.half * factor, ..*self }
    }
}

/// `0.05` of `5.4`, `0.5` of `100`, `5` of `1e1`.
fn half_of_last_digit(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let exponent: i32 = exponent.parse().ok()?;
    let place = exponent - i32::try_from(decimals).ok()?;
    Decimal::from_scientific(&format!("5e{}", place - 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_precision_decide() {
        for (asked, yes, no) in [
            ("5.4", &["5.35", "5.4499"][..], &["5.45", "5.3499"][..]),
            ("100", &["99.5", "100.4"], &["99.4", "100.5"]),
            ("1e2", &["50", "149.9"], &["49", "150"]),
            ("ne5.40", &["5.41"], &["5.4"]),
            ("gt100", &["100.0001"], &["100"]),
            ("sa100", &["100.0001"], &["100"]),
            ("lt100", &["99.9"], &["100"]),
            ("ge100", &["100"], &["99.99"]),
            ("le-2", &["-2", "-3"], &["-1.9"]),
            ("ap-10", &["-11", "-9"], &["-11.1", "-8.9"]),
        ] {
            let is = |value: &&str| {
                let asked = Asked::read(asked).expect("a number");
                asked.matches(parse(value).expect("a number"))
            };
            assert!(yes.iter().all(is), "{asked} is among {yes:?}");
            assert!(!no.iter().any(is), "{asked} is not among {no:?}");
        }
    }

    #[test]
    fn other_texts_are_no_numbers() {
        assert!(["", "ge", "x", "5,4", "1e"].iter().all(|text| Asked::read(text).is_none()));
    }
}
