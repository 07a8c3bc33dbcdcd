//! Everything that can stand against a batch, found out before anything of it is written.

use super::Transaction;
use super::row::Row;
use crate::build;
use crate::error::Outcome;
use crate::search;
use cresset_store::{Batch, Conflict, Guard, Scope, StoreError};

impl Transaction<'_> {
    /// Checks guards and preconditions; returns the rows of the resources to be written.
    pub(super) fn admit(&mut self, scope: &Scope, batch: &Batch) -> Outcome<Vec<Option<Row>>> {
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
                .map_err(|conflict| StoreError::Conflict { write, conflict })?;
            rows.push(row);
        }
        Ok(rows)
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
