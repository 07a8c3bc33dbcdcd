//! Everything that a store has kept of what happened, read in this process.

use cresset_store::*;
use cresset_store_postgres::PostgresStore;
use cresset_store_sqlite::{OpenMode, Settings, SqliteStore};
use std::path::Path;
use std::sync::Arc;

/// Changes, and what is there of the versions that they made.
#[derive(Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) changes: Vec<Change>,
    pub(crate) versions: Vec<Option<Stored>>,
}

impl Past {
    /// Of an embedded store, beside whoever writes it.
    pub(crate) fn of_directory(path: &Path) -> Self {
        let store = SqliteStore::open(path, OpenMode::Read, Settings::default());
        block_on(Self::read(&store.expect("it opens")))
    }

    /// Of a database.
    pub(crate) fn of_database(url: &str) -> Self {
        block_on(async {
            let store = PostgresStore::open(url, cresset_store_postgres::Settings::default()).await;
            Self::read(&store.expect("it opens")).await
        })
    }

    async fn read(store: &dyn Store) -> Self {
        let scope = scope();
        let horizon = store.horizon(&scope).await.expect("the end of its sequence");
        let mut cursor = Cursor { seq: Seq(0), ..horizon };
        let mut changes = Vec::new();
        loop {
            let page = store.changes(&scope, cursor, 5_000).await.expect("its changes");
            changes.extend(page.changes);
            cursor = page.cursor;
            if !page.more {
                break;
            }
        }
        let mut versions = Vec::new();
        for page in changes.chunks(2_000) {
            let asked: Vec<_> = page.iter().map(|c| (c.key.clone(), c.version)).collect();
            let read = store.read_versions(&scope, &asked, usize::MAX).await;
            versions.extend(read.expect("its versions"));
        }
        Self { changes, versions }
    }

    /// Fails with the first difference.
    pub(crate) fn assert_equal(&self, other: &Self, when: &str) {
        for (a, b) in self.changes.iter().zip(&other.changes) {
            assert_eq!(a, b, "{when}: a change");
        }
        assert_eq!(self.changes.len(), other.changes.len(), "{when}: as many changes");
        for (a, b) in self.versions.iter().zip(&other.versions) {
            assert_eq!(a, b, "{when}: a version");
            let body = |version: &Option<Stored>| {
                version.as_ref().map(|version| version.body().expect("it decodes"))
            };
            assert_eq!(body(a), body(b), "{when}: a body");
        }
    }
}

/// Purges resources of a store that nobody writes: all versions of some, past versions of others.
pub(crate) fn purge(path: &Path, whole: &[Key], past: &[Key]) {
    let store = SqliteStore::open(path, OpenMode::Write, Settings::default()).expect("it opens");
    block_on(async {
        let scope = scope();
        let by = Provenance { principal: Some("officer".into()), ..Provenance::default() };
        for key in whole {
            let purged = store.purge(&scope, key, None, by.clone()).await.expect("purged");
            assert!(purged > 0, "there was something to purge");
        }
        for key in past {
            let first = Some(vec![Version::FIRST]);
            let purged = store.purge(&scope, key, first, by.clone()).await.expect("purged");
            assert_eq!(purged, 1, "there was a past version");
        }
    });
}

fn scope() -> Scope {
    let name = CollectionName::new("default", "default", "fhir").expect("a name");
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 0, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("test"));
    catalogue.scope(&name, &principal).expect("it is catalogued")
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().expect("a runtime").block_on(work)
}
