//! Stores with offload for the conformance suite, and what must hold when a case is over.

use cresset_payload::{Container, Offload, Place, Settings};
use cresset_store::conformance::Fixture;
use cresset_store::{
    Catalogue, Collection, CollectionKind, CollectionName, Datasources, HistoryQuery, HistoryRange,
    Principal, Scope, Store, StoreError,
};
use cresset_store_postgres::PostgresStore;
use cresset_store_sqlite::{OpenMode, SqliteStore};
use std::collections::BTreeSet;
use std::future::Future;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The suite's tenants, and a container for each.
pub(crate) const TENANTS: [&str; 2] = ["clinic", "hospital"];

pub(crate) type Opening = Pin<Box<dyn Future<Output = Result<Arc<dyn Store>, StoreError>> + Send>>;
type Open = Arc<dyn Fn() -> Opening + Send + Sync>;

/// The suite's longest contents have eight megabytes.
fn settings() -> Settings {
    Settings { longest: 16 << 20, ..Settings::default() }
}

/// A fixture around the store that `open` opens, with bodies in these places. When it is dropped, each
/// version's body is in its container, and nothing else is.
pub(crate) async fn offloading(
    places: [Place; 2],
    open: impl Fn() -> Opening + Send + Sync + 'static,
) -> Fixture {
    let open: Open = Arc::new(open);
    let compared = Compared { places: places.clone(), open: Arc::clone(&open) };
    let around = move || {
        let (open, places) = (Arc::clone(&open), places.clone());
        async move { around(open().await?, &places) }
    };
    Fixture::opening(around).await.keeping(compared).offloading()
}

fn around(store: Arc<dyn Store>, places: &[Place; 2]) -> Result<Datasources, StoreError> {
    let mut all = Datasources::new();
    for (tenant, place) in TENANTS.into_iter().zip(places) {
        let offload = Offload::new(Arc::clone(&store), opened(place), settings());
        all.add(tenant, "main", Arc::new(offload))?;
    }
    Ok(all)
}

fn opened(place: &Place) -> Container {
    Container::open(place).expect("the container opens")
}

/// Opens the embedded store in a folder.
pub(crate) fn sqlite(folder: &Path) -> impl Fn() -> Opening + Send + Sync + 'static {
    let root = folder.join("store");
    move || {
        let root = root.clone();
        Box::pin(async move {
            let settings = cresset_store_sqlite::Settings::for_memory(64 << 20);
            // Its file may still be open at the end of a case, by whoever wrote it.
            let writing = SqliteStore::open(&root, OpenMode::Write, settings);
            let store = writing.or_else(|_| SqliteStore::open(&root, OpenMode::Read, settings))?;
            Ok(Arc::new(store) as Arc<dyn Store>)
        })
    }
}

/// Opens schemas on PostgreSQL that nobody else has.
pub(crate) fn postgres(name: &str) -> impl Fn() -> Opening + Send + Sync + 'static {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let url = cresset_postgres_server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}schema={name}{}x{number}", std::process::id());
    move || {
        let url = url.clone();
        Box::pin(async move {
            let store = PostgresStore::open(&url, Default::default()).await?;
            Ok(Arc::new(store) as Arc<dyn Store>)
        })
    }
}

/// Compares rows and bodies at the end of a case.
struct Compared {
    places: [Place; 2],
    open: Open,
}

impl Drop for Compared {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                let store = (self.open)().await.expect("the store opens");
                for (collection, place) in [
                    ("clinic/records", &self.places[0]),
                    ("clinic/trial", &self.places[0]),
                    ("hospital/records", &self.places[1]),
                ] {
                    compare(&*store, collection, place).await;
                }
            });
        });
    }
}

async fn compare(store: &dyn Store, collection: &str, place: &Place) {
    let scope = scope(collection);
    let prefix = settings().prefix(scope.collection());
    let bodies = names(&opened(place), &prefix.to_string()).await;
    let rows = rows(store, &scope).await;
    assert!(rows == bodies, "{collection}: rows tell of {rows:?}, the container has {bodies:?}");
}

/// The suite's scope of a collection: its names are fixed, its generation is the first.
fn scope(collection: &str) -> Scope {
    let (tenant, name) = collection.split_once('/').expect("two names");
    let catalogue = Catalogue::new();
    let name = CollectionName::new(tenant, "main", name).expect("names");
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let entry = Collection { name: name.clone(), generation: 1, kind, fhir_version };
    catalogue.enter(entry).expect("it is new");
    catalogue.scope(&name, &Arc::new(Principal::unrestricted("test"))).expect("it is there")
}

/// Names of bodies in a part of a container, without it.
async fn names(container: &Container, prefix: &str) -> BTreeSet<String> {
    let (mut names, mut token) = (BTreeSet::new(), None);
    loop {
        let page = container.page(prefix, token, 500).await.expect("blobs are listed");
        for blob in page.blobs {
            let name = blob.name.strip_prefix(prefix).expect("the prefix");
            if name != "owner" {
                assert!(names.insert(name.to_owned()), "{name} was listed twice");
            }
        }
        token = page.next;
        if token.is_none() {
            return names;
        }
    }
}

/// Names that rows tell of. No row has a body itself.
async fn rows(store: &dyn Store, scope: &Scope) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut query = HistoryQuery::all(HistoryRange::System, 500);
    loop {
        let page = match store.history(scope, query.clone()).await {
            // Removed in the case.
            Err(StoreError::UnknownCollection(_)) => return names,
            page => page.expect("versions are listed"),
        };
        for stored in page.versions {
            let Some(payload) = stored.payload() else { continue };
            let elsewhere = payload.offloaded().expect("it is whole").expect("it is elsewhere");
            let (key, version) = (&stored.key, stored.version);
            let id = key.id.as_str().replace('.', "*");
            let payload_key = uuid::Uuid::from_bytes(elsewhere.key);
            names.insert(format!("{}/{id}/{version}/{payload_key}", key.resource_type.0));
        }
        query.after = page.next;
        if query.after.is_none() {
            return names;
        }
    }
}
