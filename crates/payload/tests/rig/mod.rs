//! A store in memory, and its bodies in a directory.

// Each test binary uses its part.
#![allow(dead_code)]

use cresset_payload::{Container, Offload, Place, Settings, recorded};
use cresset_store::memory::MemoryStore;
use cresset_store::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The collection whose bodies lie at the top.
pub(crate) fn scope() -> Scope {
    let catalogue = Catalogue::new();
    let name = CollectionName::new("default", "default", "fhir").expect("names");
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let entry = Collection { name: name.clone(), generation: 0, kind, fhir_version };
    catalogue.enter(entry).expect("it is new");
    catalogue.scope(&name, &Arc::new(Principal::unrestricted("test"))).expect("it is there")
}

pub(crate) struct Rig {
    folder: tempfile::TempDir,
    pub(crate) inner: Arc<dyn Store>,
    pub(crate) store: Arc<Offload>,
    pub(crate) scope: Scope,
}

impl Rig {
    /// With an empty collection.
    pub(crate) async fn new() -> Self {
        let rig = Self::bare();
        rig.store.create(&rig.scope).await.expect("it is made");
        assert!(recorded(&*rig.inner, &rig.scope).await.expect("it is read").is_some());
        rig
    }

    /// Without a collection.
    pub(crate) fn bare() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("bodies")).expect("a folder");
        let inner: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let store = around(&inner, &folder.path().join("bodies"));
        Self { store, inner, scope: scope(), folder }
    }

    pub(crate) fn bodies(&self) -> PathBuf {
        self.folder.path().join("bodies")
    }

    /// Another server on the same database and container, with nothing in its cache.
    pub(crate) fn another(&self) -> Arc<Offload> {
        self.over(&self.bodies())
    }

    /// One with another container.
    pub(crate) fn at(&self, name: &str) -> Arc<Offload> {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).expect("a folder");
        self.over(&path)
    }

    pub(crate) fn over(&self, bodies: &Path) -> Arc<Offload> {
        around(&self.inner, bodies)
    }

    pub(crate) fn container(&self) -> &Container {
        self.store.container()
    }

    pub(crate) async fn commit(&self, writes: Vec<Write>) -> Result<Committed, StoreError> {
        self.store.commit(&self.scope, Batch { writes, ..Batch::default() }).await
    }

    /// Names of the bodies that are there.
    pub(crate) async fn names(&self) -> BTreeSet<String> {
        let page = self.container().page("", None, 100_000).await.expect("it is listed");
        assert_eq!(page.next, None);
        page.blobs.into_iter().map(|blob| blob.name).filter(|name| name != "owner").collect()
    }

    /// Names that rows tell of.
    pub(crate) async fn rows(&self) -> BTreeSet<String> {
        let query = HistoryQuery::all(HistoryRange::System, 100_000);
        let page = self.inner.history(&self.scope, query).await.expect("it is read");
        let name = |stored: &Stored| {
            let elsewhere = stored.payload()?.offloaded().expect("it is whole")?;
            let (key, version) = (&stored.key, stored.version);
            let payload_key = uuid::Uuid::from_bytes(elsewhere.key);
            Some(format!("{}/{}/{version}/{payload_key}", key.resource_type.0, key.id))
        };
        page.versions.iter().filter_map(name).collect()
    }
}

fn around(inner: &Arc<dyn Store>, bodies: &Path) -> Arc<Offload> {
    let container = Container::open(&Place::Directory(bodies.to_owned())).expect("it opens");
    Arc::new(Offload::new(Arc::clone(inner), container, Settings::default()))
}

/// An Observation.
pub(crate) fn key(id: &str) -> Key {
    Key::new(TypeNumber(97), ResourceId::new(id).expect("an id"))
}

/// Its new version, with a name in it.
pub(crate) fn put(key: &Key, name: &str) -> Write {
    let begin = format!("{{\"resourceType\":\"Observation\",\"id\":\"{}\",\"meta\":{{", key.id);
    let text = format!("{begin}}},\"x\":\"{name}\"}}");
    let payload = Payload::encode(text.as_bytes(), Some(begin.len()));
    let action = Action::Put { payload, index: IndexKeys::default() };
    Write { key: key.clone(), precondition: Precondition::None, action }
}
