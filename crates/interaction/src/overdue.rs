//! What another process should have entered into the index long ago is announced again.

use crate::extract::extract;
use crate::service::Service;
use cresset_store::{IndexKeys, Key, Scope, StoreError, Unindexed, Version};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// When what isn't indexed is announced again.
#[derive(Clone, Copy, Debug)]
pub struct Overdue {
    /// How long a resource waits before it is; and then again as long each time.
    pub age: Duration,
    /// How often that is looked for.
    pub every: Duration,
    /// Resources that are announced together.
    pub batch: usize,
}

impl Default for Overdue {
    fn default() -> Self {
        Self { age: Duration::from_secs(60), every: Duration::from_secs(5), batch: 500 }
    }
}

impl Service {
    /// Watches what a collection leaves to another process: keeps the metrics of its lag, and announces
    /// again what is overdue. An announcement may be lost after it was acknowledged, or given up while the
    /// commit took very long. Ends by being dropped.
    pub async fn watch_index(&self, scope: &Scope, overdue: Overdue) {
        let name = &scope.collection().name;
        let labels =
            [("tenant", name.tenant.to_string()), ("datasource", name.datasource.to_string())];
        let mut announced = HashMap::new();
        loop {
            match self.announce_overdue(scope, overdue, &mut announced).await {
                Ok(list) => {
                    let age = list.oldest.unwrap_or_default();
                    metrics::gauge!("cresset_index_pending_resources", &labels)
                        .set(list.count as f64);
                    metrics::gauge!("cresset_index_lag_seconds", &labels).set(age.as_secs_f64());
                }
                Err(error) => {
                    tracing::warn!(%error, collection = %name, "what isn't indexed can't be announced again");
                }
            }
            tokio::time::sleep(overdue.every).await;
        }
    }

    /// Once. `announced`: when what was announced again.
    async fn announce_overdue(
        &self,
        scope: &Scope,
        overdue: Overdue,
        announced: &mut HashMap<(Key, Version), Instant>,
    ) -> Result<Unindexed, StoreError> {
        // Those that were just announced come again at the head of the list.
        announced.retain(|_, at| at.elapsed() < overdue.age);
        let limit = overdue.batch + announced.len();
        let list = self.store.unindexed(scope, overdue.age, limit).await?;
        let late = list.resources.iter().filter(|late| !announced.contains_key(late));
        let late: Vec<(Key, Version)> = late.take(overdue.batch).cloned().collect();
        if late.is_empty() {
            return Ok(list);
        }
        let entries = self.keys_of(scope, &late).await?;
        let count = self.store.announce(scope, entries).await?;
        tracing::info!(count, "announced again what was to be indexed long ago");
        metrics::counter!("cresset_index_announced_again_total").increment(count);
        announced.extend(late.into_iter().map(|late| (late, Instant::now())));
        Ok(list)
    }

    /// The index keys of those that are current; what is deleted, or can't be read any more, is struck off.
    async fn keys_of(
        &self,
        scope: &Scope,
        late: &[(Key, Version)],
    ) -> Result<Vec<(Key, Version, IndexKeys)>, StoreError> {
        let keys: Vec<Key> = late.iter().map(|(key, _)| key.clone()).collect();
        let _in_use = self.in_force.enter();
        let (read, registry) = (self.store.read(scope, &keys).await?, self.registry());
        let extracting = move || -> Vec<_> {
            read.iter().flatten().filter_map(|stored| extract(&registry, stored)).collect()
        };
        let entries = tokio::task::spawn_blocking(extracting).await.map_err(|source| {
            StoreError::Backend { context: "announcing again", source: source.into() }
        })?;
        let live: std::collections::HashSet<&Key> = entries.iter().map(|(key, ..)| key).collect();
        let gone = late.iter().filter(|(key, _)| !live.contains(key));
        let gone: Vec<_> = gone.map(|(k, v)| (k.clone(), *v, IndexKeys::default())).collect();
        if !gone.is_empty() {
            self.store.reindex(scope, gone).await?;
        }
        Ok(entries)
    }
}
