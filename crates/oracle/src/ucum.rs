//! The units of UCUM that Synthea uses and those beside them, by hand: what one is of its
//! dimension's own unit.

use rust_decimal::Decimal;

/// UCUM's code system.
pub const SYSTEM: &str = "http://unitsofmeasure.org";

/// A unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// What it measures.
    pub dimension: &'static str,
    /// How many of the dimension's own unit it is.
    pub factor: Decimal,
}

/// The unit with this code. What stands in braces is a comment on the number 1.
pub fn unit(code: &str) -> Option<Unit> {
    let plain = match code.split_once('{') {
        Some((before, comment)) if comment.ends_with('}') => before.trim_end_matches('/'),
        _ => code,
    };
    let (dimension, factor) = match plain {
        "" if !code.is_empty() => ("number", "1"),
        "mL/min" => ("volume of time", "1"),
        "%" => ("number", "0.01"),
        "mg/g" => ("number", "0.001"),
        "10*3/uL" => ("number of volume", "1000000000"),
        "10*6/uL" => ("number of volume", "1000000000000"),
        "U/L" => ("catalysis of volume", "1"),
        "kU/L" => ("catalysis of volume", "1000"),
        "kg" => ("mass", "1000"),
        "g" => ("mass", "1"),
        "mg" => ("mass", "0.001"),
        "ug" => ("mass", "0.000001"),
        "pg" => ("mass", "0.000000000001"),
        "m" => ("length", "1"),
        "cm" => ("length", "0.01"),
        "mm" => ("length", "0.001"),
        "L" => ("volume", "1"),
        "dL" => ("volume", "0.1"),
        "mL" => ("volume", "0.001"),
        "fL" => ("volume", "0.000000000000001"),
        "g/L" => ("mass of volume", "1"),
        "g/dL" => ("mass of volume", "10"),
        "mg/dL" => ("mass of volume", "0.01"),
        "mg/L" => ("mass of volume", "0.001"),
        "ng/mL" => ("mass of volume", "0.000001"),
        "pg/mL" => ("mass of volume", "0.000000001"),
        "mmol/L" => ("amount of volume", "0.001"),
        "umol/L" => ("amount of volume", "0.000001"),
        "mol/L" => ("amount of volume", "1"),
        _ => return None,
    };
    Some(Unit { dimension, factor: factor.parse().ok()? })
}
