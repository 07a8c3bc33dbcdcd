//! Where in a resource the index values are: a tree over its elements, and for the few expressions
//! that are no simple paths the expression itself.

#[cfg(test)]
mod agreement;
mod computed;
mod line;
mod path;
mod texts;
mod walk;

pub(crate) use line::{Guard, Line, lines};
pub(crate) use path::{Path, Step, alternatives};
use texts::TextTypes;
pub(crate) use texts::Texts;
pub(crate) use walk::Walk;

use crate::contained;
use crate::form::Form;
use cresset_fhir::definitions::{Definitions, ParameterType, ResourceType, TypeId};
use cresset_fhirpath::{Expression, Limits};
use cresset_store::Parameter;

/// The plan of all resource types.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The first is nowhere.
    nodes: Vec<Node>,
    /// By the number of the resource type: its node, 0 for none, and what it evaluates.
    roots: Vec<(u32, Vec<Evaluation>)>,
    /// By the number of the resource type: the indexes of its words, of narrative and of all texts.
    words: Vec<[Option<usize>; 2]>,
    text_types: Option<TextTypes>,
    /// The index of contained resources' types.
    contained_types: Parameter,
}

/// A place in a resource.
#[derive(Debug, Default)]
struct Node {
    /// By property index; empty at the ends.
    children: Vec<u32>,
    actions: Vec<Action>,
}

/// Values to take at a place.
#[derive(Debug)]
struct Action {
    index: usize,
    form: Form,
    guard: Option<Guard>,
    /// Properties from the place to the values; a guard must see the object that it is about.
    tail: Vec<&'static str>,
}

/// An expression to evaluate on the resource.
#[derive(Debug)]
pub(crate) struct Evaluation {
    pub(crate) index: usize,
    pub(crate) kind: ParameterType,
    pub(crate) expression: Expression,
    pub(crate) limits: Limits,
}

impl Plan {
    pub(crate) fn new() -> Self {
        Self {
            nodes: vec![Node::default()],
            roots: Vec::new(),
            words: Vec::new(),
            text_types: None,
            contained_types: contained::types(),
        }
    }

    /// Takes values at the end of `line` for the index.
    pub(crate) fn add_line(
        &mut self,
        definitions: &Definitions,
        resource_type: ResourceType,
        line: &Line,
        index: usize,
        form: Form,
    ) {
        let hops = &line.hops;
        let depth = line.guard.as_ref().map_or(hops.len(), |guard| guard.depth);
        let mut type_id = definitions.resource_type_id(resource_type);
        let mut at = self.root(resource_type);
        for hop in &hops[..depth] {
            at = self.child(definitions, at, type_id, hop.property);
            type_id = definitions[type_id].properties()[hop.property].type_id;
        }
        self.nodes[at as usize].actions.push(Action {
            index,
            form,
            guard: line.guard.clone(),
            tail: hops[depth..].iter().map(|hop| hop.name).collect(),
        });
    }

    pub(crate) fn add_evaluation(&mut self, resource_type: ResourceType, evaluation: Evaluation) {
        self.root(resource_type);
        self.roots[usize::from(resource_type.number())].1.push(evaluation);
    }

    /// Keeps the words of the texts in the index.
    pub(crate) fn add_words(
        &mut self,
        definitions: &Definitions,
        resource_type: ResourceType,
        texts: Texts,
        index: usize,
    ) {
        self.text_types = TextTypes::of(definitions);
        let number = usize::from(resource_type.number());
        if self.words.len() <= number {
            self.words.resize(number + 1, [None; 2]);
        }
        self.words[number][texts as usize] = Some(index);
    }

    fn root(&mut self, resource_type: ResourceType) -> u32 {
        let number = usize::from(resource_type.number());
        if self.roots.len() <= number {
            self.roots.resize_with(number + 1, || (0, Vec::new()));
        }
        if self.roots[number].0 == 0 {
            self.roots[number].0 = self.add_node();
        }
        self.roots[number].0
    }

    fn child(&mut self, definitions: &Definitions, at: u32, of: TypeId, property: usize) -> u32 {
        let children = &mut self.nodes[at as usize].children;
        if children.is_empty() {
            children.resize(definitions[of].properties().len(), 0);
        }
        match children[property] {
            0 => {
                let child = self.add_node();
                self.nodes[at as usize].children[property] = child;
                child
            }
            child => child,
        }
    }

    fn add_node(&mut self) -> u32 {
        self.nodes.push(Node::default());
        (self.nodes.len() - 1) as u32
    }

    /// What is evaluated, by resource type's number.
    #[cfg(test)]
    pub(crate) fn evaluations(&self) -> impl Iterator<Item = (usize, &Evaluation)> {
        let roots = self.roots.iter().enumerate();
        roots.flat_map(|(number, (_, all))| all.iter().map(move |e| (number, e)))
    }
}
