//! Stores behind one face are a store, as the conformance suite defines it, and none is another's guest.

#![cfg(feature = "conformance")]

use cresset_store::conformance::Fixture;
use cresset_store::memory::MemoryStore;
use cresset_store::*;
use std::sync::Arc;

async fn fixture() -> Fixture {
    let mut datasources = Datasources::new();
    for tenant in ["clinic", "hospital"] {
        datasources.add(tenant, "main", Arc::new(MemoryStore::new())).expect("a new name");
    }
    Fixture::of(Arc::new(datasources)).await
}

cresset_store::conformance_suite!(fixture);

fn scope(tenant: &str, datasource: &str) -> Scope {
    let catalogue = Catalogue::new();
    let name = CollectionName::new(tenant, datasource, "fhir").expect("a name");
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 0, kind, fhir_version };
    catalogue.enter(collection).expect("a new collection");
    let principal = Arc::new(Principal::unrestricted("test"));
    catalogue.scope(&name, &principal).expect("it was entered")
}

#[tokio::test]
async fn each_call_goes_to_the_store_of_its_tenants_datasource() {
    let stores = [("clinic", "main"), ("clinic", "trial"), ("hospital", "main")];
    let stores = stores.map(|(t, d)| (t, d, Arc::new(MemoryStore::new())));
    let mut all = Datasources::new();
    for (tenant, datasource, store) in &stores {
        let store = Arc::clone(store) as Arc<dyn Store>;
        all.add(tenant, datasource, store).expect("a new name");
    }
    for (tenant, datasource, _) in &stores {
        let scope = scope(tenant, datasource);
        all.create(&scope).await.expect("it is made");
        let value = format!("{tenant}/{datasource}").into_bytes();
        let bookmarks = vec![Bookmark { name: "whose".to_owned(), value }];
        let batch = Batch { bookmarks, ..Batch::default() };
        all.commit(&scope, batch).await.expect("it is written");
    }
    for (tenant, datasource, store) in &stores {
        let own = scope(tenant, datasource);
        let kept = store.bookmark(&own, "whose").await.expect("its own store has it");
        assert_eq!(kept, Some(format!("{tenant}/{datasource}").into_bytes()));
        for (other, its, _) in stores.iter().filter(|(t, d, _)| (t, d) != (tenant, datasource)) {
            let found = store.bookmark(&scope(other, its), "whose").await;
            assert!(matches!(found, Err(StoreError::UnknownCollection(_))), "{other}/{its}");
        }
    }
}

#[tokio::test]
async fn what_no_store_was_added_for_is_unknown() {
    let mut all = Datasources::new();
    all.add("clinic", "main", Arc::new(MemoryStore::new())).expect("a new name");
    for (tenant, datasource) in [("clinic", "trial"), ("hospital", "main"), ("main", "clinic")] {
        let made = all.create(&scope(tenant, datasource)).await;
        assert!(matches!(made, Err(StoreError::UnknownCollection(_))), "{tenant}/{datasource}");
    }
    let again = all.add("clinic", "main", Arc::new(MemoryStore::new()));
    assert!(matches!(again, Err(StoreError::Exists(_))));
}
