//! The resources of one value, in order, block by block.

use super::leaf::Leaf;
use super::snapshot::Snapshot;
use crate::error::{Context, Outcome};
use crate::posting::members;
use rusqlite::OptionalExtension;

/// One posting list, walked one way or the other.
#[derive(Debug)]
pub(super) struct Stream {
    parameter: u32,
    value: Vec<u8>,
    backwards: bool,
    /// Members of the block that is being read, the next one last.
    block: Vec<u64>,
    /// The first member of that block; `None` at the start, when nothing has been read.
    at: Option<u64>,
    /// Where to start.
    start: u64,
    is_at_end: bool,
}

const FIRST_FROM: &str =
    "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r > ?3 ORDER BY r LIMIT 1";
const LAST_UP_TO: &str =
    "SELECT r, more FROM posting WHERE p = ?1 AND v = ?2 AND r <= ?3 ORDER BY r DESC LIMIT 1";

impl Stream {
    /// Resources after `bound` in ascending order; or, backwards, those before it in descending
    /// order, where no bound means all.
    pub(super) fn new(parameter: u32, value: Vec<u8>, backwards: bool, bound: Option<u64>) -> Self {
        let start = match (backwards, bound) {
            (false, bound) => bound.unwrap_or(0),
            (true, None) => i64::MAX as u64,
            (true, Some(bound)) => bound.saturating_sub(1),
        };
        Self { parameter, value, backwards, block: Vec::new(), at: None, start, is_at_end: false }
    }

    /// The next resource, which stays the next.
    pub(super) fn peek(&mut self, snapshot: &Snapshot<'_>) -> Outcome<Option<u64>> {
        while self.block.is_empty() {
            // Of several streams, those that have ended are asked again and again.
            if self.is_at_end || !self.load(snapshot)? {
                self.is_at_end = true;
                return Ok(None);
            }
        }
        Ok(self.block.last().copied())
    }

    /// Goes on to the one after.
    pub(super) fn advance(&mut self) {
        self.block.pop();
    }

    /// Reads the next block; false when there is none.
    fn load(&mut self, snapshot: &Snapshot<'_>) -> Outcome<bool> {
        snapshot.step()?;
        let found = match (self.at, self.backwards) {
            // The block that holds the start may begin before it.
            (None, false) => match self.read(snapshot, LAST_UP_TO, self.start)? {
                Some(block) => Some(block),
                None => self.read(snapshot, FIRST_FROM, self.start)?,
            },
            (None, true) => self.read(snapshot, LAST_UP_TO, self.start)?,
            (Some(at), false) => self.read(snapshot, FIRST_FROM, at)?,
            (Some(0), true) => None,
            (Some(at), true) => self.read(snapshot, LAST_UP_TO, at - 1)?,
        };
        let Some((first, mut block)) = found else { return Ok(false) };
        if self.backwards {
            block.retain(|resource| *resource <= self.start);
        } else {
            block.retain(|resource| *resource > self.start);
            block.reverse();
        }
        (self.at, self.block) = (Some(first), block);
        Ok(true)
    }

    fn read(
        &self,
        snapshot: &Snapshot<'_>,
        sql: &str,
        bound: u64,
    ) -> Outcome<Option<(u64, Vec<u64>)>> {
        snapshot
            .connection
            .prepare_cached(sql)
            .and_then(|mut s| {
                s.query_row((self.parameter, &self.value, bound as i64), |row| {
                    let first = row.get::<_, i64>(0)? as u64;
                    let more = row.get_ref(1)?.as_blob_or_null()?.unwrap_or_default();
                    Ok((first, members(first, more).collect()))
                })
                .optional()
            })
            .context("searching the index")
    }
}

/// Several lists as one, each resource once.
#[derive(Debug)]
pub(super) struct Streams {
    streams: Vec<Stream>,
    backwards: bool,
}

impl Streams {
    /// The resources of a leaf that is ordered.
    pub(super) fn of(leaf: &Leaf, backwards: bool, bound: Option<u64>) -> Self {
        let single =
            leaf.ranges.iter().filter_map(|m| Some((m.range.parameter, m.single.clone()?)));
        let stream = |(parameter, value)| Stream::new(parameter, value, backwards, bound);
        Self { streams: single.map(stream).collect(), backwards }
    }

    /// The lists of these values.
    pub(super) fn new(streams: Vec<Stream>, backwards: bool) -> Self {
        Self { streams, backwards }
    }

    /// The next resource.
    pub(super) fn next(&mut self, snapshot: &Snapshot<'_>) -> Outcome<Option<u64>> {
        let mut next: Option<u64> = None;
        for stream in &mut self.streams {
            if let Some(resource) = stream.peek(snapshot)? {
                let is_before = next.is_none_or(|n| (resource < n) != self.backwards);
                if is_before {
                    next = Some(resource);
                }
            }
        }
        for stream in &mut self.streams {
            if next.is_some() && stream.peek(snapshot)? == next {
                stream.advance();
            }
        }
        Ok(next)
    }
}
