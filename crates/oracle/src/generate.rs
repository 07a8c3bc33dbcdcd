//! Random searches, with values from the data and beside them.

mod date;
mod value;

use crate::dice::Dice;
use crate::oracle::Oracle;
use crate::parameters::Parameter;
use crate::query::{Criterion, Include, Link, Modifier, Query, SortKey};
use crate::value::Value;
use cresset_fhir::definitions::ParameterType;
use std::collections::{BTreeMap, BTreeSet};

/// Makes searches over what an oracle knows.
pub struct Generator<'o> {
    oracle: &'o Oracle,
    dice: Dice,
    /// Every parameter of every type that has resources; each comes in its turn.
    turns: Vec<(String, String)>,
    next: usize,
    /// The resource that values are taken from where it has any, so that several criteria meet.
    anchor: usize,
    /// Reference parameters that lead from a type to a type.
    links: BTreeMap<String, Vec<Reference>>,
}

/// A reference parameter that resources have.
#[derive(Debug, Clone)]
struct Reference {
    from: String,
    parameter: String,
    to: String,
}

impl<'o> Generator<'o> {
    /// A generator that a seed repeats.
    pub fn new(oracle: &'o Oracle, seed: u64) -> Self {
        let mut turns = Vec::new();
        for name in oracle.population.types() {
            let codes = oracle.parameters.of(name).map(|parameter| &parameter.code);
            turns.extend(codes.map(|code| (name.to_owned(), code.clone())));
        }
        let mut dice = Dice::new(seed);
        // Neighbours in the list are alike; a small dose should see all sorts.
        for at in (1..turns.len()).rev() {
            turns.swap(at, dice.below(at + 1));
        }
        Self { oracle, dice, turns, next: 0, anchor: 0, links: links(oracle) }
    }

    /// How many parameters come in turn: so many searches ask each of them once.
    pub fn parameters(&self) -> usize {
        self.turns.len()
    }

    /// The next search.
    pub fn query(&mut self) -> Query {
        loop {
            let (resource_type, code) = self.turns[self.next % self.turns.len()].clone();
            self.next += 1;
            self.anchor = self.dice.below(usize::MAX);
            if self.next > self.turns.len() && !self.has_values(&resource_type, &code) {
                // Once in the first round, and now and then.
                if self.dice.percent(85) {
                    continue;
                }
            }
            let Some(criterion) = self.criterion(&resource_type, &code) else { continue };
            let query = match self.dice.below(100) {
                0..22 => self.across(&resource_type, criterion),
                22..27 => self.over_types(&resource_type, criterion),
                _ => one(&resource_type, criterion),
            };
            return self.shaped(query);
        }
    }

    /// More criteria, an order, a page size.
    fn shaped(&mut self, mut query: Query) -> Query {
        let first = query.types[0].clone();
        if query.types.len() == 1 {
            for _ in 0..[0, 0, 0, 1, 1, 2][self.dice.below(6)] {
                let codes = self.codes(&first);
                let code = self.dice.one(&codes).cloned().unwrap_or_default();
                query.criteria.extend(self.criterion(&first, &code));
            }
            if self.dice.percent(4) {
                query.includes.extend(self.include(&first));
            }
        }
        if self.dice.percent(25) {
            for _ in 0..=self.dice.below(2) {
                let codes = self.sortable(&query.types);
                if let Some(name) = self.dice.one(&codes).cloned() {
                    let descending = self.dice.percent(50);
                    query.sort.push(SortKey { name, descending });
                }
            }
        }
        if self.dice.percent(60) {
            query.count = Some([1, 2, 7, 20, 50, 200, 1000][self.dice.below(7)]);
        }
        query
    }

    fn has_values(&self, resource_type: &str, code: &str) -> bool {
        let parameter = self.oracle.parameters.get(resource_type, code);
        parameter.is_some_and(|parameter| {
            let column = self.oracle.column(resource_type, parameter);
            column.iter().flatten().any(|value| *value != Value::Empty)
        })
    }

    fn codes(&self, resource_type: &str) -> Vec<String> {
        let all = self.oracle.parameters.of(resource_type).map(|p| p.code.clone());
        all.filter(|code| self.has_values(resource_type, code)).collect()
    }

    fn sortable(&self, types: &[String]) -> Vec<String> {
        let all = self.oracle.parameters.of(&types[0]);
        let simple = all.filter(|p| p.kind != ParameterType::Composite);
        let of_all = simple.filter(|parameter| {
            let mut others = types.iter();
            others.all(|name| self.oracle.parameters.get(name, &parameter.code).is_some())
        });
        of_all.map(|p| p.code.clone()).collect()
    }

