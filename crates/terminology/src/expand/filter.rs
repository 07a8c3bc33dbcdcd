//! Filters: which concepts of a code system an `include` takes (R4 value set `filter-operator`).

use super::{Expander, definition};
use crate::code_system::hierarchy::Way;
use crate::code_system::{CodeSystem, Concept};
use crate::regex::Pattern;
use crate::value_set::Filter;
use crate::{Problem, ValueSet};

impl Expander<'_> {
    /// For each concept whether all filters take it.
    pub(super) fn filtered(
        &mut self,
        value_set: &ValueSet,
        system: &CodeSystem,
        filters: &[Filter],
    ) -> Result<Vec<bool>, Problem> {
        self.work.look(system.concepts().len())?;
        let mut selected = vec![true; system.concepts().len()];
        for filter in filters {
            self.work.look(system.concepts().len())?;
            let taken = self.taken(value_set, system, filter)?;
            selected.iter_mut().zip(taken).for_each(|(both, this)| *both &= this);
        }
        Ok(selected)
    }

    fn taken(
        &mut self,
        value_set: &ValueSet,
        system: &CodeSystem,
        filter: &Filter,
    ) -> Result<Vec<bool>, Problem> {
        let wrong = |reason: &str| definition(value_set, reason);
        let concepts = system.concepts();
        let value = filter.value.as_str();
        let property = Property::of(filter);
        match filter.op.as_str() {
            "is-a" => self.related(system, filter, Way::Down, true),
            "descendent-of" => self.related(system, filter, Way::Down, false),
            "generalizes" => self.related(system, filter, Way::Up, true),
            "is-not-a" => {
                let related = self.related(system, filter, Way::Down, true)?;
                Ok(related.into_iter().map(|is_below| !is_below).collect())
            }
            "=" => match property {
                Property::Parent => self.near(system, value, Way::Down),
                Property::Child => self.near(system, value, Way::Up),
                property => Ok(each(concepts, |c| property.is(system, c, value))),
            },
            "in" | "not-in" => {
                let values: Vec<&str> = value.split(',').map(str::trim).collect();
                self.work.look(concepts.len().saturating_mul(values.len()) / 4)?;
                let is_in = |c: &Concept| values.iter().any(|v| property.is(system, c, v));
                Ok(each(concepts, |c| is_in(c) == (filter.op == "in")))
            }
            "exists" => match value {
                "true" | "false" => Ok(each(concepts, |c| property.exists(c) == (value == "true"))),
                _ => Err(wrong("has an exists filter whose value is neither true nor false")),
            },
            "regex" => {
                let pattern = Pattern::new(value).map_err(wrong)?;
                let mut taken = Vec::with_capacity(concepts.len());
                for concept in concepts {
                    let mut matches = false;
                    for text in property.values(concept) {
                        matches |= pattern.matches(text, &mut self.work)?;
                    }
                    taken.push(matches);
                }
                Ok(taken)
            }
            _ => Err(wrong("has a filter with an operator that doesn't exist in R4")),
        }
    }

    /// The concepts above or below the filter's value.
    fn related(
        &mut self,
        system: &CodeSystem,
        filter: &Filter,
        way: Way,
        with_itself: bool,
    ) -> Result<Vec<bool>, Problem> {
        let system = system.subsuming()?;
        let unknown = || Problem::NoSuchCode(system.canonical());
        let place = system.place(&filter.value).ok_or_else(unknown)?;
        let mut taken = vec![false; system.concepts().len()];
        for found in system.closure(place, way, &mut self.work)? {
            taken[found] = with_itself || found != place;
        }
        Ok(taken)
    }

    /// The concepts right above or below a code: those that have it as `child` or `parent`.
    fn near(&mut self, system: &CodeSystem, code: &str, way: Way) -> Result<Vec<bool>, Problem> {
        let mut taken = vec![false; system.concepts().len()];
        if let Some(place) = system.place(code) {
            let near = system.near(place, way);
            self.work.look(near.len())?;
            near.iter().for_each(|place| taken[*place as usize] = true);
        }
        Ok(taken)
    }
}

fn each(concepts: &[Concept], take: impl Fn(&Concept) -> bool) -> Vec<bool> {
    concepts.iter().map(take).collect()
}

/// What a filter looks at.
#[derive(Clone, Copy)]
enum Property<'f> {
    Code,
    Display,
    Parent,
    Child,
    Named(&'f str),
}

impl<'f> Property<'f> {
    fn of(filter: &'f Filter) -> Self {
        match filter.property.as_str() {
            // HL7's value sets write `concept` where they mean the code.
            "code" | "concept" => Self::Code,
            "display" => Self::Display,
            "parent" => Self::Parent,
            "child" => Self::Child,
            name => Self::Named(name),
        }
    }

    fn is(self, system: &CodeSystem, concept: &Concept, value: &str) -> bool {
        match self {
            Self::Code => system.concept(value).is_some_and(|c| c.code == concept.code),
            _ => self.values(concept).any(|v| v == value),
        }
    }

    fn exists(self, concept: &Concept) -> bool {
        match self {
            Self::Parent => concept.has_parents(),
            Self::Child => concept.has_children(),
            _ => self.values(concept).next().is_some(),
        }
    }

    fn values(self, concept: &Concept) -> impl Iterator<Item = &str> {
        let (fixed, name) = match self {
            Self::Code => (Some(concept.code.as_str()), None),
            Self::Display => (concept.display.as_deref(), None),
            Self::Parent => (None, Some("parent")),
            Self::Child => (None, Some("child")),
            Self::Named(name) => (None, Some(name)),
        };
        let properties = concept.properties.iter();
        let named = properties.filter(move |(n, _)| Some(n.as_str()) == name);
        fixed.into_iter().chain(named.map(|(_, value)| value.as_str()))
    }
}
