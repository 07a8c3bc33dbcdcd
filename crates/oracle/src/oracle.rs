//! The answer to a search, found by looking at every resource.

use crate::evaluate::Element;
use crate::parameters::{Parameter, Parameters};
use crate::population::Population;
use crate::query::{Criterion, Include, Link, Modifier, Query};
use crate::value::{Asked, Reading, Value, alternatives, values};
use cresset_fhir::definitions::ParameterType;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// The values of a parameter in each resource of a type.
type Column = Rc<Vec<Vec<Value>>>;

/// A population, and what has been found out about it.
#[derive(Debug)]
pub struct Oracle {
    /// The resources.
    pub population: Population,
    /// The parameters by which they are found.
    pub parameters: Parameters,
    /// How ambiguous matters are read.
    pub reading: Reading,
    columns: RefCell<HashMap<(String, String), Column>>,
}

/// `Type/id` of resources.
pub type Names = BTreeSet<String>;

/// Why a search has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unanswerable {
    /// No type that is asked has the parameter.
    #[error("{0} has no parameter {1}")]
    NoParameter(String, String),
    /// A value isn't one of the parameter's type.
    #[error("{0} has no such value: {1}")]
    NoValue(String, String),
}

impl Oracle {
    /// An oracle for these resources.
    pub fn new(population: Population, reading: Reading) -> Self {
        let columns = RefCell::default();
        Self { population, parameters: Parameters::r4(), reading, columns }
    }

    /// The values of a parameter in each resource of a type, in the population's order.
    pub fn column(&self, resource_type: &str, parameter: &Parameter) -> Column {
        let key = (resource_type.to_owned(), parameter.code.clone());
        if let Some(column) = self.columns.borrow().get(&key) {
            return Rc::clone(column);
        }
        let of_resource = |json: &Json| {
            let focus = Element { json, property: "", choice: None };
            values(&focus, parameter, &self.reading)
        };
        let resources = self.population.of(resource_type);
        let column: Column = Rc::new(resources.iter().map(of_resource).collect());
        self.columns.borrow_mut().insert(key, Rc::clone(&column));
        column
    }

    /// The resources that a search finds.
    ///
    /// # Errors
    /// [`Unanswerable`] when the search makes no sense.
    pub fn answer(&self, query: &Query) -> Result<Names, Unanswerable> {
        let mut names = Names::new();
        for resource_type in &query.types {
            let resources = self.population.of(resource_type);
            let mut found = vec![true; resources.len()];
            for criterion in &query.criteria {
                let holds = self.holds(resource_type, &criterion.links, criterion)?;
                found.iter_mut().zip(holds).for_each(|(found, holds)| *found &= holds);
            }
            let found = resources.iter().zip(found).filter(|(_, found)| *found);
            names.extend(found.map(|(json, _)| name(json)));
        }
        Ok(names)
    }

    /// For each resource of a type, whether a criterion behind these links holds.
    fn holds(
        &self,
        resource_type: &str,
        links: &[Link],
        criterion: &Criterion,
    ) -> Result<Vec<bool>, Unanswerable> {
        match links.split_first() {
            None => self.holds_itself(resource_type, criterion),
            Some((Link::Forward { parameter, to }, rest)) => {
                self.holds_forward(resource_type, parameter, to.as_deref(), rest, criterion)
            }
            Some((Link::Reverse { from, parameter }, rest)) => {
                let inner = self.holds(from, rest, criterion)?;
                let referring = self.references(from, parameter)?;
                let mut holds = vec![false; self.population.of(resource_type).len()];
                for (references, _) in referring.iter().zip(inner).filter(|(_, found)| *found) {
                    for (name, place) in references {
                        if name == resource_type {
                            holds[*place] = true;
                        }
                    }
                }
                Ok(holds)
            }
        }
    }

    fn holds_itself(
        &self,
        resource_type: &str,
        criterion: &Criterion,
    ) -> Result<Vec<bool>, Unanswerable> {
        let parameter = self.parameter(resource_type, &criterion.name)?;
        let column = self.column(resource_type, parameter);
        let modifier = criterion.modifier.as_ref();
        if modifier == Some(&Modifier::Missing) {
            let wanted = criterion.values.iter().any(|value| value == "true");
            return Ok(column.iter().map(|values| values.is_empty() == wanted).collect());
        }
        let mut asked = Vec::new();
        for value in criterion.values.iter().flat_map(|v| alternatives(v)) {
            let understood = Asked::read(parameter, modifier, value, &self.reading);
            let refused = || Unanswerable::NoValue(criterion.to_string(), value.to_owned());
            asked.push(understood.ok_or_else(refused)?);
        }
        let matches = |values: &Vec<Value>| {
            values.iter().any(|value| asked.iter().any(|asked| asked.matches(value)))
        };
        // `:not` also finds what has no value.
        let wanted = modifier != Some(&Modifier::Not);
        Ok(column.iter().map(|values| matches(values) == wanted).collect())
    }

