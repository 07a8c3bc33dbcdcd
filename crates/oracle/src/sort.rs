//! Whether results are in the order that `_sort` asks for (R4 search, section 3.1.1.5.1).

use crate::oracle::{Oracle, Unanswerable};
use crate::query::SortKey;
use crate::string::fold;
use crate::value::Value;
use rust_decimal::Decimal;
use std::cmp::Ordering;

/// What a resource is sorted by.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Text(String),
    Time(i64),
    Number(Decimal),
    /// Compared only with the same unit.
    Quantity(String, Decimal),
    /// There is a value, but the specification doesn't say where it belongs.
    Anywhere,
}

/// The first two neighbours that stand the wrong way round; `None` when the order is right. Among
/// equals it is free. Without a value means last, whichever way.
///
/// # Errors
/// [`Unanswerable`] when a key is no parameter.
pub fn misplaced(
    oracle: &Oracle,
    sort: &[SortKey],
    names: &[String],
) -> Result<Option<(String, String)>, Unanswerable> {
    let mut rows = Vec::new();
    for name in names {
        let keys: Result<Vec<_>, _> = sort.iter().map(|by| key(oracle, by, name)).collect();
        rows.push((name, keys?));
    }
    let mut units: Vec<&str> = rows.iter().filter_map(|(_, keys)| unit(keys.first()?)).collect();
    units.sort_unstable();
    units.dedup();
    // Each unit is a list of its own, in which the others don't occur.
    let lists = if units.is_empty() { vec![None] } else { units.into_iter().map(Some).collect() };
    for list in lists {
        let is_in = |keys: &[Option<Key>]| {
            let own = keys.first().and_then(unit);
            own.is_none() || own == list
        };
        let rows: Vec<_> = rows.iter().filter(|(_, keys)| is_in(keys)).collect();
        for pair in rows.windows(2) {
            if compare(sort, &pair[0].1, &pair[1].1) == Ordering::Greater {
                return Ok(Some((pair[0].0.clone(), pair[1].0.clone())));
            }
        }
    }
    Ok(None)
}

fn unit(key: &Option<Key>) -> Option<&str> {
    match key {
        Some(Key::Quantity(unit, _)) => Some(unit),
        _ => None,
    }
}

fn compare(sort: &[SortKey], left: &[Option<Key>], right: &[Option<Key>]) -> Ordering {
    for (by, (left, right)) in sort.iter().zip(left.iter().zip(right)) {
        let order = match (left, right) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(left), Some(right)) => match order(left, right) {
                Some(order) if by.descending => order.reverse(),
                Some(order) => order,
                // What further keys say counts among equals only, and these may not be equal.
                None => return Ordering::Equal,
            },
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    Ordering::Equal
}

fn order(left: &Key, right: &Key) -> Option<Ordering> {
    match (left, right) {
        (Key::Text(left), Key::Text(right)) => Some(left.cmp(right)),
        (Key::Time(left), Key::Time(right)) => Some(left.cmp(right)),
        (Key::Number(left), Key::Number(right)) => Some(left.cmp(right)),
        (Key::Quantity(unit, left), Key::Quantity(other, right)) if unit == other => {
            Some(left.cmp(right))
        }
        _ => None,
    }
}

/// The smallest value of a resource; the largest when descending.
fn key(oracle: &Oracle, by: &SortKey, name: &str) -> Result<Option<Key>, Unanswerable> {
    let (resource_type, id) = name.split_once('/').unwrap_or_default();
    let parameter = oracle.parameter(resource_type, &by.name)?;
    let column = oracle.column(resource_type, parameter);
    let place = oracle.population.place(resource_type, id);
    let values = place.map_or(&[][..], |place| column[place].as_slice());
    let keys = values.iter().flat_map(keys_of);
    let choose = |a: Key, b: Key| match order(&a, &b) {
        None => Key::Anywhere,
        Some(order) if (order == Ordering::Greater) == by.descending => a,
        Some(_) => b,
    };
    Ok(keys.reduce(choose))
}

fn keys_of(value: &Value) -> Vec<Key> {
    match value {
        Value::Token(token) => {
            let codes = token.codes.iter().map(|(_, code)| code.clone().unwrap_or_default());
            codes.map(Key::Text).collect()
        }
        Value::Texts(texts) => texts.iter().map(|text| Key::Text(fold(text))).collect(),
        Value::Date(span) => vec![Key::Time(span.start)],
        Value::Number(number) => vec![Key::Number(*number)],
        Value::Quantity(quantity) => {
            let unit = |text: &Option<String>| text.clone().unwrap_or_default();
            let unit = format!("{}|{}", unit(&quantity.system), unit(&quantity.code));
            vec![Key::Quantity(unit, quantity.value)]
        }
        Value::Uri(uri) => vec![Key::Text(uri.clone())],
        Value::Reference(_) | Value::Parts(_) | Value::Empty => vec![Key::Anywhere],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::population::Population;
    use crate::quantity::Units;
    use crate::value::Reading;
    use serde_json::json;

    #[test]
    fn each_way_with_missing_values_last() {
        let mut population = Population::default();
        for (id, names) in [("a", json!(["Ábel", "Zoe"])), ("b", json!(["bea"])), ("c", json!([]))]
        {
            let json = json!({"resourceType": "Patient", "id": id, "name": [{"given": names}]});
            population.add(json).expect("a resource");
        }
        let reading = Reading { base: String::new(), units: Units::Literal };
        let oracle = Oracle::new(population, reading);
        let is_right = |name: &str, descending, ids: [&str; 3]| {
            let sort = [SortKey { name: name.to_owned(), descending }];
            let names = ids.map(|id| format!("Patient/{id}"));
            misplaced(&oracle, &sort, &names).expect("a parameter").is_none()
        };
        assert!(is_right("given", false, ["a", "b", "c"]));
        assert!(!is_right("given", false, ["b", "a", "c"]));
        assert!(!is_right("given", false, ["c", "a", "b"]));
        assert!(is_right("given", true, ["a", "b", "c"]));
        assert!(!is_right("given", true, ["c", "a", "b"]));
        assert!(is_right("gender", true, ["b", "c", "a"]), "ties are free");
        assert!(is_right("_id", true, ["c", "b", "a"]));
    }
}
