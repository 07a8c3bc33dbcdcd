//! A store whose bodies are in directories is a store, as the conformance suite defines it.

mod support;

use cresset_payload::Place;
use cresset_store::conformance::Fixture;
use std::path::Path;

/// Two new directories for bodies.
fn directories(root: &Path) -> [Place; 2] {
    support::TENANTS.map(|tenant| {
        let path = root.join(tenant);
        std::fs::create_dir_all(&path).expect("a directory");
        Place::Directory(path)
    })
}

mod sqlite {
    use super::*;

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let places = directories(folder.path());
        support::offloading(places, support::sqlite(folder.path())).await.keeping(folder)
    }

    cresset_store::conformance_suite!(fixture);
}

mod postgres {
    use super::*;

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let places = directories(folder.path());
        support::offloading(places, support::postgres("files")).await.keeping(folder)
    }

    cresset_store::conformance_suite!(fixture);
}
