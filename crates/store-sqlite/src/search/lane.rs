//! Indexes walked in the order of their values, several as one.

use super::snapshot::Snapshot;
use super::stream::{Stream, Streams};
use crate::error::{Context, Outcome};
use crate::posting::members;
use crate::settings::Plans;
use cresset_store::physical;
use std::collections::VecDeque;

/// Rows fetched at a time, at first and at most.
const CHUNK: std::ops::Range<usize> = 16..1024;
/// Rows of one value beyond which its resources are walked instead of gathered.
const SMALL: usize = 16;

/// How much of a value decides its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    /// The text that it begins with, the NUL that ends it included.
    Text,
}

impl Part {
    /// What decides in a value.
    pub(super) fn of(self, value: &[u8]) -> &[u8] {
        match self {
            Self::Whole => value,
            Self::Text => memchr::memchr(0, value).map_or(value, |end| &value[..=end]),
        }
    }

    /// The least bytes above all values in which `part` decides.
    pub(super) fn after(self, part: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Whole => Some([part, &[0]].concat()),
            Self::Text => physical::after(part),
        }
    }
}

/// An index, or what starts with some bytes in it, on the way through its values.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) parameter: u32,
    /// What all of its values start with; not part of the order.
    pub(super) prefix: Vec<u8>,
    part: Part,
    downwards: bool,
    rows: VecDeque<Row>,
    /// Where to fetch more from; `None` when there is no more.
    from: Option<(Vec<u8>, i64)>,
    chunk: usize,
}

#[derive(Debug)]
struct Row {
    value: Vec<u8>,
    first: u64,
    more: Vec<u8>,
}

/// Resources that have the same value, as far as it decides.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) value: Vec<u8>,
    pub(super) members: Members,
}

/// Few resources, or the lists of many.
#[derive(Debug)]
pub(super) enum Members {
    /// In ascending order, each once.
    Few(Vec<u64>),
    /// Index and value of each list.
    Many(Vec<(u32, Vec<u8>)>),
}

impl Lane {
    /// A lane that starts at `from`, that value included, or at the end where it comes from.
    pub(super) fn new(
        parameter: u32,
        prefix: Vec<u8>,
        part: Part,
        downwards: bool,
        from: Option<&[u8]>,
    ) -> Self {
        let start = match (downwards, from) {
            (false, from) => ([&prefix, from.unwrap_or_default()].concat(), -1),
            (true, Some(from)) => match part.after(&[&prefix, from].concat()) {
                Some(above) => (above, -1),
                None => above_all(&prefix),
            },
            (true, None) => above_all(&prefix),
        };
        let (rows, chunk) = (VecDeque::new(), CHUNK.start);
        Self { parameter, prefix, part, downwards, rows, from: Some(start), chunk }
    }

    /// What decides in the value of the next row.
    fn peek(&mut self, snapshot: &Snapshot<'_>) -> Outcome<Option<&[u8]>> {
        if self.rows.is_empty() {
            self.fetch(snapshot)?;
        }
        let (skip, part) = (self.prefix.len(), self.part);
        Ok(self.rows.front().map(|row| part.of(&row.value[skip..])))
    }

    /// Whether the next row has this whole value.
    fn is_at(&mut self, snapshot: &Snapshot<'_>, full: &[u8]) -> Outcome<bool> {
        self.peek(snapshot)?;
        Ok(self.rows.front().is_some_and(|row| row.value == full))
    }

    fn fetch(&mut self, snapshot: &Snapshot<'_>) -> Outcome<()> {
        let Some((value, resource)) = self.from.take() else { return Ok(()) };
        snapshot.step()?;
        let sql = if self.downwards {
            "SELECT v, r, more FROM posting WHERE p = ?1 AND (v, r) < (?2, ?3)
             ORDER BY v DESC, r DESC LIMIT ?4"
        } else {
            "SELECT v, r, more FROM posting WHERE p = ?1 AND (v, r) > (?2, ?3)
             ORDER BY v, r LIMIT ?4"
        };
        let rows = &mut self.rows;
        let mut fetch = || -> rusqlite::Result<()> {
            let mut statement = snapshot.connection.prepare_cached(sql)?;
            let found = statement.query_map(
                (self.parameter, &value, resource, self.chunk as i64),
                |row| {
                    let more: Option<Vec<u8>> = row.get(2)?;
                    let first = row.get::<_, i64>(1)? as u64;
                    Ok(Row { value: row.get(0)?, first, more: more.unwrap_or_default() })
                },
            )?;
            for row in found {
                rows.push_back(row?);
            }
            Ok(())
        };
        fetch().context("walking the index")?;
        let is_last = self.rows.len() < self.chunk;
        // Values with another prefix are not of this lane.
        let own = self.rows.iter().position(|row| !row.value.starts_with(&self.prefix));
        if let Some(own) = own {
            self.rows.truncate(own);
        }
        if !is_last && own.is_none() {
            self.from = self.rows.back().map(|row| (row.value.clone(), row.first as i64));
        }
        self.chunk = (self.chunk * 4).min(CHUNK.end);
        Ok(())
    }

