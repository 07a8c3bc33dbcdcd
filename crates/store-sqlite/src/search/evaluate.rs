//! What a node finds, as a whole; and whether it finds one resource.
//!
//! A conjunction starts from what is least, and then either takes the sets of the others, or looks
//! at what each remaining resource is found by, whichever costs less.

use super::leaf::Leaf;
use super::node::{Join, Node, whole};
use super::range::Range;
use super::snapshot::{Candidate, Snapshot};
use crate::error::{Context, Outcome};
use crate::posting::members;
use cresset_store::TypeNumber;
use cresset_store::physical::{after, read_number, write_number};
use roaring::RoaringTreemap;
use rusqlite::OptionalExtension;

/// What it costs to look at one resource's keys, in nanoseconds, about.
pub(super) const LOOK: u64 = 4_000;
/// Up to so many resources, a join goes from resource to resource; beyond, over the whole index.
const FEW: u64 = 5_000;

impl Node {
    /// How many resources it finds, about.
    pub(super) fn estimate(&self) -> u64 {
        match self {
            Self::Fixed(found) => found.len(),
            Self::Leaf(leaf) => leaf.members,
            Self::And(nodes) => nodes.iter().map(Self::estimate).min().unwrap_or(0),
            Self::Or(nodes) => nodes.iter().map(Self::estimate).sum(),
            Self::Not(all, inner) => {
                // A negation of nearly everything is rare; it is thought to leave a quarter.
                all.members.saturating_sub(inner.estimate()).max(all.members / 4)
            }
            Self::RefersTo(join) => {
                let each = join.whole.members.div_ceil(join.whole.rows.max(1)).max(1);
                join.inner.estimate().saturating_mul(each).min(join.whole.members)
            }
            Self::RefersToType(..) => u64::MAX >> 8,
            Self::ReferredFrom(join) => join.inner.estimate().min(join.whole.rows),
        }
    }

    /// What it costs to take all of it, in nanoseconds, about.
    pub(super) fn cost(&self) -> u64 {
        match self {
            Self::Fixed(_) => 0,
            Self::Leaf(leaf) => leaf.cost(),
            Self::And(nodes) => {
                let least = nodes.iter().map(Self::estimate).min().unwrap_or(0);
                let each = |node: &Self| node.cost().min(least.saturating_mul(LOOK));
                nodes.iter().map(each).sum()
            }
            Self::Or(nodes) => nodes.iter().map(Self::cost).sum(),
            Self::Not(all, inner) => all.cost() + inner.cost(),
            Self::RefersTo(join) | Self::ReferredFrom(join) => {
                let inner = join.inner.estimate();
                let way = inner.saturating_mul(LOOK).min(join.whole.cost());
                join.inner.cost() + way + 12 * self.estimate()
            }
            Self::RefersToType(parameters, _) => 1_000_000 * parameters.len() as u64,
        }
    }

    /// All that it finds.
    pub(super) fn set(&self, snapshot: &Snapshot<'_>) -> Outcome<RoaringTreemap> {
        match self {
            Self::Fixed(found) => Ok(found.clone()),
            Self::Leaf(leaf) => leaf.set(snapshot),
            Self::And(nodes) => conjunction(nodes, snapshot),
            Self::Or(nodes) => {
                let mut found = RoaringTreemap::new();
                for node in nodes {
                    found |= node.set(snapshot)?;
                }
                Ok(found)
            }
            Self::Not(all, inner) => Ok(all.set(snapshot)? - inner.set(snapshot)?),
            Self::RefersTo(join) => referring(snapshot, join),
            Self::RefersToType(parameters, of) => referring_to_type(snapshot, parameters, *of),
            Self::ReferredFrom(join) => referred(snapshot, join),
        }
    }

