//! Units of measure after UCUM: reading a unit and converting a quantity into its canonical form.
//!
//! Two quantities can be compared when their canonical units are the same text. The canonical
//! units are UCUM's own base units (metre, second, gram, radian, kelvin, coulomb, candela), with
//! two departures that serve clinical data: the mole and each arbitrary unit (`[iU]` …) are base
//! units of their own, so that mmol/L stays apart from plain numbers per volume.

mod atoms;
mod dimension;
mod parser;
mod ratio;

use rust_decimal::Decimal;
use std::cell::RefCell;
use std::collections::HashMap;

use dimension::Dimension;
use ratio::Ratio;

/// How many units a thread remembers; data have some hundred.
const REMEMBERED: usize = 1_000;

thread_local! {
    /// Reading a unit takes longer than converting a number, and the same few come again and again.
    static READ: RefCell<HashMap<Box<str>, Option<Measure>>> = RefCell::default();
}

/// A unit that was read: how many of its canonical unit it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measure {
    factor: Ratio,
    /// Added after multiplying: temperatures have zeros of their own.
    offset: Option<Ratio>,
    dimension: Dimension,
}

/// What a unit is, if it is one.
fn read(unit: &str) -> Option<Measure> {
    if unit.len() > parser::MAX_LENGTH {
        return None;
    }
    READ.with_borrow_mut(|known| {
        if let Some(measure) = known.get(unit) {
            return *measure;
        }
        if known.len() >= REMEMBERED {
            known.clear();
        }
        let measure = parser::parse(unit);
        known.insert(unit.into(), measure);
        measure
    })
}

/// The quantity in canonical units: the number and the unit as text, such as `g.m-3`. None when
/// the unit isn't known or the number would leave the range of decimals.
///
/// ```
/// use cresset_fhirpath::ucum::canonical;
/// let five_grams_per_litre = canonical("500".parse().unwrap(), "mg/dL").unwrap();
/// assert_eq!(five_grams_per_litre, ("5000".parse().unwrap(), "g.m-3".to_owned()));
/// ```
pub fn canonical(value: Decimal, unit: &str) -> Option<(Decimal, String)> {
    let measure = read(unit)?;
    let scaled = measure.factor.times(value)?;
    let number = match measure.offset {
        Some(offset) => scaled.checked_add(offset.times(Decimal::ONE)?)?,
        None => scaled,
    };
    Some((number.normalize(), measure.dimension.to_string()))
}

/// How many of its canonical unit a unit is, exactly: `numerator / denominator × 10^exponent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Above 0.
    pub numerator: u128,
    /// Above 0.
    pub denominator: u128,
    /// Of ten.
    pub exponent: i32,
    /// The canonical unit, as [`canonical`] names it.
    pub unit: String,
}

/// The factor of a unit, for whoever computes with more digits than decimals have. None when the
/// unit isn't known, or has a zero of its own as temperatures have.
pub fn factor(unit: &str) -> Option<Factor> {
    let measure = read(unit).filter(|measure| measure.offset.is_none())?;
    let (numerator, denominator, exponent) = measure.factor.parts()?;
    Some(Factor { numerator, denominator, exponent, unit: measure.dimension.to_string() })
}

/// The number that a quantity has in another unit; none when there's no such conversion.
pub fn convert(value: Decimal, from: &str, to: &str) -> Option<Decimal> {
    if from == to {
        return Some(value);
    }
    let (from, to) = (read(from)?, read(to)?);
    if from.dimension != to.dimension {
        return None;
    }
    if from.offset.is_none() && to.offset.is_none() {
        let factor = from.factor.multiply(to.factor.inverse())?;
        return Some(factor.times(value)?.normalize());
    }
    let zero = |measure: Measure| match measure.offset {
        Some(offset) => offset.times(Decimal::ONE),
        None => Some(Decimal::ZERO),
    };
    let canonical = from.factor.times(value)?.checked_add(zero(from)?)?;
    let number = canonical.checked_sub(zero(to)?)?;
    Some(to.factor.inverse().times(number)?.normalize())
}

/// Whether this is a unit we know.
pub fn is_known(unit: &str) -> bool {
    read(unit).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, unit: &str, expected: &str, expected_unit: &str) {
        let found = canonical(value.parse().unwrap(), unit);
        let expected = (expected.parse().unwrap(), expected_unit.to_owned());
        assert_eq!(found, Some(expected), "{value} {unit}");
    }

    #[test]
    fn clinical_units_have_a_canonical_form() {
        check("1", "kg", "1000", "g");
        check("185", "[lb_av]", "83914.58845", "g");
        check("2", "[in_i]", "0.0508", "m");
        check("5.2", "10*3/uL", "5200000000000", "m-3");
        check("5.2", "10^9/L", "5200000000000", "m-3");
        check("7.4", "mmol/L", "7.4", "mol.m-3");
        check("120", "mm[Hg]", "15998640", "g.m-1.s-2");
        check("72", "/min", "1.2", "s-1");
        check("72", "{beats}/min", "1.2", "s-1");
        check("50", "%", "0.5", "1");
        check("3", "{score}", "3", "1");
        check("140", "meq/L", "140", "mol.m-3");
        check("12", "m[iU]/mL", "12000", "[iU].m-3");
        check("1", "kcal", "4184000", "g.m2.s-2");
        check("1", "wk", "604800", "s");
        check("2", "kg/m2", "2000", "g.m-2");
        check("90", "mL/min/{1.73_m2}", "0.0000015", "m3.s-1");
        check("1", "kg.m/s2", "1000", "g.m.s-2");
        check("1", "g/(8.h)", "0.0000347222222222222222222222", "g.s-1");
        check("1", "mo", "2629800", "s");
        check("1", "[oz_av]", "28.349523125", "g");
    }

    #[test]
    fn temperatures_have_their_own_zero() {
        check("37", "Cel", "310.15", "K");
        check("98.6", "[degF]", "310.15", "K");
        assert_eq!(canonical(Decimal::ONE, "Cel/h"), None);
    }

    #[test]
    fn numbers_convert_between_units_of_one_dimension() {
        let convert = |value: &str, from, to| convert(value.parse().unwrap(), from, to);
        assert_eq!(convert("98.6", "[degF]", "Cel"), "37".parse().ok());
        assert_eq!(convert("60", "/h", "/min"), "1".parse().ok());
        assert_eq!(convert("1", "g", "m"), None);
    }

    #[test]
    fn what_is_no_unit_has_no_canonical_form() {
        for unit in ["", "foo", "kk", "k", "mg//L", "(g", "g)", "mg/", "g{", "m²", "k[in_i]"] {
            assert_eq!(canonical(Decimal::ONE, unit), None, "{unit}");
        }
        let nested = format!("{}g{}", "(".repeat(1000), ")".repeat(1000));
        assert_eq!(canonical(Decimal::ONE, &nested), None);
        assert_eq!(canonical(Decimal::MAX, "Ym"), None);
    }
}
