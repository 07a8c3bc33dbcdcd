//! Shapes that go from one resource to others, and those of one resource's surroundings.

use super::single::token;
use super::{Kind, Shape, VARIANTS, observations, patients};
use crate::facts::Facts;
use crate::query::{Query, literal};

/// The Observation that the benchmark makes for its long history.
pub(crate) const OWN_HISTORY: &str = "Observation/cresset-bench-history";
/// Versions of it.
pub(crate) const VERSIONS: u64 = 1_000;

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
        })
        .whole(),
        Shape::of("_revinclude", &facts.patients, |patient| {
            patients()
                .with("birthdate", &patient.birth_date)
                .with("_revinclude", "Condition:subject")
        }),
        Shape::of("_revinclude:iterate", &facts.patients, |patient| {
            patients()
                .with("birthdate", &patient.birth_date)
                .with("_revinclude", "Encounter:subject")
                .with("_revinclude:iterate", "Observation:encounter")
        })
        .whole(),
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
        whole: true,
    };
    let versions = VERSIONS.to_string();
    let own_history = Query::of(&format!("{OWN_HISTORY}/_history")).with("_count", versions);
    vec![
        about("instance history", "_history"),
        about("$everything", "$everything"),
        Shape {
            name: "history of 1,000 versions",
            queries: vec![own_history.finish()],
            kind: Kind::OwnHistory,
            whole: true,
        },
    ]
}
