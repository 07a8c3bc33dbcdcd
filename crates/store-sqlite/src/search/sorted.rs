//! Cutting a page out of what matches, in the order of sort keys.
//!
//! Of few matches each is looked at. Of many, the index of the first key is walked value by value
//! until the page is full, so a page costs the same wherever it is and however much there is.

use super::evaluate::LOOK;
use super::lane::{Group, Lane, Lanes, Members, Part};
use super::leaf::{Leaf, in_both};
use super::node::{Compiler, Node, whole};
use super::page::{Cut, Page};
use super::range::Range;
use super::snapshot::{Candidate, Snapshot};
use crate::error::Outcome;
use crate::settings::Plans;
use crate::vocabulary::reserved;
use cresset_store::position::Place;
use cresset_store::{Sort, SortBy, TypeNumber};
use roaring::RoaringTreemap;
use std::cell::Cell;

/// Up to so many matches, each is looked at.
const FEW: u64 = 4_000;

/// Sort keys up to the one that leaves no two equal.
pub(super) fn deciding(sort: &[Sort]) -> &[Sort] {
    let arrival = sort.iter().position(|key| key.by == SortBy::Arrival);
    &sort[..arrival.map_or(sort.len(), |at| at + 1)]
}

/// A sort key made ready.
#[derive(Debug)]
pub(super) struct Key {
    by: By,
    descending: bool,
}

#[derive(Debug)]
enum By {
    Arrival,
    /// The id as text. It has no index of its own in that order.
    Id,
    /// The time of the current version of resources of these types.
    Updated(Vec<TypeNumber>),
    /// Values of these indexes, and how much of each.
    Indexes(Vec<u32>, Part),
}

impl Key {
    pub(super) fn ready(
        compiler: &mut Compiler<'_>,
        types: &[TypeNumber],
        sort: &Sort,
    ) -> Outcome<Self> {
        let by = match &sort.by {
            SortBy::Arrival => By::Arrival,
            SortBy::Id => By::Id,
            SortBy::Updated => By::Updated(compiler.types(types)?),
            SortBy::Parameters(parameters) => {
                By::Indexes(compiler.numbers(parameters)?, Part::Whole)
            }
            SortBy::Texts(parameters) => By::Indexes(compiler.numbers(parameters)?, Part::Text),
        };
        Ok(Self { by, descending: sort.descending })
    }

    /// The value that a resource is sorted by.
    fn value(&self, candidate: &Candidate) -> Option<Vec<u8>> {
        match &self.by {
            By::Arrival => Some(candidate.resource.to_be_bytes().to_vec()),
            By::Id => candidate.id.as_ref().map(|id| id.as_str().as_bytes().to_vec()),
            By::Updated(_) => Some(crate::write::time_bytes(candidate.updated).to_vec()),
            By::Indexes(indexes, part) => {
                let kept = candidate.kept_keys().into_iter();
                let values = kept.filter(|(p, _)| indexes.contains(p)).map(|(_, v)| part.of(v));
                let value = if self.descending { values.max() } else { values.min() };
                value.map(<[u8]>::to_vec)
            }
        }
    }

    /// The ways through the indexes, from `from` on.
    fn lanes(&self, downwards: bool, from: Option<&[u8]>) -> Lanes {
        let lane = |p: u32, prefix: Vec<u8>| Lane::new(p, prefix, Part::Whole, downwards, from);
        let lanes = match &self.by {
            By::Arrival | By::Id => Vec::new(),
            By::Updated(types) => {
                let prefixes = types.iter().map(|of| of.0.to_be_bytes().to_vec());
                prefixes.map(|prefix| lane(reserved::UPDATED, prefix)).collect()
            }
            By::Indexes(indexes, part) => {
                let lane = |p: &u32| Lane::new(*p, Vec::new(), *part, downwards, from);
                indexes.iter().map(lane).collect()
            }
        };
        Lanes { lanes, downwards }
    }

    /// Every resource that has a value.
    fn with_value(&self, snapshot: &Snapshot<'_>) -> Outcome<Option<RoaringTreemap>> {
        let By::Indexes(indexes, _) = &self.by else { return Ok(None) };
        let ranges = indexes.iter().map(|p| whole(*p)).collect();
        Leaf::measure(snapshot, ranges)?.set(snapshot).map(Some)
    }

