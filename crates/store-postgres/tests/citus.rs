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

/// Citus moves a shard by logical replication, which must know the rows that go.
#[tokio::test(flavor = "multi_thread")]
async fn shards_of_all_tables_can_be_moved_while_they_are_written() {
    let fixture = fixture().await;
    drop(fixture);
    let url = url();
    let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.expect("the cluster answers");
    tokio::spawn(connection);
    let sql = "
        SELECT count(*), count(*) FILTER (WHERE c.relreplident = 'd' AND NOT EXISTS (
            SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary))
        FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name
        WHERE t.citus_table_type = 'distributed' AND c.relnamespace::regnamespace::text LIKE $1";
    let ours = format!("citus{}x%", std::process::id());
    let row = client.query_one(sql, &[&ours]).await.expect("the tables are listed");
    let (tables, stuck): (i64, i64) = (row.get(0), row.get(1));
    assert!(tables >= 6, "{tables} tables");
    assert_eq!(stuck, 0, "of {tables} tables");
}

cresset_store::conformance_suite!(fixture);
