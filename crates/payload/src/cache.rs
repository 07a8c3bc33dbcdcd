use cresset_store::Payload;
use moka::future::Cache;
use std::time::Duration;
use uuid::Uuid;

/// How long a body stays that nobody asks for: one that was purged through another server is out of
/// reach at once, and out of memory after this.
const IDLE: Duration = Duration::from_secs(600);
/// What an entry takes beside its body.
const ENTRY: u32 = 120;

/// Bodies by payload key, compressed as rows keep them. A key is one version's of one resource in one
/// collection and is never given again, so nothing in here can be stale or somebody else's.
#[derive(Debug)]
pub(crate) struct BodyCache {
    cache: Cache<Uuid, Payload>,
}

impl BodyCache {
    /// With room for so many bytes.
    pub(crate) fn up_to(bytes: u64) -> Self {
        let weight = |_: &Uuid, payload: &Payload| {
            u32::try_from(payload.as_kept().len()).unwrap_or(u32::MAX).saturating_add(ENTRY)
        };
        let cache = Cache::builder().max_capacity(bytes).weigher(weight).time_to_idle(IDLE).build();
        Self { cache }
    }

    pub(crate) async fn get(&self, key: &Uuid) -> Option<Payload> {
        let found = self.cache.get(key).await;
        let outcome = if found.is_some() { "hit" } else { "miss" };
        metrics::counter!("cresset_payload_cache_total", "outcome" => outcome).increment(1);
        found
    }

    pub(crate) async fn put(&self, key: Uuid, payload: Payload) {
        self.cache.insert(key, payload).await;
        metrics::gauge!("cresset_payload_cache_bytes").set(self.cache.weighted_size() as f64);
    }

    pub(crate) async fn forget(&self, key: &Uuid) {
        self.cache.invalidate(key).await;
    }

    /// Drops everything.
    pub(crate) fn clear(&self) {
        self.cache.invalidate_all();
    }
}
