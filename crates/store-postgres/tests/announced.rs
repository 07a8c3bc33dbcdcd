//! A store whose index another process fills is a store, as the conformance suite defines it: for whoever
//! waits for the index.

mod support;

use cresset_store::Consistency;
use cresset_store::conformance::Fixture;
use cresset_store_postgres::{PostgresStore, Settings};
use std::sync::atomic::{AtomicU32, Ordering};
use support::Courier;

/// A store whose schemas nobody else has.
async fn fixture() -> Fixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let url = cresset_postgres_server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let base = format!("announced{}x{number}", std::process::id());
    let url = format!("{url}{separator}schema={base}");
    Fixture::opening(move || {
        let url = url.clone();
        async move {
            let settings = Settings { consistency: Consistency::Strong, ..Settings::default() };
            let store = PostgresStore::open(&url, settings).await?;
            Ok(store.announcing(Courier::to(&url)))
        }
    })
    .await
    .lagging()
}

cresset_store::conformance_suite!(fixture);