    fn holds_forward(
        &self,
        resource_type: &str,
        link: &str,
        to: Option<&str>,
        rest: &[Link],
        criterion: &Criterion,
    ) -> Result<Vec<bool>, Unanswerable> {
        let targets = &self.parameter(resource_type, link)?.targets;
        let mut inner = HashMap::new();
        let mut reason = None;
        for target in targets.iter().filter(|target| to.is_none_or(|to| to == *target)) {
            match self.holds(target, rest, criterion) {
                Ok(found) => drop(inner.insert(target.clone(), found)),
                // Types without the parameter are none that it is asked of.
                Err(Unanswerable::NoParameter(name, code)) => {
                    reason = Some(Unanswerable::NoParameter(name, code));
                }
                Err(other) => return Err(other),
            }
        }
        if let (Some(reason), true) = (reason, inner.is_empty()) {
            return Err(reason);
        }
        let leads_to_one = |references: &Vec<(String, usize)>| {
            references.iter().any(|(n, place)| inner.get(n).is_some_and(|found| found[*place]))
        };
        Ok(self.references(resource_type, link)?.iter().map(leads_to_one).collect())
    }

    /// For each resource of a type, the resources that it refers to by a parameter: their types, and
    /// their places among those of their type. What isn't there is left out.
    pub fn references(
        &self,
        resource_type: &str,
        link: &str,
    ) -> Result<Vec<Vec<(String, usize)>>, Unanswerable> {
        let parameter = self.parameter(resource_type, link)?;
        let place = |value: &Value| {
            let Value::Reference(reference) = value else { return None };
            let (name, id) = reference.names.as_ref()?;
            let is_target = parameter.targets.is_empty() || parameter.targets.contains(name);
            let place = self.population.place(name, id).filter(|_| is_target)?;
            Some((name.clone(), place))
        };
        let column = self.column(resource_type, parameter);
        Ok(column.iter().map(|values| values.iter().filter_map(place).collect()).collect())
    }

    /// What `_include` and `_revinclude` add to a page with these matches.
    ///
    /// # Errors
    /// [`Unanswerable`] when one names a parameter that doesn't exist.
    pub fn included(&self, includes: &[Include], page: &Names) -> Result<Names, Unanswerable> {
        let mut included = Names::new();
        for include in includes {
            let is_wanted = |name: &str| include.to.as_ref().is_none_or(|to| to == name);
            let referring = self.references(&include.from, &include.parameter)?;
            for (json, references) in self.population.of(&include.from).iter().zip(referring) {
                for (target, place) in references.iter().filter(|(target, _)| is_wanted(target)) {
                    let (from, to) = (name(json), name(&self.population.of(target)[*place]));
                    if include.reverse && page.contains(&to) {
                        included.insert(from);
                    } else if !include.reverse && page.contains(&from) {
                        included.insert(to);
                    }
                }
            }
        }
        Ok(included)
    }

    /// The parameter of a type that has this name.
    ///
    /// # Errors
    /// [`Unanswerable::NoParameter`].
    pub fn parameter(&self, resource_type: &str, code: &str) -> Result<&Parameter, Unanswerable> {
        let found = self.parameters.get(resource_type, code);
        found.ok_or_else(|| Unanswerable::NoParameter(resource_type.to_owned(), code.to_owned()))
    }

    /// Parameters of references of a type.
    pub fn reference_parameters(&self, resource_type: &str) -> impl Iterator<Item = &Parameter> {
        let all = self.parameters.of(resource_type);
        all.filter(|parameter| parameter.kind == ParameterType::Reference)
    }
}

