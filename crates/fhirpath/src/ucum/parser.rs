//! Reading UCUM's syntax: terms of units with prefixes, exponents and annotations.

use super::Measure;
use super::atoms::{self, Atom, PREFIXES};
use super::dimension::Dimension;
use super::ratio::Ratio;

/// Longer texts are no units that anyone means.
pub(super) const MAX_LENGTH: usize = 128;
const MAX_DEPTH: u8 = 16;

const UNITY: Measure = Measure { factor: Ratio::ONE, offset: None, dimension: Dimension::NONE };

pub(super) fn parse(unit: &str) -> Option<Measure> {
    if unit.is_empty() || unit.len() > MAX_LENGTH || !unit.is_ascii() {
        return None;
    }
    if let Some(temperature) = temperature(unit) {
        return Some(temperature);
    }
    let mut parser = Parser { text: unit, depth: 0 };
    let measure = parser.term()?;
    parser.text.is_empty().then_some(measure)
}

/// The scales with a zero of their own stand alone: half a degree Celsius per hour has none.
fn temperature(unit: &str) -> Option<Measure> {
    let (factor, offset) = match unit {
        "Cel" => (Ratio::ONE, Ratio::new(27_315, 100, 0)?),
        // K = (F + 459.67) × 5/9
        "[degF]" => (Ratio::new(5, 9, 0)?, Ratio::new(45_967 * 5, 900, 0)?),
        _ => return None,
    };
    Some(Measure { factor, offset: Some(offset), dimension: Dimension::base("K")? })
}

struct Parser<'t> {
    text: &'t str,
    depth: u8,
}

impl<'t> Parser<'t> {
    fn mark(&mut self, mark: char) -> bool {
        let rest = self.text.strip_prefix(mark);
        self.text = rest.unwrap_or(self.text);
        rest.is_some()
    }

    fn term(&mut self) -> Option<Measure> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        let mut product = UNITY;
        let mut divides = self.mark('/');
        loop {
            let component = self.component()?;
            let factor = if divides { component.power(-1)? } else { component };
            product = product.multiply(factor)?;
            divides = match (self.mark('/'), self.mark('.')) {
                (true, false) => true,
                (false, true) => false,
                (true, true) => return None,
                (false, false) => break,
            };
        }
        self.depth -= 1;
        Some(product)
    }

    fn component(&mut self) -> Option<Measure> {
        if self.mark('(') {
            let inner = self.term()?;
            if !self.mark(')') {
                return None;
            }
            self.annotation()?;
            return Some(inner);
        }
        if self.annotation()? {
            return Some(UNITY);
        }
        let measure = self.simple_unit()?;
        self.annotation()?;
        Some(measure)
    }

    /// Whether an annotation was there; none when it doesn't end.
    fn annotation(&mut self) -> Option<bool> {
        if !self.mark('{') {
            return Some(false);
        }
        let end = self.text.find('}')?;
        self.text = &self.text[end + 1..];
        Some(true)
    }

    fn simple_unit(&mut self) -> Option<Measure> {
        for power_of_ten in ["10*", "10^"] {
            if let Some(rest) = self.text.strip_prefix(power_of_ten) {
                self.text = rest;
                return named(power_of_ten)?.power(self.exponent()?);
            }
        }
        let digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            let (number, rest) = self.text.split_at(digits);
            self.text = rest;
            return UNITY.scaled(number.parse().ok()?, 1);
        }
        let (code, rest) = self.text.split_at(code_length(self.text)?);
        self.text = rest;
        named(code)?.power(self.exponent()?)
    }

    fn exponent(&mut self) -> Option<i8> {
        let sign = usize::from(self.text.starts_with(['+', '-']));
        let digits = self.text[sign..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return (sign == 0).then_some(1);
        }
        let (number, rest) = self.text.split_at(sign + digits);
        self.text = rest;
        number.parse().ok().filter(|power: &i8| power.abs() <= 30)
    }
}

/// How long the unit's code is; what's in brackets belongs to it whatever it is.
fn code_length(text: &str) -> Option<usize> {
    let mut in_brackets = false;
    for (index, byte) in text.bytes().enumerate() {
        match byte {
            b'[' if !in_brackets => in_brackets = true,
            b']' if in_brackets => in_brackets = false,
            _ if in_brackets => {}
            b'.' | b'/' | b'(' | b')' | b'{' | b'}' | b'+' | b'-' | b'0'..=b'9' => {
                return (index > 0).then_some(index);
            }
            _ => {}
        }
    }
    (!in_brackets && !text.is_empty()).then_some(text.len())
}

/// The unit with this code, which may begin with a metric prefix.
fn named(code: &str) -> Option<Measure> {
    if let Some(measure) = unprefixed(code, false) {
        return Some(measure);
    }
    PREFIXES.iter().find_map(|(prefix, exponent)| {
        let measure = unprefixed(code.strip_prefix(prefix)?, true)?;
        let factor = measure.factor.multiply(Ratio::power_of_ten(*exponent))?;
        Some(Measure { factor, ..measure })
    })
}

fn unprefixed(code: &str, has_prefix: bool) -> Option<Measure> {
    match atoms::find(code) {
        Some(atom) if has_prefix && !atom.is_metric => None,
        Some(atom) => defined(atom),
        // The arbitrary units are in the list of bases only.
        None => code.starts_with('[').then(|| Dimension::base(code))?.map(Measure::base),
    }
}

fn defined(atom: &Atom) -> Option<Measure> {
    match atom.of {
        "" => Dimension::base(atom.code).map(Measure::base),
        of => parse(of)?.scaled(atom.numerator, atom.denominator),
    }
}

impl Measure {
    fn base(dimension: Dimension) -> Measure {
        Measure { dimension, ..UNITY }
    }

    fn scaled(self, numerator: i128, denominator: i128) -> Option<Measure> {
        let factor = self.factor.multiply(Ratio::new(numerator, denominator, 0)?)?;
        Some(Measure { factor, ..self })
    }

    fn multiply(self, other: Measure) -> Option<Measure> {
        Some(Measure {
            factor: self.factor.multiply(other.factor)?,
            offset: None,
            dimension: self.dimension.multiply(other.dimension)?,
        })
    }

    fn power(self, exponent: i8) -> Option<Measure> {
        Some(Measure {
            factor: self.factor.power(exponent)?,
            offset: None,
            dimension: self.dimension.power(exponent)?,
        })
    }
}
