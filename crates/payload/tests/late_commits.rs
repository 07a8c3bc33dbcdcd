//! A commit that begins in time and takes longer than anybody allowed for: whoever is told that it is
//! written finds its body, though a reconcile took it for an orphan.

mod rig;

use cresset_payload::{Container, Offload, Place, Prefix, Reconcile, Report, Settings};
use cresset_postgres_server::Server;
use cresset_store::*;
use cresset_store_postgres::PostgresStore;
use rig::{key, put, scope};
use std::sync::Arc;
use std::time::Duration;

/// Sleeps while the transaction commits, when all of it is written and nobody sees it.
const SLOW: &str = "
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(8); RETURN NULL; END $$;
DO $$ BEGIN EXECUTE format(
    'CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON %I.change DEFERRABLE INITIALLY DEFERRED
     FOR EACH ROW EXECUTE FUNCTION slow()',
    (SELECT relnamespace::regnamespace FROM pg_class WHERE relname = 'change')); END $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_taken_for_an_orphan_is_put_again() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Directory(folder.path().to_owned());
    let store: Arc<dyn Store> =
        Arc::new(PostgresStore::open(&server.url(), Default::default()).await.expect("it opens"));
    let container = || Container::open(&place).expect("it opens");
    let settings = Settings { deadline: Duration::from_secs(3), ..Settings::default() };
    let offload = Arc::new(Offload::new(Arc::clone(&store), container(), settings));
    let scope = scope();
    offload.create(&scope).await.expect("it is made");
    server.sql(SLOW);

    let committing = {
        let (offload, scope) = (Arc::clone(&offload), scope.clone());
        let batch = Batch { writes: vec![put(&key("a"), "late")], ..Batch::default() };
        tokio::spawn(async move { offload.commit(&scope, batch).await })
    };
    // Not before: half a put that is taken away fails the put.
    while server.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").is_empty() {
        assert!(!committing.is_finished(), "the commit ended before anything was taken away");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let container = container();
    let report = reconcile(&*store, &scope, &container).await;
    assert_eq!(report.deleted, 1, "{report:?}");
    committing.await.expect("no panic").expect("it is committed");

    let report = reconcile(&*store, &scope, &container).await;
    assert_eq!((report.matched, report.orphaned, report.missing_count), (1, 0, 0), "{report:?}");
    let read = offload.read(&scope, &[key("a")]).await.expect("it is read").remove(0);
    let body = read.expect("it is there").body().expect("it decodes").expect("it is live");
    assert!(String::from_utf8_lossy(&body).contains("late"));
}

/// With no patience at all for commits that are on their way.
async fn reconcile(store: &dyn Store, scope: &Scope, container: &Container) -> Report {
    let prefix = Prefix::top();
    let (dry_run, grace, most) = (false, Duration::ZERO, None);
    let reconcile = Reconcile { store, scope, container, prefix, dry_run, grace, most };
    reconcile.run(None, |_, _| {}).await.expect("it runs").0
}
