//! What is written with one set of statements.

use super::entries::Difference;
use super::row_state::{Current, RowState};
use crate::error::Outcome;
use cresset_store::*;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The time of a version.
#[derive(Clone, Copy, Debug)]
pub(super) enum Moment {
    /// The commit's, but not before this one.
    Now(i64),
    /// This one.
    Given(i64),
}

impl Moment {
    /// In milliseconds, once the commit's is known.
    pub(super) fn at(self, now: i64) -> i64 {
        match self {
            Self::Now(least) => now.max(least),
            Self::Given(moment) => moment,
        }
    }

    /// As two columns: whether it is given, and the number.
    pub(super) fn columns(self) -> (bool, i64) {
        match self {
            Self::Now(least) => (false, least),
            Self::Given(moment) => (true, moment),
        }
    }
}

/// A version to be written. Its place in the change sequence is the `ordinal`th of this plan.
#[derive(Clone, Debug)]
pub(super) struct NewVersion<'a> {
    pub(super) r: i64,
    pub(super) key: &'a Key,
    pub(super) version: Version,
    pub(super) moment: Moment,
    pub(super) kind: ChangeKind,
    pub(super) payload: Option<&'a Payload>,
    pub(super) ordinal: i64,
}

/// A version that becomes current, with its keys, and those that its row has until then.
#[derive(Debug)]
pub(super) struct NewRow<'a> {
    pub(super) version: NewVersion<'a>,
    pub(super) keys: Vec<u8>,
    pub(super) before: Vec<u8>,
    /// What it is found by, where another process enters that.
    pub(super) announced: Option<&'a IndexKeys>,
}

/// An entry of the change sequence; `batch` is the ordinal of the first one of its request.
#[derive(Debug)]
pub(super) struct NewChange {
    pub(super) r: i64,
    pub(super) of: TypeNumber,
    pub(super) version: Version,
    pub(super) previous: Option<Version>,
    pub(super) kind: ChangeKind,
    pub(super) moment: Moment,
    pub(super) batch: i64,
}

/// Everything to be written, no resource by two requests.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    /// Resources whose current version becomes history.
    pub(super) retired: Vec<i64>,
    pub(super) rows: Vec<NewRow<'a>>,
    /// The place in `rows` of a resource.
    places: HashMap<i64, usize>,
    /// Versions that are history at once.
    pub(super) past: Vec<NewVersion<'a>>,
    pub(super) changes: Vec<NewChange>,
    /// The first change of a request, and who made it.
    pub(super) batches: Vec<(i64, &'a Provenance)>,
    pub(super) bookmarks: BTreeMap<&'a str, &'a [u8]>,
    /// Resources of which nothing stays.
    pub(super) purged: Vec<i64>,
    /// Past versions that go.
    pub(super) purged_versions: Vec<(i64, Version)>,
    /// Rows of which a version is gone whose number is above all that are there.
    pub(super) raised: BTreeMap<i64, u64>,
    /// Rows that get other keys and stay as they are: those that they have, and the new ones.
    pub(super) rekeyed: BTreeMap<i64, (Vec<u8>, Vec<u8>)>,
    /// Resources whose index is as it should be, whatever was left to another process before; beside
    /// those whose rows are written.
    pub(super) settled: Vec<i64>,
    pub(super) difference: Difference,
    /// What is written so far.
    pub(super) touched: HashSet<&'a Key>,
}

impl<'a> Plan<'a> {
    /// Whether there is nothing to write.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
            && self.bookmarks.is_empty()
            && self.rekeyed.is_empty()
            && self.settled.is_empty()
    }

    /// The ordinal of the next change.
    pub(super) fn next_ordinal(&self) -> i64 {
        self.changes.len() as i64 + 1
    }

    /// Notes a change of the request whose first ordinal is `batch`.
    pub(super) fn change(
        &mut self,
        new: &NewVersion<'a>,
        previous: Option<Version>,
        provenance: &'a Provenance,
        batch: i64,
    ) {
        if self.batches.last().is_none_or(|(last, _)| *last != batch) {
            self.batches.push((batch, provenance));
        }
        let NewVersion { r, key, version, moment, kind, .. } = *new;
        let of = key.resource_type;
        self.changes.push(NewChange { r, of, version, previous, kind, moment, batch });
    }

    /// Makes a version the current one of its row.
    pub(super) fn make_current(
        &mut self,
        state: &mut RowState,
        new: NewVersion<'a>,
        keys: Vec<u8>,
        announced: Option<&'a IndexKeys>,
    ) {
        // The row of what was purged holds its last number where this one's goes.
        if state.last_version > new.version.number() {
            self.raised.insert(state.r, state.last_version);
        }
        let had = std::mem::take(&mut state.keys);
        self.touched.insert(new.key);
        let at_least = match new.moment {
            Moment::Now(least) | Moment::Given(least) => least,
        };
        let current = Current { version: new.version, updated: at_least, kind: new.kind };
        if let Some(at) = self.places.get(&state.r) {
            let row = &mut self.rows[*at];
            let replaced = std::mem::replace(&mut row.version, new);
            row.keys.clone_from(&keys);
            row.announced = announced;
            self.past.push(replaced);
        } else {
            if state.current.is_some() {
                self.retired.push(state.r);
            }
            self.places.insert(state.r, self.rows.len());
            self.rows.push(NewRow { version: new, keys: keys.clone(), before: had, announced });
        }
        state.advance(current, keys);
    }

    /// Versions whose index keys another process enters.
    pub(super) fn left(&self) -> impl Iterator<Item = &NewVersion<'a>> {
        self.rows.iter().filter(|row| row.announced.is_some()).map(|row| &row.version)
    }

    /// Resources that nobody has to index any more.
    pub(super) fn settled(&self) -> Vec<i64> {
        let rows = self.rows.iter().filter(|row| row.announced.is_none());
        let written = rows.map(|row| row.version.r);
        written.chain(self.purged.iter().copied()).chain(self.settled.iter().copied()).collect()
    }

    /// Enters into the index what `rows` change in it.
    pub(super) fn add_differences(&mut self) -> Outcome<()> {
        for row in &self.rows {
            self.difference.push(row.version.r, &row.before, &row.keys)?;
        }
        for (r, (before, keys)) in &self.rekeyed {
            self.difference.push(*r, before, keys)?;
        }
        Ok(())
    }
}
