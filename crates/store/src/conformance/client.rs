use super::resources::put;
use crate::*;
use std::sync::Arc;
use std::time::Duration;

/// One principal at one collection: the calls of a store, for cases that expect them to work.
#[derive(Clone)]
pub struct Client {
    pub(super) store: Arc<dyn Store>,
    pub(super) scope: Scope,
}

impl Client {
    /// Commits, again while the store is busy.
    pub(super) async fn try_commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        loop {
            match self.store.commit(&self.scope, batch.clone()).await {
                Err(StoreError::Busy { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                outcome => return outcome,
            }
        }
    }

    pub(super) async fn commit(&self, writes: Vec<Write>) -> Committed {
        let batch = Batch { writes, ..Batch::default() };
        self.try_commit(batch).await.expect("a batch that nothing stands against is committed")
    }

    pub(super) async fn write(&self, write: Write) -> Written {
        let written = self.commit(vec![write]).await.written;
        assert_eq!(written.len(), 1, "a commit tells of each write once");
        written[0]
    }

    /// A new version of the resource, found by this name.
    pub(super) async fn put(&self, key: &Key, name: &str) -> Written {
        self.write(put(key, name)).await
    }

    pub(super) async fn replicate(&self, replicas: Vec<Replica>) -> Committed {
        let batch = ReplicaBatch { replicas, ..ReplicaBatch::default() };
        self.store.replicate(&self.scope, batch).await.expect("replicas are taken over")
    }

    pub(super) async fn purge(&self, key: &Key, versions: Option<&[u64]>) -> u64 {
        let number = |n: &u64| Version::new(*n).expect("a version");
        let versions = versions.map(|list| list.iter().map(number).collect());
        let purging = self.store.purge(&self.scope, key, versions, Provenance::default());
        purging.await.expect("versions can be purged")
    }

    pub(super) async fn read(&self, key: &Key) -> Option<Stored> {
        let mut found = self.read_all(std::slice::from_ref(key)).await;
        assert_eq!(found.len(), 1, "a read answers for each key once");
        found.remove(0)
    }

    pub(super) async fn read_all(&self, keys: &[Key]) -> Vec<Option<Stored>> {
        self.store.read(&self.scope, keys).await.expect("resources can be read")
    }

    pub(super) async fn version(&self, key: &Key, version: u64) -> Option<Stored> {
        let version = Version::new(version).expect("a version");
        let reading = self.store.read_version(&self.scope, key, version);
        reading.await.expect("a version can be read")
    }

    /// Versions in the order asked, up to a size.
    pub(super) async fn versions(
        &self,
        asked: &[(&Key, u64)],
        bytes: usize,
    ) -> Vec<Option<Stored>> {
        let asked = asked.iter().map(|(key, n)| {
            let version = Version::new(*n).expect("a version");
            ((*key).clone(), version)
        });
        let asked: Vec<_> = asked.collect();
        let reading = self.store.read_versions(&self.scope, &asked, bytes);
        reading.await.expect("versions can be read")
    }

    pub(super) async fn history(&self, query: HistoryQuery) -> HistoryPage {
        self.store.history(&self.scope, query).await.expect("a history can be read")
    }

    pub(super) async fn search(&self, query: Query) -> Matches {
        self.store.search(&self.scope, query).await.expect("a search is answered")
    }

    pub(super) async fn references(
        &self,
        keys: &[Key],
        parameters: &[Parameter],
    ) -> Vec<Vec<Reference>> {
        self.store.references(&self.scope, keys, parameters).await.expect("references")
    }

    /// The keys of what matches, of every type, in order of arrival; the total must say as many.
    pub(super) async fn find(&self, filter: Filter) -> Vec<Key> {
        let query = Query {
            types: Vec::new(),
            filter,
            sort: Vec::new(),
            start: Start::First,
            limit: 10_000,
            total: true,
        };
        let matches = self.search(query).await;
        assert_eq!(
            matches.total,
            Some(matches.resources.len() as u64),
            "the total is what is listed"
        );
        matches.resources.into_iter().map(|r| r.key).collect()
    }

    /// All resources of a type, page by page.
    pub(super) async fn list(&self, resource_type: TypeNumber, limit: usize) -> Vec<Stored> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = self.store.list(&self.scope, resource_type, after, limit);
            let page = page.await.expect("a type can be listed");
            assert!(page.resources.len() <= limit, "a page holds no more than asked for");
            all.extend(page.resources);
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    }

    /// The cursor before the first change.
    pub(super) async fn beginning(&self) -> Cursor {
        let incarnation = self.store.create(&self.scope).await;
        Cursor { incarnation: incarnation.expect("the collection is there"), seq: Seq(0) }
    }

    pub(super) async fn changes(&self) -> Vec<Change> {
        let reading = self.store.changes(&self.scope, self.beginning().await, 100_000);
        reading.await.expect("changes can be read").changes
    }

    pub(super) async fn bookmark(&self, name: &str) -> Option<Vec<u8>> {
        self.store.bookmark(&self.scope, name).await.expect("a bookmark can be read")
    }

    /// Fails when the store's own check finds anything.
    pub(super) async fn is_sound(&self) {
        let breaches =
            self.store.check(&self.scope, false).await.expect("the store can be checked");
        assert_eq!(breaches, [], "a store that was used as intended is sound");
    }
}
