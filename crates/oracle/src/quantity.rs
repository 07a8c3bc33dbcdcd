//! Quantity parameters (R4 search, section 3.1.1.4.14).

use crate::escape::{split, unescape};
use crate::evaluate::Element;
use crate::number;
use crate::ucum;
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// A quantity of a resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Quantity {
    /// The number; exact.
    pub value: Decimal,
    /// The system of the code.
    pub system: Option<String>,
    /// The coded unit.
    pub code: Option<String>,
    /// The unit as people write it.
    pub unit: Option<String>,
}

/// Reads a Quantity; both ends of a Range; nothing of SampledData.
pub fn read(element: &Element<'_>) -> Vec<Quantity> {
    let json = element.json;
    match (json.get("low"), json.get("high")) {
        (None, None) => one(json).into_iter().collect(),
        (low, high) => [low, high].into_iter().flatten().filter_map(one).collect(),
    }
}

fn one(json: &Json) -> Option<Quantity> {
    let text = |name: &str| json[name].as_str().map(str::to_owned);
    let value = number::read(json.get("value")?)?;
    let (system, code, unit) = (text("system"), text("code"), text("unit"));
    match text("currency") {
        None => Some(Quantity { value, system, code, unit }),
        // Money (R4 datatypes): its currency is a code of ISO 4217.
        currency => {
            let system = Some("urn:iso:std:iso:4217".to_owned());
            Some(Quantity { value, system, code: currency, unit: None })
        }
    }
}

/// How units of UCUM are compared; a server may do either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Units {
    /// As they are written.
    Literal,
    /// `1 g` is `1000 mg`.
    Canonical,
}

/// A value of a search, understood.
#[derive(Debug, Clone)]
pub struct Asked {
    number: number::Asked,
    system: Option<String>,
    code: Option<String>,
    units: Units,
}

impl Asked {
    /// Reads `number`, `number|system|code` or `number||code`, each with a prefix.
    pub fn read(value: &str, units: Units) -> Option<Self> {
        let parts = split(value, '|');
        let some = |text: &str| Some(unescape(text)).filter(|text| !text.is_empty());
        let (system, code) = match parts[..] {
            [_] => (None, None),
            [_, system, code] => (some(system), some(code)),
            _ => return None,
        };
        Some(Self { number: number::Asked::read(parts[0])?, system, code, units })
    }

    /// Whether a quantity is so. Without a system, the code may be that of the unit or its text.
    pub fn matches(&self, quantity: &Quantity) -> bool {
        let is_same = match (&self.system, &self.code) {
            (None, None) => true,
            (None, code) => quantity.code == *code || quantity.unit == *code,
            (system, code) => quantity.system == *system && quantity.code == *code,
        };
        if is_same && self.number.matches(quantity.value) {
            return true;
        }
        self.units == Units::Canonical && self.matches_converted(quantity)
    }

    fn matches_converted(&self, quantity: &Quantity) -> bool {
        let (Some(asked), Some(has)) = (&self.code, &quantity.code) else { return false };
        let is_ucum = |system: &Option<String>| system.as_deref() == Some(ucum::SYSTEM);
        if !is_ucum(&self.system) || !is_ucum(&quantity.system) || asked == has {
            return false;
        }
        let (Some(asked), Some(has)) = (ucum::unit(asked), ucum::unit(has)) else { return false };
        asked.dimension == has.dimension
            && self.number.times(asked.factor).matches(quantity.value * has.factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn matches(units: Units, value: &str, json: &Json) -> bool {
        let found = read(&Element { json, property: "valueQuantity", choice: Some("Quantity") });
        let asked = Asked::read(value, units).expect("a quantity");
        found.iter().any(|quantity| asked.matches(quantity))
    }

    #[test]
    fn units_are_codes_or_texts() {
        let dose = json!({"value": 5.4, "unit": "milligram", "code": "mg", "system": ucum::SYSTEM});
        for (value, found) in [
            ("5.4", true),
            ("5.4||mg", true),
            ("5.4||milligram", true),
            ("5.4||g", false),
            ("gt5.3|http://unitsofmeasure.org|mg", true),
            ("5.4|http://unitsofmeasure.org|milligram", false),
            ("5.4|http://other.org|mg", false),
            ("ne5.4", false),
            ("0.0054|http://unitsofmeasure.org|g", false),
        ] {
            assert_eq!(matches(Units::Literal, value, &dose), found, "{value}");
        }
    }

    #[test]
    fn canonical_units_are_converted() {
        let dose = json!({"value": 1000, "code": "mg/dL", "system": ucum::SYSTEM});
        for (value, found) in [
            ("1.0|http://unitsofmeasure.org|g/dL", true),
            ("10|http://unitsofmeasure.org|g/L", true),
            ("lt1.0|http://unitsofmeasure.org|g/dL", false),
            ("1.0|http://unitsofmeasure.org|g", false),
        ] {
            assert_eq!(matches(Units::Canonical, value, &dose), found, "{value}");
            assert!(!matches(Units::Literal, value, &dose));
        }
    }

    #[test]
    fn a_range_is_its_ends() {
        let range = json!({"low": {"value": 1, "unit": "a"}, "high": {"value": 2, "unit": "a"}});
        assert!(matches(Units::Literal, "1", &range) && matches(Units::Literal, "2||a", &range));
    }
}
