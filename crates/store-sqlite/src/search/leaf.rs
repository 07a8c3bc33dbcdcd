//! Ranges of the index, how much is in them, and their resources one after another.

use super::range::Range;
use super::sample::Sample;
use super::snapshot::Snapshot;
use crate::error::Outcome;
use crate::posting::members;
use crate::vocabulary::reserved;
use roaring::RoaringTreemap;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// A union of ranges.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaf {
    pub(super) ranges: Vec<Measured>,
    /// Distinct keys, about.
    pub(super) rows: u64,
    /// Resources, about; those with several of the keys more than once.
    pub(super) members: u64,
    /// The only values of ranges, by parameter, once many were asked for.
    values: OnceCell<HashMap<u32, HashSet<Vec<u8>>>>,
}

/// A range that isn't empty.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    pub(super) range: Range,
    /// The only value in it, whose resources then come in order.
    pub(super) single: Option<Vec<u8>>,
}

impl Leaf {
    /// Looks at ranges; empty ones are left out.
    pub(super) fn measure(snapshot: &Snapshot<'_>, ranges: Vec<Range>) -> Outcome<Self> {
        let mut leaf = Self::default();
        for range in ranges {
            leaf.add(snapshot, range)?;
        }
        Ok(leaf)
    }

    /// This and another.
    pub(super) fn join(&mut self, other: Self) {
        self.ranges.extend(other.ranges);
        self.rows += other.rows;
        self.members += other.members;
    }

    fn add(&mut self, snapshot: &Snapshot<'_>, range: Range) -> Outcome<()> {
        snapshot.step()?;
        let Some(sample) = Sample::take(snapshot, &range)? else { return Ok(()) };
        let single = sample.is_single();
        if single && !range.admits(sample.first()) {
            return Ok(());
        }
        let (mut rows, mut members) = sample.extrapolate(snapshot)?;
        if !single && range.is_filtered() {
            // Most of what such a range looks at isn't meant.
            members = members.div_ceil(8);
        }
        rows = rows.max(1);
        self.rows += rows;
        self.members += members.max(1);
        let single = single.then(|| sample.first().to_vec());
        self.ranges.push(Measured { range, single });
        Ok(())
    }

    /// What it costs to take all of it, in nanoseconds, about.
    pub(super) fn cost(&self) -> u64 {
        2_000 * self.ranges.len() as u64 + 400 * self.rows + 12 * self.members
    }

    /// Whether its resources come in order.
    pub(super) fn is_ordered(&self) -> bool {
        self.ranges.len() <= 64 && self.ranges.iter().all(|m| m.single.is_some())
    }

    /// All of its resources.
    pub(super) fn set(&self, snapshot: &Snapshot<'_>) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for measured in &self.ranges {
            found |= measured.set(snapshot)?;
        }
        Ok(found)
    }

    /// Those of its resources that are in a set: cheaper than all of them where the set is small.
    pub(super) fn within(
        &self,
        snapshot: &Snapshot<'_>,
        set: &RoaringTreemap,
    ) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        for measured in &self.ranges {
            found |= measured.within(snapshot, set)?;
        }
        Ok(found)
    }

    /// How many resources it has, where none can be in it twice.
    pub(super) fn count(&self, snapshot: &Snapshot<'_>) -> Outcome<Option<u64>> {
        let is_type = |m: &Measured| m.range.parameter == reserved::TYPE;
        let distinct = match &self.ranges[..] {
            [only] => only.single.is_some(),
            ranges => ranges.iter().all(is_type),
        };
        if !distinct {
            return Ok(None);
        }
        let mut count = 0;
        for measured in &self.ranges {
            measured.range.rows(snapshot, |_, _, more| {
                // Each distance ends with a byte below 128.
                count += 1 + more.iter().filter(|byte| **byte < 128).count() as u64;
                Ok(())
            })?;
        }
        Ok(Some(count))
    }

    /// Whether a key of a resource is in it.
    pub(super) fn holds(&self, parameter: u32, value: &[u8]) -> bool {
        if self.ranges.len() <= 16 {
            return self.ranges.iter().any(|m| m.range.holds(parameter, value));
        }
        let values = self.values.get_or_init(|| {
            let single =
                self.ranges.iter().filter_map(|m| Some((m.range.parameter, m.single.clone()?)));
            let mut values: HashMap<u32, HashSet<Vec<u8>>> = HashMap::new();
            for (parameter, value) in single {
                values.entry(parameter).or_default().insert(value);
            }
            values
        });
        let mut wider = self.ranges.iter().filter(|m| m.single.is_none());
        // Of a range with one value, that is all that the index has.
        values.get(&parameter).is_some_and(|of| of.contains(value))
            || wider.any(|m| m.range.holds(parameter, value))
    }
}

impl Measured {
    fn within(&self, snapshot: &Snapshot<'_>, set: &RoaringTreemap) -> Outcome<RoaringTreemap> {
        match self.single {
            Some(_) => in_both(snapshot, &self.range, set),
            None => Ok(self.set(snapshot)? & set),
        }
    }

    fn set(&self, snapshot: &Snapshot<'_>) -> Outcome<RoaringTreemap> {
        let mut found = RoaringTreemap::new();
        if self.single.is_some() {
            // Blocks follow each other: everything is in order.
            self.range.rows(snapshot, |_, first, more| {
                drop(found.append(members(first, more)));
                Ok(())
            })?;
            return Ok(found);
        }
        let mut all: Vec<u64> = Vec::new();
        self.range.rows(snapshot, |_, first, more| {
            all.extend(members(first, more));
            if all.len() > 1 << 20 {
                found |= sorted(&mut all);
            }
            Ok(())
        })?;
        found |= sorted(&mut all);
        Ok(found)
    }
}

/// Resources of one value that are in a set: both come in order, and are walked side by side.
pub(super) fn in_both(
    snapshot: &Snapshot<'_>,
    range: &Range,
    set: &RoaringTreemap,
) -> Outcome<RoaringTreemap> {
    let mut found = Vec::new();
    let mut wanted = set.iter().peekable();
    range.rows(snapshot, |_, first, more| {
        for member in members(first, more) {
            while wanted.next_if(|next| *next < member).is_some() {}
            if wanted.peek() == Some(&member) {
                found.push(member);
            }
        }
        Ok(())
    })?;
    Ok(RoaringTreemap::from_sorted_iter(found).unwrap_or_default())
}

/// Takes numbers out of a buffer.
fn sorted(all: &mut Vec<u64>) -> RoaringTreemap {
    all.sort_unstable();
    all.dedup();
    let found = RoaringTreemap::from_sorted_iter(all.drain(..));
    found.unwrap_or_default()
}
