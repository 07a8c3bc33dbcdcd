use crate::error::CopyError;
use cresset_store::StoreError;
use std::time::{Duration, Instant};

/// The shortest pause: a store that says "at once" isn't asked a million times.
const SHORTEST: Duration = Duration::from_millis(20);

/// How long a busy store is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    limit: Duration,
    since: Option<Instant>,
}

impl Patience {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, since: None }
    }

    /// Something went well: the wait begins anew.
    pub(crate) fn restore(&mut self) {
        self.since = None;
    }

    /// Waits, if a store was busy and there is patience left; else gives the error back.
    pub(crate) async fn wait(&mut self, error: CopyError) -> Result<(), CopyError> {
        let CopyError::Store { error: StoreError::Busy { retry_after, .. }, .. } = &error else {
            return Err(error);
        };
        let pause = (*retry_after).max(SHORTEST);
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() + pause > self.limit {
            return Err(error);
        }
        tracing::warn!(%error, "waiting");
        tokio::time::sleep(pause).await;
        Ok(())
    }
}
