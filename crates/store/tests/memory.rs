//! The memory backend is a store, as the conformance suite defines it.

#![cfg(feature = "conformance")]

use cresset_store::conformance::Fixture;
use cresset_store::memory::MemoryStore;
use std::sync::Arc;

async fn fixture() -> Fixture {
    Fixture::of(Arc::new(MemoryStore::new())).await
}

cresset_store::conformance_suite!(fixture);
