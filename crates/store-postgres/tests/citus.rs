//! A distributed schema on the Citus cluster that `CITUS_URL` names is a store, as the conformance suite
//! defines it. The tests leave their schemas there.

use cresset_store::conformance::Fixture;
use cresset_store_postgres::{PostgresStore, Settings};
use std::io::Write;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A store whose schemas nobody else has.
async fn fixture() -> Fixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let url = url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let base = format!("citus{}x{number}", std::process::id());
    let url = format!("{url}{separator}schema={base}&schema_type=DISTRIBUTED");
    Fixture::opening(move || {
        let url = url.clone();
        async move { PostgresStore::open(&url, patient()).await }
    })
    .await
    .tearing()
}

/// A cluster of several nodes on one machine is slow.
fn patient() -> Settings {
    Settings { patience: Duration::from_secs(60), ..Settings::default() }
}

/// The URL of a database on the coordinator. Without one the tests end here, loudly: Citus isn't among
/// distributions' packages.
fn url() -> String {
    std::env::var("CITUS_URL").ok().filter(|url| !url.is_empty()).unwrap_or_else(|| {
        let told = "\n*** SKIPPED: no Citus: set CITUS_URL to the URL of a database on a coordinator ***\n\n";
        // Past the tests' capture.
        drop(std::io::stderr().write_all(told.as_bytes()));
        std::process::exit(0);
    })
}

cresset_store::conformance_suite!(fixture);
