//! Shapes that go from one resource to others, and those of one resource's surroundings.

use super::single::token;
use super::{Kind, Shape, VARIANTS, observations, patients};
use crate::facts::Facts;
use crate::query::{Query, literal};

pub(super) fn shapes(facts: &Facts) -> Vec<Shape> {
    let mut shapes = chains(facts);
    shapes.extend(includes(facts));
    shapes.extend(surroundings(facts));
    shapes
}

fn chains(facts: &Facts) -> Vec<Shape> {
    let families = || facts.patients.iter().map(|patient| literal(&patient.family));
    vec![
        Shape::of("chain", families(), |family| observations().with("subject.name", family)),
        Shape::of("chain, typed", families(), |family| {
            observations().with("subject:Patient.name", family)
        }),
        // The rarest codes: with a common one nearly all patients are found.
        Shape::of("_has", facts.codes.iter().rev(), |coded| {
            patients().with("_has:Observation:patient:code", token(coded))
        }),
    ]
}

fn includes(facts: &Facts) -> Vec<Shape> {
    vec![
        Shape::of("_include", &facts.codes, |coded| {
            observations().with("code", token(coded)).with("_include", "Observation:subject")
        }),
        Shape::of("_include:iterate", &facts.codes, |coded| {
            observations()
                .with("code", token(coded))
                .with("_include", "Observation:encounter")
                .with("_include:iterate", "Encounter:service-provider")
        }),
        Shape::of("_revinclude", &facts.patients, |patient| {
            patients()
                .with("birthdate", &patient.birth_date)
                .with("_revinclude", "Condition:subject")
        }),
    ]
}

fn surroundings(facts: &Facts) -> Vec<Shape> {
    let about = |name, what: &'static str| Shape {
        name,
        queries: facts
            .picked
            .iter()
            .take(VARIANTS)
            .map(|(patient, _)| Query::of(&format!("{}/{what}", patient.reference())).finish())
            .collect(),
        kind: Kind::Other,
    };
    vec![about("instance history", "_history"), about("$everything", "$everything")]
}
