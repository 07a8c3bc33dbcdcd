//! The smallest search that still fails.

use crate::escape::{escape, unescape};
use crate::query::{Criterion, Link, Modifier, Query};
use crate::value::alternatives;

/// How many smaller searches are tried for one that fails.
const MOST_TRIES: usize = 150;

/// Makes a search smaller as long as `fails` holds of the smaller one.
pub fn shrink(mut query: Query, mut fails: impl FnMut(&Query) -> bool) -> Query {
    let mut tries = 0;
    'smaller: loop {
        for candidate in candidates(&query) {
            tries += 1;
            if tries > MOST_TRIES {
                return query;
            }
            if fails(&candidate) {
                query = candidate;
                continue 'smaller;
            }
        }
        return query;
    }
}

/// Searches that are a step smaller, the largest steps first.
fn candidates(query: &Query) -> Vec<Query> {
    let mut all = Vec::new();
    if !query.includes.is_empty() {
        all.push(Query { includes: Vec::new(), ..query.clone() });
    }
    for at in 0..query.sort.len() {
        let mut smaller = query.clone();
        smaller.sort.remove(at);
        all.push(smaller);
    }
    if query.count.is_some() {
        all.push(Query { count: None, ..query.clone() });
    }
    for at in 0..query.types.len() {
        if query.types.len() > 1 {
            let mut smaller = query.clone();
            smaller.types.remove(at);
            all.push(smaller);
        }
    }
    for at in 0..query.criteria.len() {
        let mut smaller = query.clone();
        smaller.criteria.remove(at);
        all.push(smaller);
    }
    if let [only] = &query.criteria[..] {
        all.extend(without_first_link(query, only));
    }
    for (at, criterion) in query.criteria.iter().enumerate() {
        for smaller_criterion in smaller_criteria(criterion) {
            let mut smaller = query.clone();
            smaller.criteria[at] = smaller_criterion;
            all.push(smaller);
        }
    }
    all
}

/// What a chain asks of the type that its first link leads to.
fn without_first_link(query: &Query, criterion: &Criterion) -> Option<Query> {
    let (first, rest) = criterion.links.split_first()?;
    let to = match first {
        Link::Forward { to, .. } => to.clone()?,
        Link::Reverse { from, .. } => from.clone(),
    };
    let criteria = vec![Criterion { links: rest.to_vec(), ..criterion.clone() }];
    Some(Query { types: vec![to], criteria, ..query.clone() })
}

fn smaller_criteria(criterion: &Criterion) -> Vec<Criterion> {
    let with = |values: Vec<String>| Criterion { values, ..criterion.clone() };
    let values: Vec<&str> = criterion.values.iter().flat_map(|v| alternatives(v)).collect();
    if criterion.modifier == Some(Modifier::Missing) {
        return Vec::new();
    }
    if let [only] = values[..] {
        let modifier = criterion.modifier.is_some();
        let plain = modifier.then(|| Criterion { modifier: None, ..criterion.clone() });
        let shorter = shorter(only).into_iter().map(|value| with(vec![value]));
        return plain.into_iter().chain(shorter).collect();
    }
    values.iter().map(|value| with(vec![(*value).to_owned()])).collect()
}

/// The first half of a text; other values are none when they are cut.
fn shorter(value: &str) -> Option<String> {
    let plain: Vec<char> = unescape(value).chars().collect();
    let is_words = !value.contains(['|', '$', '/', ':']) && plain.iter().any(|c| c.is_alphabetic());
    let half: String = plain.iter().take(plain.len() / 2).collect();
    (is_words && !half.trim().is_empty()).then(|| escape(half.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::SortKey;

    #[test]
    fn only_what_makes_it_fail_is_left() {
        let criterion = |name: &str, values: &[&str]| Criterion {
            links: Vec::new(),
            name: name.to_owned(),
            modifier: None,
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        };
        let query = Query {
            types: vec!["A".into(), "B".into()],
            criteria: vec![criterion("x", &["1", "2", "3"]), criterion("y", &["4"])],
            sort: vec![SortKey { name: "z".into(), descending: false }],
            count: Some(5),
            includes: Vec::new(),
        };
        let asks_2 = |q: &Query| q.criteria.iter().any(|c| c.values.iter().any(|v| v == "2"));
        let smallest = shrink(query, asks_2);
        assert_eq!(smallest.url(), "/B?x=2");
    }

    #[test]
    fn links_go_one_by_one() {
        let has = Link::Reverse { from: "Observation".into(), parameter: "patient".into() };
        let criterion = Criterion {
            links: vec![has],
            name: "status".into(),
            modifier: None,
            values: vec!["final".into()],
        };
        let query = Query {
            types: vec!["Patient".into()],
            criteria: vec![criterion],
            sort: Vec::new(),
            count: None,
            includes: Vec::new(),
        };
        let smallest = shrink(query, |query| query.url().contains("status"));
        assert_eq!(smallest.url(), "/Observation?status=f");
    }
}
