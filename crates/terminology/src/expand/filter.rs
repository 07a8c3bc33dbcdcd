//! Filters: which concepts of a code system an `include` takes (R4 value set `filter-operator`).

use super::{Expander, definition};
use crate::code_system::hierarchy::Way;
use crate::code_system::{CodeSystem, Concept};
use crate::regex::Pattern;
use crate::value_set::Filter;
use crate::{Problem, ValueSet};
use std::collections::HashSet;

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
        let is_of_hierarchy = matches!(property, Property::Code);
        match filter.op.as_str() {
            "is-a" | "descendent-of" | "generalizes" | "is-not-a" if !is_of_hierarchy => {
                Err(wrong("has a filter along the hierarchy whose property isn't concept or code"))
            }
            "is-a" => self.related(system, filter, Way::Down, true),
            "descendent-of" => self.related(system, filter, Way::Down, false),
            "generalizes" => self.related(system, filter, Way::Up, true),
            "is-not-a" => {
                let related = self.related(system, filter, Way::Down, true)?;
                Ok(related.into_iter().map(|is_below| !is_below).collect())
            }
            "=" => self.equal(system, property, &[value]),
            "in" | "not-in" => {
                let values: Vec<&str> = value.split(',').map(str::trim).collect();
                let mut taken = self.equal(system, property, &values)?;
                if filter.op == "not-in" {
                    taken.iter_mut().for_each(|taken| *taken = !*taken);
                }
                Ok(taken)
            }
            "exists" => match value {
                "true" | "false" => Ok(each(concepts, |c| property.exists(c) == (value == "true"))),
                _ => Err(wrong("has an exists filter whose value is neither true nor false")),
            },
            "regex" => self.fitting(value_set, system, property, value),
            _ => Err(wrong("has a filter with an operator that doesn't exist in R4")),
        }
    }

    /// The concepts whose property fits a regular expression.
    fn fitting(
        &mut self,
        value_set: &ValueSet,
        system: &CodeSystem,
        property: Property<'_>,
        pattern: &str,
    ) -> Result<Vec<bool>, Problem> {
        if matches!(property, Property::Parent | Property::Child) {
            let reason = "has a regex filter on parent or child: only codes can be compared there";
            return Err(definition(value_set, reason));
        }
        let pattern = Pattern::new(pattern).map_err(|reason| definition(value_set, reason))?;
        let mut taken = Vec::with_capacity(system.concepts().len());
        for concept in system.concepts() {
            let mut fits = false;
            for text in property.values(concept) {
                fits |= pattern.matches(text, &mut self.work)?;
            }
            taken.push(fits);
        }
        Ok(taken)
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

    /// The concepts whose property has one of the values.
    fn equal(
        &mut self,
        system: &CodeSystem,
        property: Property<'_>,
        values: &[&str],
    ) -> Result<Vec<bool>, Problem> {
        self.work.look(values.len())?;
        let way = match property {
            Property::Code => None,
            // Whoever has the value as parent is right below it.
            Property::Parent => Some(Way::Down),
            Property::Child => Some(Way::Up),
            Property::Display | Property::Named(_) => {
                let values: HashSet<&str> = values.iter().copied().collect();
                let is = |c: &Concept| property.values(c).any(|v| values.contains(v));
                return Ok(each(system.concepts(), is));
            }
        };
        let mut taken = vec![false; system.concepts().len()];
        for place in values.iter().filter_map(|value| system.place(value)) {
            match way {
                None => taken[place] = true,
                Some(way) => {
                    let near = system.near(place, way);
                    self.work.look(near.len())?;
                    near.iter().for_each(|place| taken[*place as usize] = true);
                }
            }
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
            // The hierarchy has those.
            Self::Parent | Self::Child => (None, None),
            Self::Named(name) => (None, Some(name)),
        };
        let properties = concept.properties.iter();
        let named = properties.filter(move |(n, _)| Some(n.as_str()) == name);
        fixed.into_iter().chain(named.map(|(_, value)| value.as_str()))
    }
}