    /// Every resource that has a value before this one in the key's own order: sorted by that.
    fn with_earlier(&self, snapshot: &Snapshot<'_>, value: &[u8]) -> Outcome<RoaringTreemap> {
        let By::Indexes(indexes, part) = &self.by else { return Ok(RoaringTreemap::new()) };
        let range = |p: &u32| match self.descending {
            false => Some(Range::new(*p, Vec::new(), Some(value.to_vec()))),
            true => part.after(value).map(|low| Range::new(*p, low, None)),
        };
        Leaf::measure(snapshot, indexes.iter().filter_map(range).collect())?.set(snapshot)
    }
}

/// A page of what a node finds.
pub(super) fn page(
    snapshot: &Snapshot<'_>,
    node: &Node,
    all: &Leaf,
    keys: &[Key],
    sort: &[Sort],
    cut: &Cut,
) -> Outcome<Page> {
    let wanted = cut.limit as u64 + 1;
    let walk = wanted.saturating_mul(all.members / node.estimate().max(1) + 1);
    let walk = walk.min(all.members).saturating_mul(LOOK) + node.preparation();
    // Ids can't be walked along: each is looked at.
    let by_id = keys.iter().any(|key| matches!(key.by, By::Id));
    let is_cheaper = node.estimate() > FEW && walk < node.cost();
    let (walks, budget) = match snapshot.plans {
        Plans::Cheapest => (is_cheaper, 2 * node.cost() / LOOK + 2 * wanted + 100),
        Plans::Walk => (true, u64::MAX),
        Plans::Sets => (false, 0),
    };
    if walks && !by_id {
        let budget = Cell::new(budget);
        let within = Within::Looked(node, &budget);
        let sorter = Sorter { snapshot, keys, sort, cut };
        if let Some(page) = sorter.page(&within)? {
            return Ok(page);
        }
    }
    of_set(snapshot, &node.set(snapshot)?, keys, sort, cut)
}

/// A page of a set.
pub(super) fn of_set(
    snapshot: &Snapshot<'_>,
    found: &RoaringTreemap,
    keys: &[Key],
    sort: &[Sort],
    cut: &Cut,
) -> Outcome<Page> {
    let by_id = keys.iter().any(|key| matches!(key.by, By::Id));
    if by_id || (found.len() <= FEW && snapshot.plans != Plans::Walk) {
        return of_few(snapshot, found, keys, sort, cut);
    }
    let page = Sorter { snapshot, keys, sort, cut }.page(&Within::Set(found))?;
    Ok(page.unwrap_or_default())
}

fn of_few(
    snapshot: &Snapshot<'_>,
    found: &RoaringTreemap,
    keys: &[Key],
    sort: &[Sort],
    cut: &Cut,
) -> Outcome<Page> {
    let sorter = Sorter { snapshot, keys, sort, cut };
    let (mut places, beyond) = sorter.looked_at(&[], found, cut.bound.as_ref())?;
    places.truncate(cut.limit + 1);
    Ok(cut.page(places, beyond))
}

/// What is to be sorted.
enum Within<'w> {
    /// These.
    Set(&'w RoaringTreemap),
    /// What the node finds; so many may be looked at.
    Looked(&'w Node, &'w Cell<u64>),
}

/// Walks along the keys' indexes.
struct Sorter<'s, 'a> {
    snapshot: &'s Snapshot<'a>,
    keys: &'s [Key],
    sort: &'s [Sort],
    cut: &'s Cut,
}

/// The way so far.
struct Way {
    /// Values of the keys before the one at hand.
    values: Vec<Option<Vec<u8>>>,
    places: Vec<Place>,
}

impl Sorter<'_, '_> {
    /// The page; `None` when more would have to be looked at than the budget allows.
    fn page(&self, within: &Within<'_>) -> Outcome<Option<Page>> {
        let mut way = Way { values: Vec::new(), places: Vec::new() };
        if !self.collect(0, within, self.cut.bound.as_ref(), &mut way)? {
            return Ok(None);
        }
        Ok(Some(self.cut.page(way.places, self.cut.bound.is_some())))
    }

