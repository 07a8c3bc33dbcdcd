//! Cutting a page out of what matches, in the order of arrival.

use super::evaluate::LOOK;
use super::leaf::Leaf;
use super::node::Node;
use super::snapshot::Snapshot;
use super::stream::Streams;
use crate::error::Outcome;
use crate::settings::Plans;
use cresset_store::position::Place;
use cresset_store::{Position, Start, StoreError};
use roaring::RoaringTreemap;

/// A page cut from what was found.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) resources: Vec<u64>,
    pub(super) next: Option<Position>,
    pub(super) previous: Option<Position>,
}

/// Which part of a listing is wanted.
#[derive(Clone, Debug)]
pub(super) struct Cut {
    /// The page starts beyond this place, or at the start of the listing.
    pub(super) bound: Option<Place>,
    /// It is the page before the place.
    pub(super) backwards: bool,
    pub(super) limit: usize,
}

impl Cut {
    pub(super) fn of(start: &Start, limit: usize, sort_keys: usize) -> Result<Self, StoreError> {
        let place = |position: &Position| Place::decode(position, sort_keys).map(Some);
        let (bound, backwards) = match start {
            Start::First => (None, false),
            Start::After(position) => (place(position)?, false),
            Start::Before(position) => (place(position)?, true),
        };
        Ok(Self { bound, backwards, limit })
    }

    /// A page from places found beyond the bound, up to one more than the limit of them, in the order
    /// of the walk; `beyond` tells whether there are any on the bound's other side.
    pub(super) fn page(&self, mut places: Vec<Place>, beyond: bool) -> Page {
        let more = places.len() > self.limit;
        places.truncate(self.limit);
        if self.backwards {
            places.reverse();
        }
        let (before, after) = if self.backwards { (more, beyond) } else { (beyond, more) };
        Page {
            next: places.last().filter(|_| after).map(Place::encode),
            previous: places.first().filter(|_| before).map(Place::encode),
            resources: places.iter().map(|place| place.arrival).collect(),
        }
    }
}

/// How a page is found.
#[derive(Debug)]
pub(super) enum Strategy<'n> {
    /// Walk along an ordered leaf, and look at each resource for the rest.
    Walk(&'n Leaf, Vec<&'n Node>),
    /// Take the whole set.
    Set,
}

/// The cheaper way to `wanted` resources of a node. `all` are those of the types searched.
pub(super) fn strategy<'n>(
    plans: Plans,
    node: &'n Node,
    all: &'n Leaf,
    wanted: usize,
) -> Strategy<'n> {
    let (leaf, rest): (&Leaf, Vec<&Node>) = match node {
        Node::Leaf(leaf) if leaf.is_ordered() => (leaf, Vec::new()),
        Node::And(nodes) => match driver(nodes) {
            Some((at, leaf)) => {
                let others = nodes.iter().enumerate().filter(|(i, _)| *i != at);
                (leaf, others.map(|(_, node)| node).collect())
            }
            None => (all, vec![node]),
        },
        node => (all, vec![node]),
    };
    if !leaf.is_ordered() || plans == Plans::Sets {
        return Strategy::Set;
    }
    if plans == Plans::Walk {
        return Strategy::Walk(leaf, rest);
    }
    let wanted = wanted as u64 + 1;
    let each = if rest.is_empty() { 100 } else { LOOK };
    let looked_at = match rest.is_empty() {
        true => wanted,
        false => wanted.saturating_mul(leaf.members / node.estimate().max(1) + 1),
    };
    let preparation: u64 = rest.iter().map(|node| node.preparation()).sum();
    let walk = looked_at.min(leaf.members).saturating_mul(each) + preparation;
    if walk < node.cost() { Strategy::Walk(leaf, rest) } else { Strategy::Set }
}

/// The ordered leaf among conjuncts that has least.
fn driver(nodes: &[Node]) -> Option<(usize, &Leaf)> {
    let leaves = nodes.iter().enumerate().filter_map(|(at, node)| match node {
        Node::Leaf(leaf) if leaf.is_ordered() => Some((at, leaf)),
        _ => None,
    });
    leaves.min_by_key(|(_, leaf)| leaf.members)
}

/// The page in the order of arrival.
pub(super) fn by_arrival(
    snapshot: &Snapshot<'_>,
    node: &Node,
    all: &Leaf,
    cut: &Cut,
) -> Outcome<Page> {
    if let Strategy::Walk(leaf, rest) = strategy(snapshot.plans, node, all, cut.limit)
        && let Some(page) = walk(snapshot, leaf, &rest, node.cost(), cut)?
    {
        return Ok(page);
    }
    Ok(from_set(&node.set(snapshot)?, cut))
}

/// Walks along a leaf; `None` when that turns out to cost more than `budget` and as much again.
fn walk(
    snapshot: &Snapshot<'_>,
    leaf: &Leaf,
    rest: &[&Node],
    budget: u64,
    cut: &Cut,
) -> Outcome<Option<Page>> {
    let bound = cut.bound.as_ref().map(|place| place.arrival);
    let budget = match snapshot.plans {
        Plans::Walk => u64::MAX,
        _ => 2 * budget / LOOK + 2 * cut.limit as u64 + 100,
    };
    let mut streams = Streams::of(leaf, cut.backwards, bound);
    let (mut places, mut looked_at) = (Vec::new(), 0);
    while places.len() <= cut.limit {
        let Some(resource) = streams.next(snapshot)? else { break };
        if !rest.is_empty() {
            looked_at += 1;
            if looked_at > budget {
                return Ok(None);
            }
            if !all_hold(snapshot, rest, resource)? {
                continue;
            }
        }
        places.push(Place { values: Vec::new(), arrival: resource });
    }
    // Whoever has a place to start from has been on the other side of it.
    Ok(Some(cut.page(places, bound.is_some())))
}

fn all_hold(snapshot: &Snapshot<'_>, nodes: &[&Node], resource: u64) -> Outcome<bool> {
    let Some(candidate) = snapshot.candidate(resource)? else { return Ok(false) };
    for node in nodes {
        if !node.holds(snapshot, &candidate)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The page of a set that is there as a whole.
pub(super) fn from_set(found: &RoaringTreemap, cut: &Cut) -> Page {
    let (limit, bound) = (cut.limit as u64, cut.bound.as_ref().map(|place| place.arrival));
    // How many stand before the page, and how many before its end.
    let (from, to) = match (bound, cut.backwards) {
        (None, _) => (0, limit),
        (Some(after), false) => (found.rank(after), found.rank(after) + limit),
        (Some(before), true) => {
            let to = before.checked_sub(1).map_or(0, |last| found.rank(last));
            (to.saturating_sub(limit), to)
        }
    };
    let mut members = found.iter();
    if let Some(first) = found.select(from) {
        members.advance_to(first);
    }
    let count = usize::try_from(to.min(found.len()).saturating_sub(from)).unwrap_or(0);
    let resources: Vec<u64> = members.take(count).collect();
    let edge = |at: Option<&u64>, more: bool| {
        let place = at.filter(|_| more).map(|r| Place { values: Vec::new(), arrival: *r });
        place.map(|place| place.encode())
    };
    Page {
        next: edge(resources.last(), to < found.len()),
        previous: edge(resources.first(), from > 0),
        resources,
    }
}