    /// Whether it finds this one.
    pub(super) fn holds(&self, snapshot: &Snapshot<'_>, candidate: &Candidate) -> Outcome<bool> {
        match self {
            Self::Fixed(found) => Ok(found.contains(candidate.resource)),
            Self::Leaf(leaf) => Ok(candidate.any_key(|p, v| leaf.holds(p, v))),
            Self::And(nodes) => {
                for node in nodes {
                    if !node.holds(snapshot, candidate)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Or(nodes) => {
                for node in nodes {
                    if node.holds(snapshot, candidate)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(all, inner) => {
                Ok(candidate.any_key(|p, v| all.holds(p, v))
                    && !inner.holds(snapshot, candidate)?)
            }
            Self::RefersTo(join) => {
                let inner = join.found(snapshot)?;
                Ok(targets(candidate, &join.parameters).any(|target| inner.contains(target)))
            }
            Self::RefersToType(parameters, of) => {
                for target in targets(candidate, parameters) {
                    if type_of(snapshot, target)? == Some(*of) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::ReferredFrom(join) => {
                let inner = join.found(snapshot)?;
                let mut found = false;
                for parameter in &join.parameters {
                    to(*parameter, candidate.resource).rows(snapshot, |_, first, more| {
                        found |= members(first, more).any(|source| inner.contains(source));
                        Ok(())
                    })?;
                }
                Ok(found)
            }
        }
    }
}

impl Join {
    /// The inner ones.
    pub(super) fn found(&self, snapshot: &Snapshot<'_>) -> Outcome<&RoaringTreemap> {
        if let Some(found) = self.found.get() {
            return Ok(found);
        }
        let found = self.inner.set(snapshot)?;
        Ok(self.found.get_or_init(|| found))
    }
}

fn conjunction(nodes: &[Node], snapshot: &Snapshot<'_>) -> Outcome<RoaringTreemap> {
    let mut ordered: Vec<&Node> = nodes.iter().collect();
    ordered.sort_by_key(|node| (matches!(node, Node::Not(..)), node.estimate(), node.cost()));
    let Some((first, others)) = ordered.split_first() else {
        return Ok(RoaringTreemap::new());
    };
    let mut found = first.set(snapshot)?;
    for node in others {
        if found.is_empty() {
            break;
        }
        let look = found.len().saturating_mul(LOOK) + node.preparation();
        if look < node.cost() {
            found = restrict(node, found, snapshot)?;
            continue;
        }
        match node {
            Node::Not(_, inner) => found -= inner.set(snapshot)?,
            Node::Leaf(leaf) => found = leaf.within(snapshot, &found)?,
            node => found &= node.set(snapshot)?,
        }
    }
    Ok(found)
}

impl Node {
    /// What it costs before the first resource can be looked at.
    pub(super) fn preparation(&self) -> u64 {
        match self {
            Self::Fixed(_) | Self::Leaf(_) | Self::RefersToType(..) => 0,
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::preparation).sum(),
            Self::Not(_, inner) => inner.preparation(),
            Self::RefersTo(join) | Self::ReferredFrom(join) => match join.found.get() {
                Some(_) => 0,
                None => join.inner.cost(),
            },
        }
    }
}

impl Node {
    /// How many it finds, where that can be told without taking them.
    pub(super) fn count(&self, snapshot: &Snapshot<'_>) -> Outcome<Option<u64>> {
        match self {
            Self::Fixed(found) => Ok(Some(found.len())),
            Self::Leaf(leaf) => leaf.count(snapshot),
            _ => Ok(None),
        }
    }
}

/// Those of a set that a node finds, each looked at.
fn restrict(node: &Node, set: RoaringTreemap, snapshot: &Snapshot<'_>) -> Outcome<RoaringTreemap> {
    let mut kept = Vec::new();
    for resource in set {
        if let Some(candidate) = snapshot.candidate(resource)?
            && node.holds(snapshot, &candidate)?
        {
            kept.push(resource);
        }
    }
    Ok(RoaringTreemap::from_sorted_iter(kept).unwrap_or_default())
}

/// What a resource refers to through these indexes.
fn targets(candidate: &Candidate, parameters: &[u32]) -> impl Iterator<Item = u64> {
    let kept = candidate.kept_keys().into_iter();
    let wanted = kept.filter(|(parameter, _)| parameters.contains(parameter));
    let targets: Vec<u64> = wanted.filter_map(|(_, v)| Some(read_number(v)?.0)).collect();
    targets.into_iter()
}

/// The references to a resource in one index.
fn to(parameter: u32, target: u64) -> Range {
    let mut low = Vec::new();
    write_number(target, &mut low);
    let high = after(&low);
    Range::new(parameter, low, high)
}

/// Resources that refer to one of the inner ones.
fn referring(snapshot: &Snapshot<'_>, join: &Join) -> Outcome<RoaringTreemap> {
    let targets = join.found(snapshot)?;
    let mut found = RoaringTreemap::new();
    for parameter in &join.parameters {
        if targets.len() <= FEW {
            let ranges = targets.iter().map(|target| to(*parameter, target));
            for range in ranges {
                range.rows(snapshot, |_, first, more| {
                    found.extend(members(first, more));
                    Ok(())
                })?;
            }
            continue;
        }
        let mut all = Vec::new();
        whole(*parameter).rows(snapshot, |value, first, more| {
            if read_number(value).is_some_and(|(target, _)| targets.contains(target)) {
                all.extend(members(first, more));
            }
            Ok(())
        })?;
        all.sort_unstable();
        all.dedup();
        found |= RoaringTreemap::from_sorted_iter(all).unwrap_or_default();
    }
    Ok(found)
}

/// Resources that one of the inner ones refers to.
fn referred(snapshot: &Snapshot<'_>, join: &Join) -> Outcome<RoaringTreemap> {
    let sources = join.found(snapshot)?;
    let mut found = RoaringTreemap::new();
    if sources.len() <= FEW {
        for source in sources {
            if let Some(candidate) = snapshot.candidate(source)? {
                found.extend(targets(&candidate, &join.parameters));
            }
        }
        return Ok(found);
    }
    for parameter in &join.parameters {
        whole(*parameter).rows(snapshot, |value, first, more| {
            if members(first, more).any(|source| sources.contains(source)) {
                found.extend(read_number(value).map(|(target, _)| target));
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// Resources that refer to one of this type, be it there or not.
fn referring_to_type(
    snapshot: &Snapshot<'_>,
    parameters: &[u32],
    of: TypeNumber,
) -> Outcome<RoaringTreemap> {
    let low = of.0.to_be_bytes().to_vec();
    let high = after(&low);
    let range = Range::new(crate::vocabulary::reserved::TYPE, low, high);
    let live = Leaf::measure(snapshot, vec![range])?.set(snapshot)?;
    let mut found = RoaringTreemap::new();
    let mut last = (0, false);
    for parameter in parameters {
        whole(*parameter).rows(snapshot, |value, first, more| {
            let Some((target, _)) = read_number(value) else { return Ok(()) };
            if last.0 != target {
                let is_of = live.contains(target) || type_of(snapshot, target)? == Some(of);
                last = (target, is_of);
            }
            if last.1 {
                found.extend(members(first, more));
            }
            Ok(())
        })?;
    }
    Ok(found)
}

/// The type of a resource, be it there or only referred to.
fn type_of(snapshot: &Snapshot<'_>, resource: u64) -> Outcome<Option<TypeNumber>> {
    snapshot
        .connection
        .prepare_cached("SELECT type FROM resource WHERE r = ?1")
        .and_then(|mut s| {
            s.query_row([resource as i64], |row| row.get(0).map(TypeNumber)).optional()
        })
        .context("looking at a resource")
}
