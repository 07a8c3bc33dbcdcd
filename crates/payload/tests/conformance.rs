//! A store with payload offload is a store, as the conformance suite defines it; and bodies really go out.

use cresset_payload::{Container, Offload, Place, Settings};
use cresset_store::conformance::Fixture;
use cresset_store::memory::MemoryStore;
use cresset_store::{Datasources, Store, StoreError};
use cresset_store_sqlite::{OpenMode, SqliteStore};
use std::path::Path;
use std::sync::Arc;

/// Around the stores of the suite's two tenants, each with a container of its own.
fn offloading(stores: [Arc<dyn Store>; 2], places: [Place; 2]) -> Result<Datasources, StoreError> {
    // The suite's longest contents have eight megabytes.
    let settings = Settings { top: "records".into(), longest: 16 << 20, ..Settings::default() };
    let mut all = Datasources::new();
    for ((tenant, store), place) in ["clinic", "hospital"].into_iter().zip(stores).zip(places) {
        let container = Container::open(&place).expect("the container opens");
        all.add(tenant, "main", Arc::new(Offload::new(store, container, settings.clone())))?;
    }
    Ok(all)
}

/// Two new directories for bodies.
fn directories(root: &Path) -> [Place; 2] {
    ["a", "b"].map(|name| {
        let path = root.join(name);
        std::fs::create_dir_all(&path).expect("a directory");
        Place::Directory(path)
    })
}

/// The files in a directory and below.
fn count(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.map(|path| if path.is_dir() { count(&path) } else { 1 }).sum()
}

mod memory_and_files {
    use super::*;

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let stores = [(); 2].map(|()| Arc::new(MemoryStore::new()) as Arc<dyn Store>);
        let store = offloading(stores, directories(folder.path())).expect("two tenants");
        Fixture::of(Arc::new(store)).await.keeping(folder).offloading()
    }

    cresset_store::conformance_suite!(fixture);
}

mod sqlite_and_files {
    use super::*;

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().to_path_buf();
        directories(&root);
        let open = move || {
            let root = root.clone();
            async move {
                let settings = cresset_store_sqlite::Settings::for_memory(64 << 20);
                let store = SqliteStore::open(&root.join("store"), OpenMode::Write, settings)?;
                let store: Arc<dyn Store> = Arc::new(store);
                offloading([Arc::clone(&store), store], directories(&root))
            }
        };
        Fixture::opening(open).await.keeping(folder).offloading()
    }

    cresset_store::conformance_suite!(fixture);
}