/// `Type/id` of a resource.
pub fn name(json: &Json) -> String {
    let text = |name: &str| json[name].as_str().unwrap_or_default();
    format!("{}/{}", text("resourceType"), text("id"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quantity::Units;
    use serde_json::json;

    fn oracle() -> Oracle {
        let mut population = Population::default();
        for json in [
            json!({"resourceType": "Organization", "id": "o", "name": "Clinic"}),
            json!({"resourceType": "Patient", "id": "a", "gender": "female",
                "managingOrganization": {"reference": "Organization/o"}}),
            json!({"resourceType": "Patient", "id": "b"}),
            json!({"resourceType": "Observation", "id": "x", "status": "final",
                "subject": {"reference": "Patient/a"}}),
            json!({"resourceType": "Observation", "id": "y", "status": "amended",
                "subject": {"reference": "Patient/b"}}),
            json!({"resourceType": "Observation", "id": "z", "status": "final",
                "subject": {"reference": "Patient/gone"}}),
        ] {
            population.add(json).expect("a resource");
        }
        Oracle::new(population, Reading { base: String::new(), units: Units::Literal })
    }

    fn answer(of: &str, links: Vec<Link>, name: &str, m: Option<Modifier>, value: &str) -> String {
        let (name, values) = (name.to_owned(), vec![value.to_owned()]);
        let criteria = vec![Criterion { links, name, modifier: m, values }];
        let (sort, includes) = (Vec::new(), Vec::new());
        let query = Query { types: vec![of.to_owned()], criteria, sort, count: None, includes };
        let found = oracle().answer(&query).expect("an answer").into_iter();
        found.filter_map(|name| Some(name.split_once('/')?.1.to_owned())).collect()
    }

    fn forward(parameter: &str) -> Link {
        Link::Forward { parameter: parameter.to_owned(), to: None }
    }

    fn reverse(from: &str, parameter: &str) -> Link {
        Link::Reverse { from: from.to_owned(), parameter: parameter.to_owned() }
    }

    #[test]
    fn references_are_followed_both_ways() {
        let two = || vec![forward("subject"), forward("organization")];
        assert_eq!(answer("Observation", vec![forward("subject")], "gender", None, "female"), "x");
        assert_eq!(answer("Observation", two(), "name", None, "clin"), "x");
        let has = || vec![reverse("Observation", "subject")];
        assert_eq!(answer("Patient", has(), "status", None, "final"), "a");
        assert_eq!(answer("Patient", has(), "status", Some(Modifier::Not), "final"), "b");
        let nested = vec![reverse("Patient", "organization"), reverse("Observation", "subject")];
        assert_eq!(answer("Organization", nested, "status", None, "final,amended"), "o");
        let chained = vec![reverse("Observation", "subject"), forward("subject")];
        assert_eq!(answer("Patient", chained, "_id", None, "b"), "b");
    }

    #[test]
    fn a_chain_needs_a_resource_at_its_end() {
        let missing = Some(Modifier::Missing);
        let links = vec![forward("subject")];
        assert_eq!(answer("Observation", links, "gender", missing.clone(), "true"), "y");
        assert_eq!(answer("Patient", Vec::new(), "gender", missing, "false"), "a");
        let not = Some(Modifier::Not);
        assert_eq!(answer("Patient", Vec::new(), "gender", not, "male"), "ab");
    }

    #[test]
    fn includes_follow_the_page() {
        let oracle = oracle();
        let include = |reverse| Include {
            reverse,
            from: "Observation".into(),
            parameter: "subject".into(),
            to: Some("Patient".into()),
        };
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Names>();
        let page = names(&["Observation/x", "Observation/z"]);
        assert_eq!(oracle.included(&[include(false)], &page), Ok(names(&["Patient/a"])));
        let page = names(&["Patient/b"]);
        assert_eq!(oracle.included(&[include(true)], &page), Ok(names(&["Observation/y"])));
    }

    #[test]
    fn senseless_searches_have_no_answer() {
        let oracle = oracle();
        let holds = |links: Vec<Link>, name: &str, value: &str| {
            let (name, values) = (name.to_owned(), vec![value.to_owned()]);
            let criterion = Criterion { links, name, modifier: None, values };
            oracle.holds("Observation", &criterion.links, &criterion)
        };
        assert!(matches!(holds(Vec::new(), "xyz", "1"), Err(Unanswerable::NoParameter(..))));
        let chain = vec![forward("subject")];
        assert!(matches!(holds(chain, "xyz", "1"), Err(Unanswerable::NoParameter(..))));
        assert!(matches!(holds(Vec::new(), "date", "yesterday"), Err(Unanswerable::NoValue(..))));
    }
}
