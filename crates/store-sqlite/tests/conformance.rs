//! The embedded store is a store, as the conformance suite defines it.

use cresset_store::conformance::Fixture;
use cresset_store_sqlite::{OpenMode, Settings, SqliteStore};

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().to_owned();
    Fixture::opening(move || {
        let store = SqliteStore::open(&root, OpenMode::Write, Settings::default());
        std::future::ready(store)
    })
    .await
    .keeping(folder)
}

cresset_store::conformance_suite!(fixture);
