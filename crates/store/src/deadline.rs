use crate::StoreError;
use std::time::{Duration, Instant, SystemTime};

/// When a commit must have begun, by two clocks: one that nobody sets, and one that goes on while the
/// machine sleeps.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    steady: Instant,
    wall: SystemTime,
}

impl Deadline {
    /// So long from now.
    pub fn after(span: Duration) -> Self {
        Self { steady: Instant::now() + span, wall: SystemTime::now() + span }
    }

    /// Time that is left; none when it has passed by either clock.
    pub fn left(&self) -> Duration {
        let steady = self.steady.saturating_duration_since(Instant::now());
        steady.min(self.wall.duration_since(SystemTime::now()).unwrap_or_default())
    }

    /// # Errors
    /// [`StoreError::Busy`] when it has passed.
    pub fn check(&self) -> Result<(), StoreError> {
        if self.left().is_zero() { Err(self.passed()) } else { Ok(()) }
    }

    /// [`check`](Self::check) where there may be none.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when there is one and it has passed.
    pub fn kept(deadline: Option<Self>) -> Result<(), StoreError> {
        deadline.map_or(Ok(()), |deadline| deadline.check())
    }

    /// What whoever comes too late is told.
    pub fn passed(&self) -> StoreError {
        let reason = "the commit did not begin in time";
        StoreError::Busy { reason, retry_after: Duration::from_secs(1) }
    }
}
