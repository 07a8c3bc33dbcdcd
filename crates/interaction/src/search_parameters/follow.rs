//! Several processes on one store: each looks whether another one has changed search parameters.
//!
//! Between a change and the moment at which all others have seen it, they write under the older
//! parameters. So a walk over the resources waits for a while first: whatever was written until then it
//! indexes, and what is written after that is indexed by whoever writes it.

use super::indexes::Indexes;
use super::{Known, SearchParameters, stored};
use cresset_store::StoreError;
use std::time::Duration;

/// How processes that share a store keep up with each other.
#[derive(Clone, Copy, Debug)]
pub struct Sharing {
    /// How often each looks for changes of the others.
    pub look: Duration,
    /// How long a walk waits until all others have looked, and what they began before is committed.
    pub grace: Duration,
}

impl Default for Sharing {
    fn default() -> Self {
        Self { look: Duration::from_secs(1), grace: Duration::from_secs(30) }
    }
}

impl SearchParameters {
    /// Notes that other processes may write to the store, too: to be said before anything is written.
    pub fn share(&self, sharing: Sharing) {
        self.sharing.get_or_init(|| sharing);
    }

    /// Looks for what others have changed, again and again; ends by being dropped.
    pub async fn follow(&self) {
        let sharing = self.sharing.get().copied().unwrap_or_default();
        let mut has_failed = false;
        loop {
            tokio::time::sleep(sharing.look).await;
            let known = &mut *self.known.lock().await;
            let looked = self.look(known).await;
            match &looked {
                Ok(false) => {}
                Ok(true) => {
                    tracing::info!("search parameters have changed in the store");
                    self.work.notify_one();
                }
                // Once, not every second for as long as the database is away.
                Err(error) if !has_failed => {
                    tracing::warn!(%error, "changes of search parameters can't be looked for");
                }
                Err(_) => {}
            }
            has_failed = looked.is_err();
            known.is_stale |= has_failed;
        }
    }

    /// Takes over what has changed; whether anything has.
    async fn look(&self, known: &mut Known) -> Result<bool, StoreError> {
        let versions = stored::versions(&*self.store, &self.scope, self.definitions).await?;
        let indexes = Indexes::load(&*self.store, &self.scope).await?;
        let differs = known.is_stale || versions != known.versions || indexes != known.indexes;
        if differs {
            self.refresh(known).await?;
        }
        Ok(differs)
    }

    /// Waits until the others have seen what this process has.
    pub(super) async fn all_have_seen(&self) {
        if let Some(sharing) = self.sharing.get() {
            tokio::time::sleep(sharing.grace).await;
        }
    }

    /// What the store says of the indexes, where another process may have changed it.
    pub(super) async fn reload(&self, known: &mut Known) -> Result<(), StoreError> {
        if self.sharing.get().is_some() {
            known.indexes = Indexes::load(&*self.store, &self.scope).await?;
        }
        Ok(())
    }
}
