//! Composite parameters (R4 search, section 3.1.1.4.11): values that one element has together.

use crate::escape::split;
use crate::parameters::Parameter;
use crate::value::{Asked, Reading};

/// Reads the values between `$`; `None` when their number or one of them is wrong.
pub fn read(parameter: &Parameter, value: &str, reading: &Reading) -> Option<Vec<Asked>> {
    let values = split(value, '$');
    if values.len() != parameter.parts.len() {
        return None;
    }
    let parts = parameter.parts.iter().zip(values);
    parts.map(|(part, value)| Asked::simple(part.kind, &[], None, value, reading)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::Element;
    use crate::parameters::Parameters;
    use crate::quantity::Units;
    use crate::value::values;
    use serde_json::json;

    #[test]
    fn values_must_come_from_one_element() {
        let parameters = Parameters::r4();
        let parameter = parameters.get("Observation", "component-code-value-quantity");
        let parameter = parameter.expect("a parameter of R4");
        let component = |code: &str, value: f64| json!({"code": {"coding": [{"code": code}]}, "valueQuantity": {"value": value}});
        let observation = json!({"resourceType": "Observation",
            "component": [component("systolic", 120.0), component("diastolic", 80.0)]});
        let focus = Element { json: &observation, property: "", choice: None };
        let reading = Reading { base: String::new(), units: Units::Literal };
        let found = values(&focus, parameter, &reading);
        for (value, expected) in
            [("systolic$120", true), ("systolic$lt100", false), ("diastolic$lt100", true)]
        {
            let asked = Asked::read(parameter, None, value, &reading).expect("a value");
            assert_eq!(found.iter().any(|value| asked.matches(value)), expected, "{value}");
        }
        assert!(Asked::read(parameter, None, "systolic", &reading).is_none());
    }
}