    /// Goes on behind a whole value.
    fn leave(&mut self, full: Vec<u8>) {
        while self.rows.front().is_some_and(|row| row.value == full) {
            self.rows.pop_front();
        }
        if self.rows.is_empty() && self.from.is_some() {
            self.from = Some((full, if self.downwards { -1 } else { i64::MAX }));
        }
    }
}

/// Where the way down begins: texts have no such bytes, numbers not so many.
fn above_all(prefix: &[u8]) -> (Vec<u8>, i64) {
    ([prefix, &[0xff; 300]].concat(), i64::MAX)
}

/// Lanes as one.
#[derive(Debug)]
pub(super) struct Lanes {
    pub(super) lanes: Vec<Lane>,
    pub(super) downwards: bool,
}

impl Lanes {
    /// The next value and who has it.
    pub(super) fn next(&mut self, snapshot: &Snapshot<'_>) -> Outcome<Option<Group>> {
        let mut value: Option<Vec<u8>> = None;
        for lane in &mut self.lanes {
            if let Some(own) = lane.peek(snapshot)?
                && value.as_ref().is_none_or(|v| (own < v.as_slice()) != self.downwards && own != v)
            {
                value = Some(own.to_vec());
            }
        }
        let Some(value) = value else { return Ok(None) };
        let members = self.members(snapshot, &value)?;
        Ok(Some(Group { value, members }))
    }

    fn members(&mut self, snapshot: &Snapshot<'_>, value: &[u8]) -> Outcome<Members> {
        let small = if snapshot.plans == Plans::Walk { 0 } else { SMALL };
        let (mut few, mut lists, mut rows) = (Vec::new(), Vec::new(), 0);
        for lane in &mut self.lanes {
            while lane.peek(snapshot)? == Some(value) {
                let Some(full) = lane.rows.front().map(|row| row.value.clone()) else { break };
                while rows <= small && lane.is_at(snapshot, &full)? {
                    if let Some(row) = lane.rows.pop_front() {
                        few.extend(members(row.first, &row.more));
                        rows += 1;
                    }
                }
                lane.leave(full.clone());
                lists.push((lane.parameter, full));
            }
        }
        if rows > small {
            return Ok(Members::Many(lists));
        }
        few.sort_unstable();
        few.dedup();
        Ok(Members::Few(few))
    }
}

impl Members {
    /// One after another, in the order of arrival or against it, beyond `bound`.
    pub(super) fn walk(self, backwards: bool, bound: Option<u64>) -> Walk {
        match self {
            Self::Few(mut few) => {
                match (bound, backwards) {
                    (None, _) => {}
                    (Some(bound), false) => few.retain(|resource| *resource > bound),
                    (Some(bound), true) => few.retain(|resource| *resource < bound),
                }
                if !backwards {
                    few.reverse();
                }
                Walk::Few(few)
            }
            Self::Many(lists) => {
                let stream = |(p, v)| Stream::new(p, v, backwards, bound);
                Walk::Many(Streams::new(lists.into_iter().map(stream).collect(), backwards))
            }
        }
    }
}

/// Members on the way.
#[derive(Debug)]
pub(super) enum Walk {
    /// The next one last.
    Few(Vec<u64>),
    Many(Streams),
}

impl Walk {
    pub(super) fn next(&mut self, snapshot: &Snapshot<'_>) -> Outcome<Option<u64>> {
        match self {
            Self::Few(few) => Ok(few.pop()),
            Self::Many(streams) => streams.next(snapshot),
        }
    }
}
