//! Everything that can stand against a batch, found out before anything of it is written.

use super::Transaction;
use super::row::Row;
use crate::build;
use crate::error::{Context, Outcome};
use crate::search;
use cresset_store::{Batch, Conflict, Deadline, Expected, Guard, Scope, StoreError};
use rusqlite::OptionalExtension;

impl Transaction<'_> {
    /// Checks guards and preconditions; returns the rows of the resources to be written.
    pub(super) fn admit(&mut self, scope: &Scope, batch: &Batch) -> Outcome<Vec<Option<Row>>> {
        Deadline::kept(batch.deadline)?;
        if let Some(write) = batch.twice() {
            return Err(StoreError::Conflict { write, conflict: Conflict::Twice });
        }
        if !batch.guards.is_empty() {
            if self.state.deferred {
                return Err(StoreError::Indexing { done: 0, total: build::live(self.connection)? });
            }
            // Guards must see what earlier jobs of this group have written.
            self.flush()?;
        }
        for (index, guard) in batch.guards.iter().enumerate() {
            self.check_guard(scope, index, guard)?;
        }
        let mut rows = Vec::with_capacity(batch.writes.len());
        for (write, next) in batch.writes.iter().enumerate() {
            scope.may_write(next.key.resource_type)?;
            let row = self.row(&next.key)?;
            next.precondition
                .check(row.as_ref().and_then(Row::state))
                .and_then(|()| next.fits(Row::next_version(row.as_ref())))
                .map_err(|conflict| StoreError::Conflict { write, conflict })?;
            rows.push(row);
        }
        batch.expected.iter().try_for_each(|expected| self.check_bookmark(expected))?;
        Ok(rows)
    }

    fn check_bookmark(&self, expected: &Expected) -> Outcome<()> {
        let found = self
            .connection
            .prepare_cached("SELECT value FROM bookmark WHERE name = ?1")
            .and_then(|mut s| s.query_row([&expected.name], |row| row.get(0)).optional())
            .context("reading a bookmark")?;
        if found == expected.value { Ok(()) } else { Err(StoreError::Moved(expected.name.clone())) }
    }

    fn check_guard(&mut self, scope: &Scope, index: usize, guard: &Guard) -> Outcome<()> {
        let vocabulary = &mut self.state.vocabulary;
        let mut found = search::keys(self.connection, vocabulary, scope, &guard.query)?;
        let mut expected = guard.found.clone();
        found.sort_unstable();
        expected.sort_unstable();
        if found == expected { Ok(()) } else { Err(StoreError::Guard(index)) }
    }
}
