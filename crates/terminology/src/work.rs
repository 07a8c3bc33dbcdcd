//! What an expansion may cost, counted rather than timed: the same question has the same answer on a
//! slow machine.

use crate::Problem;

/// Codes of an expansion at most.
pub(crate) const MOST_CODES: usize = 100_000;
/// Codes of all the value sets inside a value set, together, at most.
const MOST_ENTRIES: usize = 5 * MOST_CODES;
/// Concepts looked at, at most: some tenths of a second.
const MOST_STEPS: usize = 20_000_000;

/// What is left of it.
#[derive(Debug)]
pub(crate) struct Work {
    steps: usize,
    entries: usize,
}

impl Work {
    pub(crate) fn new() -> Self {
        Self { steps: MOST_STEPS, entries: MOST_ENTRIES }
    }

    /// So many concepts, or pieces of work of that size, are looked at.
    pub(crate) fn look(&mut self, steps: usize) -> Result<(), Problem> {
        self.steps = self.steps.checked_sub(steps).ok_or(Problem::TooCostly)?;
        Ok(())
    }

    /// A code is kept.
    pub(crate) fn keep(&mut self) -> Result<(), Problem> {
        self.entries = self.entries.checked_sub(1).ok_or(Problem::TooCostly)?;
        self.look(1)
    }
}
