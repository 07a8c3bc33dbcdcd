//! The calls of a store.

use super::PostgresStore;
use crate::collection::{OpenCollection, Shared};
use crate::error::Outcome;
use crate::migration::{self, is_behind};
use crate::transaction::retrying;
use crate::write::{Answer, Request};
use crate::{build, check, explain, read, search, tables, unindexed};
use cresset_store::*;
use std::sync::Arc;
use std::time::Duration;

/// Waits for the index as far as all do.
async fn settle(shared: &Shared) -> Outcome<()> {
    unindexed::wait(shared, shared.connections.settings.consistency).await
}

fn committed(answer: Answer) -> Option<Committed> {
    match answer {
        Answer::Committed(committed) => Some(committed),
        _ => None,
    }
}

fn count(answer: Answer) -> Option<u64> {
    match answer {
        Answer::Count(count) => Some(count),
        _ => None,
    }
}

impl Store for PostgresStore {
    fn create(&self, scope: &Scope) -> StoreFuture<'_, Incarnation> {
        let scope = scope.clone();
        Box::pin(async move {
            let there = |collection: Arc<OpenCollection>| async move {
                // What is remembered may have been removed by another process.
                let (names, wanted) = (&collection.shared.names, self.location.schema_type);
                let client = collection.shared.connections.reader().await?;
                match tables::opened(&client, names, wanted, self.steps).await? {
                    Some(found) if found.incarnation == collection.shared.incarnation => {
                        Ok(found.incarnation)
                    }
                    _ => Err(StoreError::UnknownCollection(collection.shared.name.clone())),
                }
            };
            // Here the reason is told in full: whoever starts a process reads it.
            match retrying(|| self.opened(&scope)).await {
                Err(StoreError::UnknownCollection(_)) => drop(self.migrate(&scope, false).await?),
                Err(error) if is_behind(&error) => drop(self.migrate(&scope, false).await?),
                opened => drop(opened.map_err(|error| migration::explained(error, "use"))?),
            }
            match self.on(&scope, there).await {
                Err(StoreError::UnknownCollection(_)) => drop(self.migrate(&scope, false).await?),
                outcome => return outcome,
            }
            self.on(&scope, there).await
        })
    }

    fn remove(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        let scope = scope.clone();
        Box::pin(async move {
            if let Some(collection) = self.known(&scope) {
                self.forget(&scope, &collection);
            }
            let names = self.names(&scope);
            retrying(|| tables::drop_all(&self.connections, &names)).await
        })
    }

    fn next_versions(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Version>> {
        let keys: Arc<[Key]> = keys.into();
        self.reading(scope, move |shared, scope| {
            let keys = Arc::clone(&keys);
            async move { read::next_versions(&shared, &scope, &keys).await }
        })
    }

    fn commit(&self, scope: &Scope, batch: Batch) -> StoreFuture<'_, Committed> {
        let mut types = batch.writes.iter().map(|write| write.key.resource_type);
        let allowed = match batch.twice() {
            Some(write) => Err(StoreError::Conflict { write, conflict: Conflict::Twice }),
            None => types.try_for_each(|of| scope.may_write(of)),
        };
        let indexing = self.indexing(scope, &batch);
        let (batch, by) = (Arc::new(batch), scope.clone());
        let guarded = !batch.guards.is_empty();
        let request = move || Request::Commit(by.clone(), Arc::clone(&batch), indexing);
        let commit = self.writing(scope, allowed, request, committed);
        if !guarded {
            return commit;
        }
        // Guards must see what was acknowledged before. What comes meanwhile may go before or after.
        let indexed = self.await_index(scope, Consistency::Strong);
        Box::pin(async move {
            match indexed.await {
                Ok(()) | Err(StoreError::UnknownCollection(_)) => commit.await,
                Err(error) => Err(error),
            }
        })
    }

    fn replicate(&self, scope: &Scope, batch: ReplicaBatch) -> StoreFuture<'_, Committed> {
        let mut types = batch.replicas.iter().map(|replica| replica.key.resource_type);
        let allowed = types.try_for_each(|of| scope.may_write(of));
        let batch = Arc::new(batch);
        let request = move || Request::Replicate(Arc::clone(&batch));
        self.writing(scope, allowed, request, committed)
    }

    fn purge(
        &self,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> StoreFuture<'_, u64> {
        let (key, allowed) = (key.clone(), scope.may_write(key.resource_type));
        let request = move || Request::Purge(key.clone(), versions.clone(), provenance.clone());
        self.writing(scope, allowed, request, count)
    }

    fn read(&self, scope: &Scope, keys: &[Key]) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let keys: Arc<[Key]> = keys.into();
        self.reading(scope, move |shared, scope| {
            let keys = Arc::clone(&keys);
            async move { read::current(&shared, &scope, &keys).await }
        })
    }

    fn references(
        &self,
        scope: &Scope,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> StoreFuture<'_, Vec<Vec<Reference>>> {
        let (keys, parameters) = (Arc::new(keys.to_vec()), Arc::new(parameters.to_vec()));
        self.reading(scope, move |shared, scope| {
            let (keys, parameters) = (Arc::clone(&keys), Arc::clone(&parameters));
            async move {
                keys.iter().try_for_each(|key| scope.may_read(key.resource_type))?;
                settle(&shared).await?;
                read::references(&shared, &keys, &parameters).await
            }
        })
    }

    fn read_version(
        &self,
        scope: &Scope,
        key: &Key,
        version: Version,
    ) -> StoreFuture<'_, Option<Stored>> {
        let key = key.clone();
        self.reading(scope, move |shared, scope| {
            let key = key.clone();
            async move { read::version(&shared, &scope, &key, version).await }
        })
    }

    fn read_versions(
        &self,
        scope: &Scope,
        versions: &[(Key, Version)],
        bytes: usize,
    ) -> StoreFuture<'_, Vec<Option<Stored>>> {
        let versions: Arc<[(Key, Version)]> = versions.into();
        self.reading(scope, move |shared, scope| {
            let versions = Arc::clone(&versions);
            async move { read::versions(&shared, &scope, &versions, bytes).await }
        })
    }

    fn history(&self, scope: &Scope, query: HistoryQuery) -> StoreFuture<'_, HistoryPage> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move { read::history(&shared, &scope, &query).await }
        })
    }

    fn search(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Matches> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move {
                settle(&shared).await?;
                search::search(&shared, &scope, &query).await
            }
        })
    }

    fn explain(&self, scope: &Scope, query: Query) -> StoreFuture<'_, Plan> {
        let query = Arc::new(query);
        self.reading(scope, move |shared, scope| {
            let query = Arc::clone(&query);
            async move {
                settle(&shared).await?;
                explain::explain(&shared, &scope, &query).await
            }
        })
    }

    fn list(
        &self,
        scope: &Scope,
        resource_type: TypeNumber,
        after: Option<Position>,
        limit: usize,
    ) -> StoreFuture<'_, Listing> {
        self.reading(scope, move |shared, scope| {
            let after = after.clone();
            async move { read::list(&shared, &scope, resource_type, after, limit).await }
        })
    }

    fn changes(&self, scope: &Scope, cursor: Cursor, limit: usize) -> StoreFuture<'_, Changes> {
        self.reading(
            scope,
            move |shared, _| async move { read::changes(&shared, cursor, limit).await },
        )
    }

    fn horizon(&self, scope: &Scope) -> StoreFuture<'_, Cursor> {
        self.reading(scope, |shared, _| async move { read::horizon(&shared).await })
    }

    fn bookmark(&self, scope: &Scope, name: &str) -> StoreFuture<'_, Option<Vec<u8>>> {
        let name: Arc<str> = name.into();
        self.reading(scope, move |shared, _| {
            let name = Arc::clone(&name);
            async move { read::bookmark(&shared, &name).await }
        })
    }

    fn reindex(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let mut types = entries.iter().map(|(key, ..)| key.resource_type);
        let allowed = types.try_for_each(|of| scope.may_write(of));
        let entries = Arc::new(entries);
        self.writing(scope, allowed, move || Request::Reindex(Arc::clone(&entries)), count)
    }

    fn compare_index(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, Vec<Key>> {
        let entries = Arc::new(entries);
        self.reading(scope, move |shared, _| {
            let entries = Arc::clone(&entries);
            async move {
                settle(&shared).await?;
                read::compare_index(&shared, &entries).await
            }
        })
    }

    fn index_state(&self, scope: &Scope) -> StoreFuture<'_, IndexState> {
        self.reading(scope, |shared, _| async move { build::state(&shared).await })
    }

    fn defer_index(&self, scope: &Scope) -> StoreFuture<'_, ()> {
        self.reading(scope, |shared, _| async move { build::defer(&shared).await })
    }

    fn build_index(&self, scope: &Scope) -> StoreFuture<'_, u64> {
        self.reading(scope, |shared, _| async move { build::build(&shared).await })
    }

    fn await_index(&self, scope: &Scope, consistency: Consistency) -> StoreFuture<'_, ()> {
        self.reading(
            scope,
            move |shared, _| async move { unindexed::wait(&shared, consistency).await },
        )
    }

    fn unindexed(&self, scope: &Scope, age: Duration, limit: usize) -> StoreFuture<'_, Unindexed> {
        self.reading(scope, move |shared, _| async move {
            unindexed::unindexed(&shared, age, limit).await
        })
    }

    fn announce(
        &self,
        scope: &Scope,
        entries: Vec<(Key, Version, IndexKeys)>,
    ) -> StoreFuture<'_, u64> {
        let entries = Arc::new(entries);
        self.reading(scope, move |shared, _| {
            let entries = Arc::clone(&entries);
            async move { unindexed::announce(&shared, &entries).await }
        })
    }

    fn check(&self, scope: &Scope, repair: bool) -> StoreFuture<'_, Vec<Breach>> {
        self.reading(scope, move |shared, _| async move {
            settle(&shared).await?;
            let mut breaches = check::check(&shared).await?;
            if repair && !breaches.is_empty() {
                build::build(&shared).await?;
                let left = check::check(&shared).await?;
                for breach in &mut breaches {
                    breach.mended = !left.contains(breach);
                }
            }
            Ok(breaches)
        })
    }
}
