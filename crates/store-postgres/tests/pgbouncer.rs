//! PostgreSQL behind PgBouncer, which gives each transaction another session, is a store, too.

use cresset_store::conformance::Fixture;
use cresset_store_postgres::{PostgresStore, Settings};
use std::sync::atomic::{AtomicU32, Ordering};

/// A store whose schemas nobody else has.
async fn fixture() -> Fixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let url = format!("{}?schema=bounced{number}", cresset_postgres_server::bouncer_url());
    Fixture::opening(move || {
        let url = url.clone();
        async move { PostgresStore::open(&url, Settings::default()).await }
    })
    .await
}

cresset_store::conformance_suite!(fixture);