    /// The places of a set beyond the bound, in the order of the walk: each is looked at. All have
    /// these values of the first keys. Tells, too, whether any are on the bound's other side.
    fn looked_at(
        &self,
        first: &[Option<Vec<u8>>],
        found: &RoaringTreemap,
        bound: Option<&Place>,
    ) -> Outcome<(Vec<Place>, bool)> {
        let mut places = Vec::new();
        for resource in found {
            if let Some(candidate) = self.snapshot.candidate(resource)? {
                let others = self.keys[first.len()..].iter().map(|key| key.value(&candidate));
                let values = first.iter().cloned().chain(others).collect();
                places.push(Place { values, arrival: resource });
            }
        }
        let order = |a: &Place, b: &Place| {
            let order = a.order(b, self.sort);
            if self.cut.backwards { order.reverse() } else { order }
        };
        let all = places.len();
        if let Some(bound) = bound {
            places.retain(|place| order(place, bound).is_gt());
        }
        let beyond = all > places.len();
        places.sort_unstable_by(order);
        Ok((places, beyond))
    }

    fn is_full(&self, way: &Way) -> bool {
        way.places.len() > self.cut.limit
    }

    /// Collects places by the keys from `depth` on; false when the budget is spent.
    fn collect(
        &self,
        depth: usize,
        within: &Within<'_>,
        bound: Option<&Place>,
        way: &mut Way,
    ) -> Outcome<bool> {
        let Some(key) = self.keys.get(depth) else {
            return self.by_arrival(within, self.cut.backwards, bound, way, false).map(|()| true);
        };
        if let By::Arrival = key.by {
            let descending = key.descending != self.cut.backwards;
            return self.by_arrival(within, descending, bound, way, true).map(|()| true);
        }
        if let Within::Set(few) = within
            && depth > 0
            && few.len() <= FEW
            && self.snapshot.plans != Plans::Walk
        {
            // The next key's index would be walked once for each value of the keys so far.
            let (places, _) = self.looked_at(&way.values, few, bound)?;
            let room = (self.cut.limit + 1).saturating_sub(way.places.len());
            way.places.extend(places.into_iter().take(room));
            return Ok(true);
        }
        let tie = bound.map(|place| place.values[depth].as_deref());
        if self.cut.backwards {
            return Ok(match tie {
                Some(Some(_)) => self.valued(depth, key, within, bound, way)?,
                // Those without a value come last, so backwards they come first.
                Some(None) | None => {
                    self.missing(depth, key, within, bound, way)?
                        && self.valued(depth, key, within, None, way)?
                }
            });
        }
        match tie {
            Some(None) => self.missing(depth, key, within, bound, way),
            Some(Some(_)) | None => Ok(self.valued(depth, key, within, bound, way)?
                && self.missing(depth, key, within, None, way)?),
        }
    }

