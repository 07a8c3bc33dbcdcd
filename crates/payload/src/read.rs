//! Rows are read first, then the bodies that they tell of, together.

use crate::offload::{Inner, Offload};
use cresset_store::*;
use futures::{FutureExt, StreamExt, TryStreamExt};
use std::sync::Arc;
use uuid::Uuid;

/// Bodies of one answer on their way at once.
const TOGETHER: usize = 16;
/// How often an answer is read again whose bodies have gone: a purge may have come between.
const ATTEMPTS: usize = 3;
/// Versions whose rows are read at once, where their bodies are counted.
const ROWS: usize = 64;

/// An answer with versions in it.
pub(crate) trait Answer: Send + 'static {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send;
}

impl Answer for Vec<Option<Stored>> {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send {
        self.iter_mut().flatten()
    }
}

impl Answer for Option<Stored> {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send {
        self.iter_mut()
    }
}

impl Answer for HistoryPage {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send {
        self.versions.iter_mut()
    }
}

impl Answer for Matches {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send {
        self.resources.iter_mut()
    }
}

impl Answer for Listing {
    fn versions(&mut self) -> impl Iterator<Item = &mut Stored> + Send {
        self.resources.iter_mut()
    }
}

/// Why an answer has no body for one of its versions.
enum Gap {
    /// There is no such blob.
    Missing(String),
    Failed(StoreError),
}

impl From<StoreError> for Gap {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl Offload {
    /// Reads, with bodies.
    pub(crate) fn reading<T: Answer>(
        &self,
        scope: &Scope,
        read: impl for<'s> Fn(&'s dyn Store, &Scope) -> StoreFuture<'s, T> + Send + Sync + 'static,
    ) -> StoreFuture<'_, T> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        Box::pin(async move { inner.read(&scope, read).await })
    }

    /// Versions up to a size: by their bodies, not by what rows hold of them.
    pub(crate) fn versions(
        &self,
        scope: &Scope,
        asked: Vec<(Key, Version)>,
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let (inner, scope) = (Arc::clone(&self.inner), scope.clone());
        Box::pin(async move {
            let mut found = Gathered::up_to(bytes);
            for asked in asked.chunks(ROWS) {
                let some = inner
                    .read(&scope, |store, scope| store.read_versions(scope, asked, usize::MAX));
                for stored in some.await? {
                    if !found.takes(stored) {
                        return Ok(found.versions());
                    }
                }
            }
            Ok(found.versions())
        })
    }
}

impl Inner {
    async fn read<T: Answer>(
        &self,
        scope: &Scope,
        read: impl for<'s> Fn(&'s dyn Store, &Scope) -> StoreFuture<'s, T>,
    ) -> Result<T, StoreError> {
        let mut missing = String::new();
        for _ in 0..ATTEMPTS {
            let mut answer = read(&*self.store, scope).await?;
            match self.fill(scope, answer.versions().collect()).await {
                Ok(()) => return Ok(answer),
                Err(Gap::Failed(error)) => return Err(error),
                Err(Gap::Missing(name)) => missing = name,
            }
        }
        metrics::counter!("cresset_payload_missing_total").increment(1);
        Err(StoreError::Corrupt(format!("the payload store has no {missing}")))
    }

    /// Puts bodies in the place of what rows hold of them.
    async fn fill(&self, scope: &Scope, versions: Vec<&mut Stored>) -> Result<(), Gap> {
        let bodies = versions.into_iter().map(|stored| {
            async move {
                let Some(payload) = stored.payload() else { return Ok(()) };
                let Some(elsewhere) = payload.offloaded()? else { return Ok(()) };
                let payload = self.body(scope, stored, &elsewhere).await?;
                stored.state = State::Live(payload);
                Ok(())
            }
            .boxed()
        });
        futures::stream::iter(bodies.collect::<Vec<_>>())
            .buffer_unordered(TOGETHER)
            .try_collect()
            .await
    }

    async fn body(
        &self,
        scope: &Scope,
        stored: &Stored,
        elsewhere: &Offloaded,
    ) -> Result<Payload, Gap> {
        let key = Uuid::from_bytes(elsewhere.key);
        if let Some(payload) = self.cache.get(&key).await {
            return Ok(payload);
        }
        let name = self.name(scope, stored, elsewhere);
        let body = self.container.get(&name).await.map_err(StoreError::from)?;
        let payload = elsewhere.restore(body.ok_or(Gap::Missing(name))?)?;
        self.cache.put(key, payload.clone()).await;
        Ok(payload)
    }
}
