//! A store whose bodies are in Azure Blob Storage is a store, as the conformance suite defines it.

mod support;

use cresset_payload::{Container, Place, Secret};
use cresset_store::conformance::Fixture;
use std::sync::atomic::{AtomicU32, Ordering};

/// Two containers of Azurite that nobody else has.
async fn containers() -> [Place; 2] {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let mut places = Vec::new();
    for tenant in ["clinic", "hospital"] {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let place = Place::AzureBlob {
            connection_string: Secret::new(cresset_blob_server::shared().connection_string()),
            container: format!("{tenant}-{}-{number}", std::process::id()),
        };
        assert!(Container::create(&place).await.expect("it can be created"), "it is new");
        assert!(
            !Container::create(&place).await.expect("it can be asked for again"),
            "it is there"
        );
        places.push(place);
    }
    places.try_into().expect("two")
}

mod sqlite {
    use super::*;

    async fn fixture() -> Fixture {
        let folder = tempfile::tempdir().expect("a folder");
        let open = support::sqlite(folder.path());
        support::offloading(containers().await, open).await.keeping(folder)
    }

    cresset_store::conformance_suite!(fixture);
}

mod postgres {
    use super::*;

    async fn fixture() -> Fixture {
        support::offloading(containers().await, support::postgres("azurite")).await
    }

    cresset_store::conformance_suite!(fixture);
}
