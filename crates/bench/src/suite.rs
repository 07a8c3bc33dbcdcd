//! The search suite: one shape for each way of asking, with values that the server holds.

mod joins;
mod single;

use crate::facts::Facts;
use crate::query::Query;

pub(crate) use joins::{OWN_HISTORY, VERSIONS};
pub(crate) use single::DEEP_PAGES;

/// Queries of each shape, so that one value in a cache does not answer for all.
const VARIANTS: usize = 8;
/// Results on a page. Said in each query, since servers' defaults differ.
const PAGE: &str = "50";

/// One way of asking, and the queries that ask so, relative to the base.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) queries: Vec<String>,
    pub(crate) kind: Kind,
    /// Whether an answer is as long as what it is about, and not a page.
    pub(crate) whole: bool,
}

/// How a shape is asked and its hits are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A search: `_total=accurate` makes it comparable.
    Search,
    /// A search whose pages are followed, each page an operation.
    Pages,
    /// The page of this number (the first is 1) of a search, reached by `next` links beforehand.
    Page(usize),
    /// History and operations, which have no `_total`.
    Other,
    /// The history of a resource of the benchmark's own.
    OwnHistory,
}

/// Every shape for which the server holds values.
pub(crate) fn suite(facts: &Facts) -> Vec<Shape> {
    let mut shapes = single::shapes(facts);
    shapes.extend(joins::shapes(facts));
    shapes.retain(|shape| !shape.queries.is_empty());
    shapes
}

impl Shape {
    /// A shape with a query for each of the first few `values`.
    fn of<T>(
        name: &'static str,
        values: impl IntoIterator<Item = T>,
        query: impl FnMut(T) -> Query,
    ) -> Self {
        let queries = values.into_iter().take(VARIANTS).map(query);
        Self {
            name,
            queries: queries.map(|query| query.with("_count", PAGE).finish()).collect(),
            kind: Kind::Search,
            whole: false,
        }
    }

    fn kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    fn whole(self) -> Self {
        Self { whole: true, ..self }
    }
}

fn observations() -> Query {
    Query::of("Observation")
}

fn patients() -> Query {
    Query::of("Patient")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Coded, Measured, Patient};

    fn facts() -> Facts {
        let coded = |system: &str, code: &str| Coded { system: system.into(), code: code.into() };
        let patient = |n: usize| Patient {
            birth_date: format!("19{n:02}-02-03"),
            family: "Müller".into(),
            given: "Ada".into(),
            identifier: format!("i{n}"),
            id: format!("p{n}"),
        };
        let height = coded("http://loinc.org", "8302-2");
        Facts {
            patients: (0..30).map(patient).collect(),
            picked: vec![(patient(0), Some(height.clone()))],
            codes: vec![height.clone(), coded("http://loinc.org", "1-8")],
            measured: vec![Measured {
                code: height,
                value: "170.5".into(),
                unit: coded("http://unitsofmeasure.org", "cm"),
            }],
            years: vec!["2015".into()],
            ..Facts::default()
        }
    }

    fn first(name: &str) -> String {
        let shapes = suite(&facts());
        let shape = shapes.iter().find(|shape| shape.name == name);
        shape.expect(name).queries[0].clone()
    }

    #[test]
    fn queries_are_urls() {
        assert_eq!(
            first("token, system and code"),
            "Observation?code=http://loinc.org%7C8302-2&_count=50"
        );
        assert_eq!(
            first("quantity"),
            "Observation?value-quantity=gt170.5%7Chttp://unitsofmeasure.org%7Ccm&_count=50"
        );
        assert_eq!(first("string, :exact"), "Patient?family:exact=M%C3%BCller&_count=50");
        assert_eq!(first("$everything"), "Patient/p0/$everything");
        assert_eq!(
            first("common and rare value"),
            "Observation?status=final&code=http://loinc.org%7C1-8&_count=50"
        );
    }

    #[test]
    fn a_hundred_values_are_a_hundred() {
        let query = first("100-value OR");
        assert_eq!(query.matches("Patient/").count(), 30, "all, of less than a hundred");
        assert!(first("string, prefix").starts_with("Patient?name=M%C3%BCl&"), "three letters");
    }

    #[test]
    fn pages_are_searches_and_surroundings_are_whole() {
        let shapes = suite(&facts());
        let named = |name: &str| shapes.iter().find(|shape| shape.name == name).expect(name);
        assert_eq!(named("page 1,000").kind, Kind::Page(1_000));
        assert_eq!(named("_sort, page 2").queries, ["Observation?_sort=-date&_count=50"]);
        assert_eq!(
            first("_sort by two keys"),
            "Observation?code=http://loinc.org%7C8302-2&_sort=status,-date&_count=50"
        );
        let whole: Vec<_> = shapes.iter().filter(|s| s.whole).map(|s| s.name).collect();
        let surroundings = ["instance history", "$everything", "history of 1,000 versions"];
        assert_eq!(
            whole,
            [&["_include:iterate", "_revinclude:iterate"], &surroundings[..]].concat()
        );
        assert_eq!(
            first("history of 1,000 versions"),
            "Observation/cresset-bench-history/_history?_count=1000"
        );
    }

    #[test]
    fn names_are_unique_and_an_empty_server_asks_for_little() {
        let mut names: Vec<_> = suite(&facts()).iter().map(|shape| shape.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        let without_values = suite(&Facts::default());
        assert!(without_values.iter().all(|shape| !shape.queries[0].contains("code=")));
    }
}
