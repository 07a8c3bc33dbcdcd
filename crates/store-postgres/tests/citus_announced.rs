//! A distributed schema whose index another process fills is a store, as the conformance suite defines it: on
//! the Citus cluster that `CITUS_URL` names.

mod support;

use cresset_store::Consistency;
use cresset_store::conformance::Fixture;
use cresset_store_postgres::{PostgresStore, Settings};
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use support::Courier;

/// A store whose schemas nobody else has. Without a cluster the tests end here, loudly.
async fn fixture() -> Fixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let Some(url) = std::env::var("CITUS_URL").ok().filter(|url| !url.is_empty()) else {
        let told = "\n*** SKIPPED: no Citus: set CITUS_URL to the URL of a database on a coordinator ***\n\n";
        // Past the tests' capture.
        drop(std::io::stderr().write_all(told.as_bytes()));
        std::process::exit(0);
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    let base = format!("citusannounced{}x{number}", std::process::id());
    let url = format!("{url}{separator}schema={base}&schema_type=DISTRIBUTED");
    Fixture::opening(move || {
        let url = url.clone();
        async move {
            let settings = Settings {
                patience: Duration::from_secs(60),
                consistency: Consistency::Strong,
                ..Settings::default()
            };
            let store = PostgresStore::open(&url, settings).await?;
            Ok(store.announcing(Courier::to(&url)))
        }
    })
    .await
    .tearing()
    .lagging()
}

cresset_store::conformance_suite!(fixture);
