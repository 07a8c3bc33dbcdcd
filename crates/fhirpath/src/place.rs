//! Where in a resource a node is.
//!
//! Evaluation keeps no paths: a node refers to the JSON itself, so its place is found afterwards
//! by walking the resource and comparing addresses. Most callers never ask; those that change
//! resources ask once for all the nodes they'll change.

use std::collections::HashMap;
use std::fmt;

use cresset_fhir::json::Json;

use crate::node::Node;

/// A step down from a resource to a place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlaceStep<'a> {
    /// A property.
    Name(&'a str),
    /// An item of an array.
    Index(usize),
}

/// The way from a resource to a place in it, written `name[0].given[1]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place<'a> {
    steps: Vec<PlaceStep<'a>>,
}

impl<'a> Place<'a> {
    /// The steps, outermost first; none for the resource itself. For a primitive that has
    /// extensions and no value they lead to where the value would be.
    pub fn steps(&self) -> &[PlaceStep<'a>] {
        &self.steps
    }

    /// The JSON at this place.
    pub fn find<'j>(&self, root: &'j Json) -> Option<&'j Json> {
        self.steps.iter().try_fold(root, |json, step| match step {
            PlaceStep::Name(name) => json.get(name),
            PlaceStep::Index(index) => json.as_array()?.get(*index),
        })
    }

    /// The JSON at this place, for changing it.
    pub fn find_mut<'j>(&self, root: &'j mut Json) -> Option<&'j mut Json> {
        self.steps.iter().try_fold(root, |json, step| match (step, json) {
            (PlaceStep::Name(name), Json::Object(object)) => object.get_mut(name),
            (PlaceStep::Index(index), Json::Array(items)) => items.get_mut(*index),
            _ => None,
        })
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                PlaceStep::Name(name) if index == 0 => f.write_str(name)?,
                PlaceStep::Name(name) => write!(f, ".{name}")?,
                PlaceStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// The places of nodes in a resource; none for a node that's elsewhere. One walk for all.
pub fn places<'a>(root: &'a Json, nodes: &[Node<'a>]) -> Vec<Option<Place<'a>>> {
    let mut search = Search { wanted: HashMap::new(), steps: Vec::new(), found: Vec::new() };
    for (index, node) in nodes.iter().enumerate() {
        if let Some(json) = node.json.or(node.sibling) {
            search.wanted.entry(std::ptr::from_ref(json)).or_default().push(index);
        }
    }
    search.found.resize(nodes.len(), None);
    search.walk(root);
    search.found
}

struct Search<'a> {
    wanted: HashMap<*const Json, Vec<usize>>,
    steps: Vec<PlaceStep<'a>>,
    found: Vec<Option<Place<'a>>>,
}

impl<'a> Search<'a> {
    /// The recursion goes as deep as the JSON, which its parser bounds.
    fn walk(&mut self, json: &'a Json) {
        if let Some(nodes) = self.wanted.remove(&std::ptr::from_ref(json)) {
            let place = Place { steps: self.valued_steps() };
            for node in nodes {
                self.found[node] = Some(place.clone());
            }
        }
        if self.wanted.is_empty() {
            return;
        }
        match json {
            Json::Object(object) => {
                for (name, value) in object.iter() {
                    self.below(PlaceStep::Name(name), value);
                }
            }
            Json::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    self.below(PlaceStep::Index(index), value);
                }
            }
            _ => {}
        }
    }

    fn below(&mut self, step: PlaceStep<'a>, json: &'a Json) {
        self.steps.push(step);
        self.walk(json);
        self.steps.pop();
    }

    /// A primitive that's found by its sibling has its place where its value would be.
    fn valued_steps(&self) -> Vec<PlaceStep<'a>> {
        let mut steps = self.steps.clone();
        let last_name = steps.iter_mut().rev().find_map(|step| match step {
            PlaceStep::Name(name) => Some(name),
            PlaceStep::Index(_) => None,
        });
        if let Some(name) = last_name {
            *name = name.strip_prefix('_').unwrap_or(name);
        }
        steps
    }
}
