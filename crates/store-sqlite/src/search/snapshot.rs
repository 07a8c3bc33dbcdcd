//! The state of the index that one search sees, and the time that it may take.

use crate::error::{Context, Outcome};
use crate::physical::read_id;
use crate::settings::{Plans, Settings};
use crate::write::own_keys;
use cresset_store::physical::keys;
use cresset_store::{ResourceId, StoreError, TypeNumber};
use rusqlite::{Connection, OptionalExtension};
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Steps between two looks at the clock.
const STEPS: u64 = 256;

/// A connection inside a transaction.
pub(crate) struct Snapshot<'a> {
    pub(super) connection: &'a Connection,
    pub(super) plans: Plans,
    limit: Duration,
    started: Instant,
    steps: Cell<u64>,
}

impl<'a> Snapshot<'a> {
    pub(crate) fn new(connection: &'a Connection, settings: &Settings) -> Self {
        let (limit, plans) = (settings.search_timeout, settings.plans);
        Self { connection, plans, limit, started: Instant::now(), steps: Cell::new(0) }
    }

    /// Counts a step – a row, a candidate – and ends a search that takes too long.
    pub(super) fn step(&self) -> Outcome<()> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if !steps.is_multiple_of(STEPS) || self.started.elapsed() < self.limit {
            return Ok(());
        }
        Err(StoreError::TooCostly(format!(
            "the search was ended after {} s: name a type, add a parameter that few resources match, or ask for fewer values",
            self.limit.as_secs()
        )))
    }

    /// How many steps there were so far, and for how long.
    pub(super) fn taken(&self) -> (u64, Duration) {
        (self.steps.get(), self.started.elapsed())
    }

    /// What a resource is found by; `None` unless it is current and not deleted.
    pub(super) fn candidate(&self, resource: u64) -> Outcome<Option<Candidate>> {
        self.step()?;
        self.connection
            .prepare_cached(
                "SELECT type, updated, keys, id FROM resource WHERE r = ?1 AND version > 0 AND kind < 3",
            )
            .and_then(|mut s| {
                s.query_row([resource as i64], |row| {
                    let kept: Option<Vec<u8>> = row.get(2)?;
                    let (of, updated) = (TypeNumber(row.get(0)?), row.get(1)?);
                    let id = read_id(row.get_ref(3)?);
                    Ok(Candidate { resource, of, updated, id, kept: kept.unwrap_or_default() })
                })
                .optional()
            })
            .context("reading a resource's index keys")
    }
}

/// A resource that may match, with what it is found by.
#[derive(Debug)]
pub(super) struct Candidate {
    pub(super) resource: u64,
    pub(super) of: TypeNumber,
    pub(super) updated: i64,
    pub(super) id: Option<ResourceId>,
    kept: Vec<u8>,
}

impl Candidate {
    /// Calls `visit` with its keys, the store's own among them, until that says true.
    pub(super) fn any_key(&self, mut visit: impl FnMut(u32, &[u8]) -> bool) -> bool {
        let own = own_keys(self.of, self.updated);
        own.iter().any(|(parameter, value)| visit(*parameter, value))
            || self.kept_keys().into_iter().any(|(parameter, value)| visit(parameter, value))
    }

    /// The keys that its row keeps.
    pub(super) fn kept_keys(&self) -> Vec<(u32, &[u8])> {
        keys::decode(&self.kept).unwrap_or_default()
    }
}
