//! Shapes that look at one resource type's own values.

use super::{Kind, Shape, observations, patients};
use crate::facts::{Coded, Facts};
use crate::query::{Query, literal};

/// Values of a long OR.
const LONG_OR: usize = 100;
/// Pages that one deep walk goes through before it starts again.
pub(crate) const DEEP_PAGES: usize = 20;

pub(super) fn shapes(facts: &Facts) -> Vec<Shape> {
    let mut shapes = tokens(facts);
    shapes.extend(strings(facts));
    shapes.extend(ordered(facts));
    shapes.extend(combined(facts));
    shapes.extend(pages(facts));
    shapes
}

/// `system|code`.
pub(super) fn token(coded: &Coded) -> String {
    format!("{}|{}", literal(&coded.system), literal(&coded.code))
}

fn tokens(facts: &Facts) -> Vec<Shape> {
    vec![
        Shape::of("token, code", &facts.codes, |coded| {
            observations().with("code", literal(&coded.code))
        }),
        Shape::of("token, system and code", &facts.codes, |coded| {
            observations().with("code", token(coded))
        }),
        Shape::of("token, half of all", ["female", "male"], |gender| {
            patients().with("gender", gender)
        }),
        Shape::of("_summary=count", &facts.codes, |coded| {
            observations().with("code", token(coded)).with("_summary", "count")
        }),
    ]
}

fn strings(facts: &Facts) -> Vec<Shape> {
    let families = || facts.patients.iter().map(|patient| &patient.family);
    let start = |name: &str| name.chars().take(3).collect::<String>();
    let inner = |name: &str| name.chars().skip(1).take(3).collect::<String>();
    vec![
        Shape::of("string, prefix", families(), |family| {
            patients().with("name", literal(&start(family)))
        }),
        Shape::of("string, :exact", families(), |family| {
            patients().with("family:exact", literal(family))
        }),
        Shape::of("string, :contains", families(), |family| {
            patients().with("name:contains", literal(&inner(family)))
        }),
    ]
}

/// Dates, quantities and references: values with an order, and keys.
fn ordered(facts: &Facts) -> Vec<Shape> {
    vec![
        Shape::of("date range, half a year", &facts.years, |year| {
            observations()
                .with("date", format!("ge{year}-01-01"))
                .with("date", format!("lt{year}-07-01"))
        }),
        Shape::of("date, birth before", &facts.patients, |patient| {
            patients().with("birthdate", format!("le{}", patient.birth_date))
        }),
        Shape::of("quantity", &facts.measured, |measured| {
            let unit = token(&measured.unit);
            observations().with("value-quantity", format!("gt{}|{unit}", measured.value))
        }),
        Shape::of("reference", &facts.picked, |(patient, _)| {
            observations().with("subject", patient.reference())
        }),
    ]
}

fn combined(facts: &Facts) -> Vec<Shape> {
    let hundred: Vec<_> = facts
        .patients
        .chunks(LONG_OR)
        .map(|chunk| chunk.iter().map(|patient| patient.reference()).collect::<Vec<_>>())
        .collect();
    let with_code =
        facts.picked.iter().filter_map(|(patient, code)| Some((patient, code.as_ref()?)));
    vec![
        Shape::of("patient and code", with_code, |(patient, code)| {
            observations().with("patient", &patient.id).with("code", token(code))
        }),
        Shape::of("composite", &facts.measured, |measured| {
            let code = token(&measured.code);
            observations().with("code-value-quantity", format!("{code}$gt{}", measured.value))
        }),
        Shape::of("100-value OR", hundred, |references| {
            observations().with("subject", references.join(","))
        }),
        Shape::of("common and rare value", facts.codes.iter().rev(), |rare| {
            observations().with("status", "final").with("code", token(rare))
        }),
    ]
}

fn pages(facts: &Facts) -> Vec<Shape> {
    let sorted = |name, order: &'static str| {
        Shape::of(name, &facts.codes, move |coded| {
            observations().with("code", token(coded)).with("_sort", order)
        })
    };
    vec![
        sorted("_sort ascending", "date"),
        sorted("_sort descending", "-date"),
        // Most have the same status, so the second key decides.
        sorted("_sort by two keys", "status,-date"),
        Shape::of("_sort of all", ["-date"], |order| observations().with("_sort", order)),
        Shape::of("deep paging, each page", [observations()], |all: Query| all).kind(Kind::Pages),
        page("page 2", 2, observations()),
        page("page 1,000", 1_000, observations()),
        page("_sort, page 2", 2, observations().with("_sort", "-date")),
        page("_sort, page 1,000", 1_000, observations().with("_sort", "-date")),
    ]
}

/// One page of a search: that of a high number is to cost no more than the second.
fn page(name: &'static str, number: usize, search: Query) -> Shape {
    Shape::of(name, [search], |search| search).kind(Kind::Page(number))
}
