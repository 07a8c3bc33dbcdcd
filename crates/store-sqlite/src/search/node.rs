//! A filter made ready to be answered: names are numbers, ranges are bytes, and each part knows how
//! much it would find.

use super::leaf::Leaf;
use super::range::{Range, ranges, surrogate};
use super::snapshot::Snapshot;
use crate::error::{Context, Outcome};
use crate::vocabulary::{Vocabulary, reserved};
use crate::write::time_bytes;
use cresset_store::physical::after;
use cresset_store::*;
use roaring::RoaringTreemap;
use std::cell::OnceCell;

/// A filter made ready.
#[derive(Debug)]
pub(super) enum Node {
    /// These, and no others.
    Fixed(RoaringTreemap),
    /// Those with a key in one of the ranges.
    Leaf(Leaf),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// All of a leaf – of the types searched – but these.
    Not(Leaf, Box<Node>),
    /// Those that refer to one of the inner ones.
    RefersTo(Join),
    /// Those that refer to any resource of a type.
    RefersToType(Vec<u32>, TypeNumber),
    /// Those that one of the inner ones refers to.
    ReferredFrom(Join),
}

/// A way over references.
#[derive(Debug)]
pub(super) struct Join {
    /// The indexes that hold the references.
    pub(super) parameters: Vec<u32>,
    /// What is in those indexes as a whole.
    pub(super) whole: Leaf,
    pub(super) inner: Box<Node>,
    /// The inner ones, once they were needed.
    pub(super) found: OnceCell<RoaringTreemap>,
}

/// Makes filters ready.
pub(super) struct Compiler<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) vocabulary: &'a mut Vocabulary,
    pub(super) scope: &'a Scope,
}

