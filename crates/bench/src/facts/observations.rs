//! What is asked about Observations: the codes, values and years that occur.

use serde_json::Value;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A code with its system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Coded {
    pub(crate) system: String,
    pub(crate) code: String,
}

/// A code and a value that is in the middle of those that occur with it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Measured {
    pub(crate) code: Coded,
    /// The digits of the value.
    pub(crate) value: String,
    pub(crate) unit: Coded,
}

/// Counts over some Observations. Their order does not matter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    codes: BTreeMap<Coded, u64>,
    values: BTreeMap<(Coded, Coded), Vec<String>>,
    years: BTreeMap<String, u64>,
}

impl Tally {
    pub(crate) fn add(&mut self, observation: &Value) {
        let text = |path: &str| observation.pointer(path)?.as_str();
        let coded = |system: &str, code: &str| {
            Some(Coded { system: text(system)?.into(), code: text(code)?.into() })
        };
        if let Some(year) = text("/effectiveDateTime").and_then(|date| date.get(..4)) {
            *self.years.entry(year.into()).or_default() += 1;
        }
        let Some(code) = coded("/code/coding/0/system", "/code/coding/0/code") else {
            return;
        };
        *self.codes.entry(code.clone()).or_default() += 1;
        let unit = coded("/valueQuantity/system", "/valueQuantity/code");
        let value = observation.pointer("/valueQuantity/value");
        if let Some((unit, value)) = unit.zip(value) {
            let values = self.values.entry((code, unit)).or_default();
            values.push(value.to_string());
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        for (key, values) in other.values {
            self.values.entry(key).or_default().extend(values);
        }
        for (year, count) in other.years {
            *self.years.entry(year).or_default() += count;
        }
    }

    pub(crate) fn codes(&self) -> Vec<Coded> {
        by_frequency(&self.codes)
    }

    pub(crate) fn years(&self) -> Vec<String> {
        by_frequency(&self.years)
    }

    /// The codes with the most values first, each with the middle of them.
    pub(crate) fn measured(&self) -> Vec<Measured> {
        let mut order: Vec<_> = self.values.iter().collect();
        order.sort_by_key(|(_, values)| Reverse(values.len()));
        let middle = |values: &[String]| {
            let mut values = values.to_vec();
            values.sort_by(|a, b| number(a).total_cmp(&number(b)).then_with(|| a.cmp(b)));
            values.swap_remove(values.len() / 2)
        };
        order
            .into_iter()
            .map(|((code, unit), values)| Measured {
                code: code.clone(),
                value: middle(values),
                unit: unit.clone(),
            })
            .collect()
    }
}

/// The keys, those that occur most first, and in their own order among equals.
fn by_frequency<K: Clone>(counts: &BTreeMap<K, u64>) -> Vec<K> {
    let mut order: Vec<_> = counts.iter().collect();
    order.sort_by_key(|(_, count)| Reverse(**count));
    order.into_iter().map(|(key, _)| key.clone()).collect()
}

fn number(digits: &str) -> f64 {
    digits.parse().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn observation(code: &str, value: f64, date: &str) -> Value {
        json!({
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "effectiveDateTime": date,
            "valueQuantity": {"value": value, "system": "http://unitsofmeasure.org", "code": "cm"}
        })
    }

    #[test]
    fn order_of_the_resources_does_not_matter() {
        let mut resources = vec![
            observation("b", 9.5, "2015-01-01"),
            observation("a", 10.0, "2016-01-01T00:00:00Z"),
            observation("b", 100.0, "2015-07-01"),
            observation("b", 20.0, "2014"),
            json!({"code": {"text": "no code"}}),
        ];
        let tally_of = |resources: &[Value]| {
            let mut tally = Tally::default();
            resources.iter().for_each(|resource| tally.add(resource));
            tally
        };
        let tally = tally_of(&resources);
        let codes: Vec<_> = tally.codes().into_iter().map(|coded| coded.code).collect();
        assert_eq!(codes, ["b", "a"]);
        assert_eq!(tally.years(), ["2015", "2014", "2016"]);
        assert_eq!(tally.measured()[0].value, "20.0");
        resources.reverse();
        let mut halves = tally_of(&resources[..2]);
        halves.merge(tally_of(&resources[2..]));
        assert_eq!(halves.codes(), tally.codes());
        assert_eq!(halves.measured(), tally.measured());
    }
}
