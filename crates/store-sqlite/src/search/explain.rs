//! What a search does, in words.

use super::leaf::Leaf;
use super::node::{Join, Node};
use super::page::{Strategy, strategy};
use super::{Ready, Snapshot};
use crate::error::Outcome;
use crate::vocabulary::{Vocabulary, reserved};
use cresset_store::{Plan, PlanStep, Query, Scope};

/// The plan of a search, and what it took.
pub(crate) fn explain(
    snapshot: &Snapshot<'_>,
    vocabulary: &mut Vocabulary,
    scope: &Scope,
    query: &Query,
) -> Outcome<Plan> {
    let ready = Ready::new(snapshot, vocabulary, scope, query)?;
    let (page, total) = ready.page(snapshot, query)?;
    let (rows, time) = snapshot.taken();
    let steps = steps(snapshot, &ready, query)?;
    Ok(Plan { steps, rows, found: page.resources.len(), total, time })
}

fn steps(snapshot: &Snapshot<'_>, ready: &Ready<'_>, query: &Query) -> Outcome<Vec<PlanStep>> {
    let mut steps = Steps { snapshot, steps: Vec::new() };
    let first = match (query.total, ready.sort.is_empty()) {
        (true, _) => "take the set as a whole and count it".to_owned(),
        (false, true) => match strategy(snapshot.plans, &ready.node, &ready.all, query.limit) {
            Strategy::Walk(leaf, rest) => {
                let along = steps.name(leaf)?;
                let looked = rest.len();
                format!("walk along {along} until the page is full, looking at {looked} conditions")
            }
            Strategy::Set => "take the set as a whole and cut the page from it".to_owned(),
        },
        (false, false) => format!(
            "order by {} keys: each match looked at if they are few, else along the first key's index",
            ready.sort.len()
        ),
    };
    let cost = ready.node.cost() / 1_000;
    let what = format!("{first} (the whole set: about {cost} µs)");
    steps.steps.push(PlanStep { depth: 0, what, estimate: Some(ready.node.estimate()) });
    steps.node(1, &ready.node)?;
    Ok(steps.steps)
}

struct Steps<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    steps: Vec<PlanStep>,
}

impl Steps<'_, '_> {
    fn push(&mut self, depth: usize, node: &Node, what: String) {
        self.steps.push(PlanStep { depth, what, estimate: Some(node.estimate()) });
    }

    fn node(&mut self, depth: usize, node: &Node) -> Outcome<()> {
        let several = |what: &str, nodes: &[Node]| format!("{what} of {}", nodes.len());
        let inner: &[Node] = match node {
            Node::Fixed(found) => {
                self.push(depth, node, format!("{} named resources", found.len()));
                &[]
            }
            Node::Leaf(leaf) => {
                let what = self.name(leaf)?;
                self.push(depth, node, what);
                &[]
            }
            Node::And(nodes) => {
                self.push(depth, node, several("all", nodes));
                nodes
            }
            Node::Or(nodes) => {
                self.push(depth, node, several("any", nodes));
                nodes
            }
            Node::Not(_, inner) => {
                self.push(depth, node, "none of".to_owned());
                std::slice::from_ref(&**inner)
            }
            Node::RefersTo(join) => return self.join(depth, node, "that refer through", join),
            Node::ReferredFrom(join) => {
                return self.join(depth, node, "that are referred to through", join);
            }
            Node::RefersToType(parameters, of) => {
                let names = self.names(parameters)?;
                let what = format!("that refer through {names} to type number {}", of.0);
                self.push(depth, node, what);
                &[]
            }
        };
        inner.iter().try_for_each(|node| self.node(depth + 1, node))
    }

    fn join(&mut self, depth: usize, node: &Node, way: &str, join: &Join) -> Outcome<()> {
        let what = format!("{way} {}", self.names(&join.parameters)?);
        self.push(depth, node, what);
        self.node(depth + 1, &join.inner)
    }

    /// A leaf by its indexes; no values.
    fn name(&self, leaf: &Leaf) -> Outcome<String> {
        let mut parameters: Vec<u32> = leaf.ranges.iter().map(|m| m.range.parameter).collect();
        let ranges = parameters.len();
        parameters.dedup();
        let single = leaf.ranges.iter().filter(|m| m.single.is_some()).count();
        let names = self.names(&parameters)?;
        let kind = if single == ranges { "values" } else { "ranges" };
        Ok(format!("{ranges} {kind} of {names}, about {} keys", leaf.rows))
    }

    fn names(&self, parameters: &[u32]) -> Outcome<String> {
        let mut names = Vec::new();
        for parameter in parameters.iter().take(8) {
            names.push(match *parameter {
                reserved::TYPE => "types".to_owned(),
                reserved::UPDATED => "_lastUpdated".to_owned(),
                number => Vocabulary::parameter_name(self.snapshot.connection, number)?,
            });
        }
        if parameters.len() > names.len() {
            names.push(format!("{} more", parameters.len() - names.len()));
        }
        Ok(if names.is_empty() { "no index".to_owned() } else { names.join(", ") })
    }
}