impl Compiler<'_> {
    /// Current resources of these types (of all that may be read, when there are none) that match.
    pub(super) fn of_types(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<Node> {
        let all = self.all(types)?;
        if matches!(filter, Filter::All) {
            return Ok(Node::Leaf(all));
        }
        let node = self.node(types, &all, filter)?;
        if self.is_typed(types, filter)? {
            return Ok(node);
        }
        Ok(match node {
            Node::And(mut nodes) => {
                nodes.push(Node::Leaf(all));
                Node::And(nodes)
            }
            node => Node::And(vec![node, Node::Leaf(all)]),
        })
    }

    /// Every current resource of the types.
    pub(super) fn all(&mut self, types: &[TypeNumber]) -> Outcome<Leaf> {
        let ranges = self.types(types)?.into_iter().map(|of| {
            let low = of.0.to_be_bytes().to_vec();
            let high = after(&low);
            Range::new(reserved::TYPE, low, high)
        });
        Leaf::measure(self.snapshot, ranges.collect())
    }

    /// The types asked for; all that there are and may be read when none are.
    pub(super) fn types(&self, types: &[TypeNumber]) -> Outcome<Vec<TypeNumber>> {
        if !types.is_empty() {
            return Ok(types.to_vec());
        }
        let there = || {
            let mut statement = self
                .snapshot
                .connection
                .prepare_cached("SELECT DISTINCT v FROM posting WHERE p = ?1 ORDER BY v")?;
            let rows = statement.query_map([reserved::TYPE], |row| row.get::<_, [u8; 2]>(0))?;
            rows.map(|bytes| bytes.map(|b| TypeNumber(u16::from_be_bytes(b))))
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        let there = there().context("looking up types")?;
        Ok(there.into_iter().filter(|of| self.scope.may_read(*of).is_ok()).collect())
    }

    /// Whether the filter finds nothing but current resources of the only type anyway.
    fn is_typed(&mut self, types: &[TypeNumber], filter: &Filter) -> Outcome<bool> {
        Ok(match filter {
            Filter::All | Filter::Updated(..) | Filter::Not(_) => true,
            Filter::Scan(scan) => self.is_of_type(types, &scan.parameter)?,
            Filter::And(all) => {
                // A negation takes away from the others, so it narrows only when it stands alone.
                let narrows = |f: &&Filter| !matches!(f, Filter::Not(_) | Filter::All);
                let mut typed = !all.iter().any(|f| narrows(&f));
                for filter in all.iter().filter(narrows) {
                    typed |= self.is_typed(types, filter)?;
                }
                typed
            }
            Filter::Or(any) => {
                for filter in any {
                    if !self.is_typed(types, filter)? {
                        return Ok(false);
                    }
                }
                true
            }
            Filter::RefersTo(parameters, ..) | Filter::RefersToType(parameters, _) => {
                let mut typed = true;
                for parameter in parameters {
                    typed &= self.is_of_type(types, parameter)?;
                }
                typed
            }
            Filter::Keys(_) | Filter::ReferredFrom(..) => false,
        })
    }

    /// Whether all of an index are resources of the only type.
    fn is_of_type(&mut self, types: &[TypeNumber], parameter: &Parameter) -> Outcome<bool> {
        let [only] = types else { return Ok(false) };
        let index = self.vocabulary.parameter(self.snapshot.connection, parameter)?;
        Ok(index.is_none_or(|index| index.only_type == Some(*only)))
    }

    fn node(&mut self, types: &[TypeNumber], all: &Leaf, filter: &Filter) -> Outcome<Node> {
        Ok(match filter {
            Filter::All => Node::Leaf(all.clone()),
            Filter::Keys(keys) => Node::Fixed(self.keys(keys)?),
            Filter::Scan(scan) => Node::Leaf(self.scan(scan)?),
            Filter::Updated(from, to) => Node::Leaf(self.updated(types, *from, *to)?),
            Filter::And(filters) if filters.is_empty() => Node::Leaf(all.clone()),
            Filter::And(filters) => {
                let mut nodes = Vec::with_capacity(filters.len());
                for filter in filters {
                    let node = self.node(types, all, filter)?;
                    if matches!(&node, Node::Leaf(leaf) if leaf.ranges.is_empty()) {
                        // Nothing is in all of them.
                        return Ok(node);
                    }
                    nodes.push(node);
                }
                Node::And(nodes)
            }
            Filter::Or(filters) => self.any(types, all, filters)?,
            Filter::Not(inner) => Node::Not(all.clone(), Box::new(self.node(types, all, inner)?)),
            Filter::RefersTo(parameters, of, inner) => {
                Node::RefersTo(self.join(parameters, of, inner)?)
            }
            Filter::RefersToType(parameters, of) => {
                Node::RefersToType(self.numbers(parameters)?, *of)
            }
            Filter::ReferredFrom(parameters, of, inner) => {
                Node::ReferredFrom(self.join(parameters, of, inner)?)
            }
        })
    }

    /// Alternatives; leaves among them become one.
    fn any(&mut self, types: &[TypeNumber], all: &Leaf, filters: &[Filter]) -> Outcome<Node> {
        let (mut leaf, mut others) = (Leaf::default(), Vec::new());
        for filter in filters {
            match self.node(types, all, filter)? {
                Node::Leaf(other) => leaf.join(other),
                other => others.push(other),
            }
        }
        if others.is_empty() {
            return Ok(Node::Leaf(leaf));
        }
        if !leaf.ranges.is_empty() {
            others.push(Node::Leaf(leaf));
        }
        Ok(Node::Or(others))
    }

    /// An inner search; types that the principal may not read are as if they were empty.
    fn join(
        &mut self,
        parameters: &[Parameter],
        types: &[TypeNumber],
        filter: &Filter,
    ) -> Outcome<Join> {
        let allowed = types.iter().copied().filter(|t| self.scope.may_read(*t).is_ok());
        let allowed: Vec<_> = allowed.collect();
        let inner = match allowed.is_empty() {
            true => Node::Fixed(RoaringTreemap::new()),
            false => self.of_types(&allowed, filter)?,
        };
        let parameters = self.numbers(parameters)?;
        let ranges = parameters.iter().map(|number| whole(*number)).collect();
        let whole = Leaf::measure(self.snapshot, ranges)?;
        Ok(Join { parameters, whole, inner: Box::new(inner), found: OnceCell::new() })
    }

    fn keys(&self, keys: &[Key]) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for key in keys {
            let Some(resource) = surrogate(self.snapshot.connection, key)? else { continue };
            if self.scope.may_read(key.resource_type).is_ok()
                && self.snapshot.candidate(resource)?.is_some()
            {
                found.insert(resource);
            }
        }
        Ok(found)
    }

    fn scan(&mut self, scan: &Scan) -> Outcome<Leaf> {
        let connection = self.snapshot.connection;
        let Some(index) = self.vocabulary.parameter(connection, &scan.parameter)? else {
            return Ok(Leaf::default());
        };
        Leaf::measure(self.snapshot, ranges(connection, self.vocabulary, index.number, scan)?)
    }

    fn updated(
        &mut self,
        types: &[TypeNumber],
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Outcome<Leaf> {
        let ranges = self.types(types)?.into_iter().map(|of| {
            let prefix = of.0.to_be_bytes();
            let bound =
                |moment: Timestamp| [&prefix[..], &time_bytes(moment.milliseconds())[..]].concat();
            let low = from.map_or_else(|| prefix.to_vec(), bound);
            let high = to.map_or_else(|| after(&prefix), |to| Some(bound(to)));
            Range::new(reserved::UPDATED, low, high)
        });
        Leaf::measure(self.snapshot, ranges.collect())
    }

    pub(super) fn numbers(&mut self, parameters: &[Parameter]) -> Outcome<Vec<u32>> {
        let mut numbers = Vec::new();
        for parameter in parameters {
            let index = self.vocabulary.parameter(self.snapshot.connection, parameter)?;
            numbers.extend(index.map(|index| index.number));
        }
        Ok(numbers)
    }
}

/// All of an index.
pub(super) fn whole(parameter: u32) -> Range {
    Range::new(parameter, Vec::new(), None)
}