    /// A criterion that asks one parameter of a type.
    fn criterion(&mut self, resource_type: &str, code: &str) -> Option<Criterion> {
        let parameter = self.oracle.parameters.get(resource_type, code)?;
        let values = self.some_values(resource_type, parameter);
        let modifier = value::modifier(&mut self.dice, parameter, &values);
        let name = parameter.code.clone();
        if modifier == Some(Modifier::Missing) {
            let values = vec![if self.dice.percent(50) { "true" } else { "false" }.to_owned()];
            return Some(Criterion { links: Vec::new(), name, modifier, values });
        }
        let base = &self.oracle.reading.base;
        let wanted = [1, 1, 1, 1, 2, 3, 5][self.dice.below(7)];
        let values = values.iter().take(wanted);
        let texts = values.filter_map(|value| {
            value::text(&mut self.dice, parameter, modifier.as_ref(), value, base)
        });
        let mut texts: Vec<String> = texts.collect();
        if texts.is_empty() {
            // Nothing in the data to take a value from.
            let known = value::without_data(&mut self.dice, parameter, modifier.as_ref());
            texts.extend(known);
        }
        let criterion = Criterion { links: Vec::new(), name, modifier, values: texts };
        (!criterion.values.is_empty()).then_some(criterion)
    }

    /// Up to five values of a parameter, from resources here and there.
    fn some_values(&mut self, resource_type: &str, parameter: &Parameter) -> Vec<Value> {
        let column = self.oracle.column(resource_type, parameter);
        let mut found = Vec::new();
        let anchor = column.get(self.anchor % column.len().max(1));
        let value = anchor.and_then(|values| self.dice.one(values));
        found.extend(value.filter(|value| **value != Value::Empty).cloned());
        for _ in 0..40 {
            let at = self.dice.below(column.len());
            let value = column.get(at).and_then(|values| self.dice.one(values));
            if let Some(value) = value.filter(|value| **value != Value::Empty) {
                if found.is_empty() {
                    self.anchor = at;
                }
                found.push(value.clone());
            }
            if found.len() >= 5 {
                break;
            }
        }
        if found.is_empty() {
            let all = column.iter().flatten();
            found.extend(all.filter(|value| **value != Value::Empty).take(1).cloned());
        }
        found
    }

    /// A search whose criterion lies behind one or two references.
    fn across(&mut self, resource_type: &str, mut criterion: Criterion) -> Query {
        let mut at = resource_type.to_owned();
        for _ in 0..=self.dice.below(2) {
            let Some(link) = self.link(&at) else { break };
            let is_forward = link.to == at;
            if is_forward {
                let to = self.dice.percent(60).then(|| link.to.clone());
                let parameter = link.parameter;
                criterion.links.insert(0, Link::Forward { parameter, to });
                at = link.from;
            } else {
                let (from, parameter) = (link.from, link.parameter);
                criterion.links.insert(0, Link::Reverse { from, parameter });
                at = link.to;
            }
        }
        one(&at, criterion)
    }

    /// A reference to or from a type.
    fn link(&mut self, resource_type: &str) -> Option<Reference> {
        let links = self.links.get(resource_type)?;
        self.dice.one(links).cloned()
    }

    /// The same criterion asked of two or three types that have the parameter.
    fn over_types(&mut self, resource_type: &str, criterion: Criterion) -> Query {
        let own = self.oracle.parameters.get(resource_type, &criterion.name).map(|p| p.kind);
        let mut types = BTreeSet::from([resource_type.to_owned()]);
        for name in self.oracle.population.types() {
            let parameter = self.oracle.parameters.get(name, &criterion.name);
            if parameter.map(|p| p.kind) == own && types.len() < 3 && self.dice.percent(40) {
                types.insert(name.to_owned());
            }
        }
        let types = types.into_iter().collect();
        Query { types, ..one(resource_type, criterion) }
    }

    fn include(&mut self, resource_type: &str) -> Option<Include> {
        let Reference { from, parameter, to } = self.link(resource_type)?;
        let reverse = from != resource_type;
        let to = self.dice.percent(50).then_some(to);
        Some(Include { reverse, from, parameter, to })
    }
}

fn one(resource_type: &str, criterion: Criterion) -> Query {
    Query {
        types: vec![resource_type.to_owned()],
        criteria: vec![criterion],
        sort: Vec::new(),
        count: None,
        includes: Vec::new(),
    }
}

/// The references between types that the data has, under both types.
fn links(oracle: &Oracle) -> BTreeMap<String, Vec<Reference>> {
    let mut links: BTreeMap<String, Vec<Reference>> = BTreeMap::new();
    for from in oracle.population.types() {
        for parameter in oracle.reference_parameters(from) {
            let references = oracle.references(from, &parameter.code).unwrap_or_default();
            let targets: BTreeSet<String> = references.into_iter().flatten().map(|r| r.0).collect();
            for to in targets {
                let (from, parameter) = (from.to_owned(), parameter.code.clone());
                let link = Reference { from, parameter, to };
                if link.from != link.to {
                    links.entry(link.to.clone()).or_default().push(link.clone());
                }
                links.entry(link.from.clone()).or_default().push(link);
            }
        }
    }
    links
}
