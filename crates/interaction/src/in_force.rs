//! The search parameters that requests use, and how to know that nobody uses older ones any more.
//!
//! A write is indexed when it is prepared and committed later; a large transaction takes seconds in
//! between. Whoever wants to be sure that no write is still under way that was indexed by an older
//! registry waits until every request that began under it has ended.

use cresset_search::Registry;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

/// How often requests under an older registry are looked for.
const LOOK: Duration = Duration::from_millis(10);

/// The registry in force.
#[derive(Debug)]
pub(crate) struct InForce {
    current: RwLock<Arc<Generation>>,
    retired: Mutex<Vec<Weak<Generation>>>,
}

/// A registry while it is in force; a request holds it from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Generation(Arc<Registry>);

impl InForce {
    pub(crate) fn new(registry: Arc<Registry>) -> Self {
        let current = RwLock::new(Arc::new(Generation(registry)));
        Self { current, retired: Mutex::default() }
    }

    /// To be held by a request that asks for the registry, until it has committed.
    pub(crate) fn enter(&self) -> Arc<Generation> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).0)
    }

    pub(crate) fn replace(&self, registry: Arc<Registry>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.push(Arc::downgrade(&current));
        *current = Arc::new(Generation(registry));
    }

    /// Waits until no request uses a registry that was replaced before.
    pub(crate) async fn drained(&self) {
        while self.is_used_before() {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn is_used_before(&self) -> bool {
        let mut retired = self.retired.lock().unwrap_or_else(PoisonError::into_inner);
        retired.retain(|generation| generation.strong_count() > 0);
        !retired.is_empty()
    }
}