    /// Those that have a value for the key at `depth`.
    fn valued(
        &self,
        depth: usize,
        key: &Key,
        within: &Within<'_>,
        bound: Option<&Place>,
        way: &mut Way,
    ) -> Outcome<bool> {
        let from = bound.and_then(|place| place.values[depth].as_deref());
        let mut lanes = key.lanes(key.descending != self.cut.backwards, from);
        while !self.is_full(way) {
            let Some(group) = lanes.next(self.snapshot)? else { break };
            // Ties with the bound are cut by the keys that follow.
            let tie = bound.filter(|_| from == Some(group.value.as_slice()));
            way.values.push(Some(group.value.clone()));
            let done = match depth + 1 == self.keys.len() {
                true => self.last(key, group, within, tie, way)?,
                false => {
                    let set = self.group(key, group, within)?;
                    match set {
                        Some(set) if set.is_empty() => true,
                        Some(set) => self.collect(depth + 1, &Within::Set(&set), tie, way)?,
                        None => false,
                    }
                }
            };
            way.values.pop();
            if !done {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Those of a group under the last key: by arrival, and no more than needed.
    fn last(
        &self,
        key: &Key,
        group: Group,
        within: &Within<'_>,
        tie: Option<&Place>,
        way: &mut Way,
    ) -> Outcome<bool> {
        let mut walk = group.members.walk(self.cut.backwards, tie.map(|place| place.arrival));
        while !self.is_full(way) {
            let Some(resource) = walk.next(self.snapshot)? else { break };
            match self.belongs(key, &group.value, within, resource)? {
                None => return Ok(false),
                Some(false) => {}
                Some(true) => {
                    way.places.push(Place { values: way.values.clone(), arrival: resource });
                }
            }
        }
        Ok(true)
    }

    /// Whether a resource matches and is sorted by this value; `None` when the budget is spent.
    fn belongs(
        &self,
        key: &Key,
        value: &[u8],
        within: &Within<'_>,
        resource: u64,
    ) -> Outcome<Option<bool>> {
        match within {
            Within::Set(set) if !set.contains(resource) => return Ok(Some(false)),
            Within::Set(_) if matches!(key.by, By::Updated(_)) => return Ok(Some(true)),
            Within::Set(_) => {}
            Within::Looked(_, budget) if budget.get() == 0 => return Ok(None),
            Within::Looked(_, budget) => budget.set(budget.get() - 1),
        }
        let Some(candidate) = self.snapshot.candidate(resource)? else { return Ok(Some(false)) };
        if key.value(&candidate).as_deref() != Some(value) {
            return Ok(Some(false));
        }
        match within {
            Within::Set(_) => Ok(Some(true)),
            Within::Looked(node, _) => node.holds(self.snapshot, &candidate).map(Some),
        }
    }

    /// All of a group that match and are sorted by its value.
    fn group(
        &self,
        key: &Key,
        group: Group,
        within: &Within<'_>,
    ) -> Outcome<Option<RoaringTreemap>> {
        let lists = match group.members {
            Members::Few(few) => {
                let mut set = RoaringTreemap::new();
                for resource in few {
                    match self.belongs(key, &group.value, within, resource)? {
                        None => return Ok(None),
                        Some(true) => drop(set.insert(resource)),
                        Some(false) => {}
                    }
                }
                return Ok(Some(set));
            }
            Members::Many(lists) => lists,
        };
        let Within::Set(all) = within else { return Ok(None) };
        let mut set = RoaringTreemap::new();
        for (parameter, value) in lists {
            let high = [value.as_slice(), &[0]].concat();
            set |= in_both(self.snapshot, &Range::new(parameter, value, Some(high)), all)?;
        }
        set -= key.with_earlier(self.snapshot, &group.value)?;
        Ok(Some(set))
    }

    /// Those without a value for the key at `depth`.
    fn missing(
        &self,
        depth: usize,
        key: &Key,
        within: &Within<'_>,
        bound: Option<&Place>,
        way: &mut Way,
    ) -> Outcome<bool> {
        if self.is_full(way) {
            return Ok(true);
        }
        let Some(with_value) = key.with_value(self.snapshot)? else { return Ok(true) };
        let set = match within {
            Within::Set(set) => *set - with_value,
            Within::Looked(node, _) => node.set(self.snapshot)? - with_value,
        };
        way.values.push(None);
        let done = self.collect(depth + 1, &Within::Set(&set), bound, way);
        way.values.pop();
        done
    }

    /// The members of a set by arrival, which decides when all keys are equal, or is the last key.
    fn by_arrival(
        &self,
        within: &Within<'_>,
        descending: bool,
        bound: Option<&Place>,
        way: &mut Way,
        as_key: bool,
    ) -> Outcome<()> {
        let Within::Set(set) = within else {
            let Within::Looked(node, _) = within else { return Ok(()) };
            let set = node.set(self.snapshot)?;
            return self.by_arrival(&Within::Set(&set), descending, bound, way, as_key);
        };
        let mut members = set.iter();
        let bound = bound.map(|place| place.arrival);
        match (bound, descending) {
            (Some(bound), false) => members.advance_to(bound + 1),
            (Some(bound), true) => members.advance_back_to(bound.saturating_sub(1)),
            (None, _) => {}
        }
        while !self.is_full(way) {
            let next = if descending { members.next_back() } else { members.next() };
            let Some(resource) = next else { break };
            let mut values = way.values.clone();
            if as_key {
                values.push(Some(resource.to_be_bytes().to_vec()));
            }
            way.places.push(Place { values, arrival: resource });
        }
        Ok(())
    }
}
