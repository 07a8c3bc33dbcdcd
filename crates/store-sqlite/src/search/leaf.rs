//! Ranges of the index, how much is in them, and their resources one after another.

use super::range::Range;
use super::snapshot::Snapshot;
use crate::error::{Context, Outcome};
use crate::posting::members;
use crate::vocabulary::reserved;
use roaring::RoaringTreemap;
use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

/// Rows that are looked at to estimate a range.
const SAMPLE: usize = 24;

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
        let sample = Sample::take(snapshot, &range)?;
        let Some((first, ..)) = sample.rows.first() else { return Ok(()) };
        let single = sample.last == *first;
        if single && !range.admits(first) {
            return Ok(());
        }
        let (mut rows, mut members) = sample.extrapolate(single);
        if !single && range.is_filtered() {
            // Most of what such a range looks at isn't meant.
            members = members.div_ceil(8);
        }
        rows = rows.max(1);
        self.rows += rows;
        self.members += members.max(1);
        let single = single.then(|| first.clone());
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

/// Takes numbers out of a buffer.
fn sorted(all: &mut Vec<u64>) -> RoaringTreemap {
    all.sort_unstable();
    all.dedup();
    let found = RoaringTreemap::from_sorted_iter(all.drain(..));
    found.unwrap_or_default()
}

/// The first rows of a range, and its last value.
struct Sample {
    /// Value, first resource, bytes of further ones.
    rows: Vec<(Vec<u8>, u64, u64)>,
    last: Vec<u8>,
    /// The largest resource of the last value.
    last_resource: u64,
}

impl Sample {
    fn take(snapshot: &Snapshot<'_>, range: &Range) -> Outcome<Self> {
        let high = range.high.as_deref();
        let sample = || -> rusqlite::Result<Self> {
            let sql = match high {
                Some(_) => {
                    "SELECT v, r, coalesce(length(more), 0) FROM posting
                     WHERE p = ?1 AND v >= ?2 AND v < ?3 ORDER BY p, v, r LIMIT ?4"
                }
                None => {
                    "SELECT v, r, coalesce(length(more), 0) FROM posting
                     WHERE p = ?1 AND v >= ?2 AND ?3 IS NULL ORDER BY p, v, r LIMIT ?4"
                }
            };
            let mut statement = snapshot.connection.prepare_cached(sql)?;
            let rows = statement
                .query_map((range.parameter, &range.low, high, SAMPLE as i64), |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64))
                })?
                .collect::<rusqlite::Result<Vec<(Vec<u8>, u64, u64)>>>()?;
            let complete = rows.len() < SAMPLE;
            let mut last = rows.last().map(|(v, r, _)| (v.clone(), *r)).unwrap_or_default();
            if !complete {
                let sql = match high {
                    Some(_) => {
                        "SELECT v, r FROM posting
                         WHERE p = ?1 AND v >= ?2 AND v < ?3 ORDER BY p DESC, v DESC, r DESC LIMIT 1"
                    }
                    None => {
                        "SELECT v, r FROM posting WHERE p = ?1 AND v >= ?2 AND ?3 IS NULL
                         ORDER BY p DESC, v DESC, r DESC LIMIT 1"
                    }
                };
                let mut statement = snapshot.connection.prepare_cached(sql)?;
                last = statement.query_row((range.parameter, &range.low, high), |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)? as u64))
                })?;
            }
            Ok(Self { rows, last: last.0, last_resource: last.1 })
        };
        sample().context("estimating a search")
    }

    /// Rows and members of the whole range.
    fn extrapolate(&self, single: bool) -> (u64, u64) {
        let rows = self.rows.len() as u64;
        // A distance takes a byte or two.
        let members: u64 = self.rows.iter().map(|(_, _, bytes)| 1 + bytes * 2 / 3).sum();
        if self.rows.len() < SAMPLE {
            return (rows, members);
        }
        let (first, last) = (&self.rows[0], &self.rows[self.rows.len() - 1]);
        let part = if single {
            fraction(first.1, last.1, self.last_resource)
        } else {
            let shared = first.0.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
            let number = |value: &[u8]| {
                let bytes = value.iter().skip(shared).chain(std::iter::repeat(&0)).take(7);
                bytes.fold(0_u64, |n, b| n << 8 | u64::from(*b))
            };
            fraction(number(&first.0), number(&last.0), number(&self.last))
        };
        ((rows as f64 / part) as u64, (members as f64 / part) as u64)
    }
}

/// Which part of the way from `from` to `to` lies behind `at`.
fn fraction(from: u64, at: u64, to: u64) -> f64 {
    let part = at.saturating_sub(from) as f64 / to.saturating_sub(from).max(1) as f64;
    part.clamp(1e-6, 1.0)
}
