//! What happens inside a commit.

mod admit;
mod commit;
mod purge;
mod reindex;
mod replicate;
mod row;
pub(crate) mod state;

use crate::error::Outcome;
use crate::posting::{self, Deltas};
use crate::vocabulary::reserved;
use cresset_store::physical::{Numbers, write_value};
use cresset_store::{IndexKeys, Key, StoreError, Timestamp, TypeNumber};
use rusqlite::Connection;
use state::State;

pub(crate) use cresset_store::physical::keys::PhysicalKey;
pub(crate) use row::kind_numbered as row_kind;

/// Bytes of index changes gathered before they are entered: they are sorted, so more at once is
/// cheaper.
const DELTAS: usize = 128 << 20;

/// A group's transaction.
pub(crate) struct Transaction<'a> {
    connection: &'a Connection,
    state: &'a mut State,
    deltas: Deltas,
    /// The failure that undoes the group.
    failure: Option<StoreError>,
    /// The time of this commit.
    now: Timestamp,
}

impl<'a> Transaction<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        state: &'a mut State,
        begun: Outcome<()>,
    ) -> Self {
        let now = state.tick();
        Self { connection, state, deltas: Deltas::default(), failure: begun.err(), now }
    }

    /// Runs one job. A failure of the engine undoes the whole group, since what the job had written
    /// by then can't be taken back alone; a refusal has written nothing.
    pub(crate) fn attempt<T>(&mut self, work: impl FnOnce(&mut Self) -> Outcome<T>) -> Outcome<T> {
        if let Some(failure) = &self.failure {
            let source = failure.to_string().into();
            return Err(StoreError::Backend { context: "committing together with others", source });
        }
        let outcome = work(self);
        if let Err(StoreError::Backend { context, source }) = &outcome {
            let source = source.to_string().into();
            self.failure = Some(StoreError::Backend { context, source });
        } else if let Err(StoreError::Corrupt(what)) = &outcome {
            self.failure = Some(StoreError::Corrupt(what.clone()));
        }
        outcome
    }

    pub(crate) fn connection(&self) -> &Connection {
        self.connection
    }

    pub(crate) fn set_deferred(&mut self, deferred: bool) {
        self.state.deferred = deferred;
    }

    /// Enters the gathered changes before the whole index is built anew.
    pub(crate) fn enter_pending(&mut self) -> Outcome<()> {
        self.flush()
    }

    /// Enters what is still to be entered; after it the transaction can be committed.
    pub(crate) fn finish(mut self) -> Outcome<()> {
        match self.failure.take() {
            Some(failure) => Err(failure),
            None => self.flush().and_then(|()| self.state.keep_time(self.connection)),
        }
    }

    /// Enters the gathered index changes, so that searches see them.
    fn flush(&mut self) -> Outcome<()> {
        posting::apply(self.connection, &mut self.deltas)
    }

    fn delta(&mut self, parameter: u32, value: &[u8], resource: u64, add: bool) -> Outcome<()> {
        self.deltas.push(parameter, value, resource, add);
        if self.deltas.size() >= DELTAS { self.flush() } else { Ok(()) }
    }

    /// The keys as the index holds them, sorted; new parameters, terms and references are entered.
    fn physical(&mut self, of: TypeNumber, index: &IndexKeys) -> Outcome<Vec<PhysicalKey>> {
        let mut keys = Vec::with_capacity(index.len());
        for key in index.iter() {
            let parameter =
                self.state.vocabulary.enter_parameter(self.connection, &key.parameter, of)?;
            let mut value = Vec::with_capacity(16);
            let mut numbers = Entering { connection: self.connection, state: self.state };
            write_value(&key.value, &mut numbers, &mut value)?;
            keys.push((parameter, value));
        }
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }

    /// Enters the difference between the keys that a resource had and those that it gets.
    fn difference(
        &mut self,
        resource: u64,
        old: &[(u32, &[u8])],
        new: &[(u32, &[u8])],
    ) -> Outcome<()> {
        let (mut old, mut new) = match self.state.deferred {
            true => (own(old), own(new)),
            false => (old, new),
        };
        loop {
            match (old.first(), new.first()) {
                (None, None) => return Ok(()),
                (Some(a), Some(b)) if a == b => (old, new) = (&old[1..], &new[1..]),
                (Some(a), b) if b.is_none_or(|b| a < b) => {
                    self.delta(a.0, a.1, resource, false)?;
                    old = &old[1..];
                }
                (_, Some(b)) => {
                    self.delta(b.0, b.1, resource, true)?;
                    new = &new[1..];
                }
                (Some(_), None) => return Ok(()),
            }
        }
    }
}

/// The part of sorted keys that the store itself keeps: entered even while indexing is deferred.
fn own<'k>(keys: &'k [(u32, &'k [u8])]) -> &'k [(u32, &'k [u8])] {
    &keys[..keys.partition_point(|(parameter, _)| *parameter < reserved::FIRST)]
}

/// The store's own keys of a current, undeleted version.
pub(crate) fn own_keys(resource_type: TypeNumber, updated: i64) -> [PhysicalKey; 2] {
    let type_bytes = resource_type.0.to_be_bytes();
    let mut time = type_bytes.to_vec();
    time.extend_from_slice(&time_bytes(updated));
    [(reserved::TYPE, type_bytes.to_vec()), (reserved::UPDATED, time)]
}

/// Milliseconds as bytes that compare as the numbers do.
pub(crate) fn time_bytes(milliseconds: i64) -> [u8; 8] {
    (milliseconds as u64 ^ 1 << 63).to_be_bytes()
}

/// Gives numbers to what has none yet.
struct Entering<'a> {
    connection: &'a Connection,
    state: &'a mut State,
}

impl Numbers for Entering<'_> {
    fn term(&mut self, text: &str) -> Outcome<Option<u64>> {
        self.state.vocabulary.enter_term(self.connection, text).map(Some)
    }

    fn resource(&mut self, key: &Key) -> Outcome<Option<u64>> {
        self.state.enter_resource(self.connection, key).map(Some)
    }
}
