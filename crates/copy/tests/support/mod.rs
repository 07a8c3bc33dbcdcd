//! Collections with a past, and what must be equal once one was copied.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod faulty;
pub(crate) mod life;

use cresset_copy::{Copy, CopyError, Settings, Side, Standing};
use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Limits, parse};
use cresset_interaction::{base_urls, extract, prepare, search_parameters};
use cresset_search::Registry;
use cresset_store::memory::MemoryStore;
use cresset_store::*;
use cresset_store_sqlite::{OpenMode, Settings as SqliteSettings, SqliteStore};
use std::path::Path;
use std::sync::{Arc, LazyLock};

/// Few changes at a time, so that a small copy has many commits.
pub(crate) fn small(changes: usize) -> Settings {
    let poll = std::time::Duration::from_millis(5);
    Settings { changes, poll, ..Settings::default() }
}

/// A collection in this store.
pub(crate) async fn side(store: Arc<dyn Store>, place: &str) -> Side {
    let name = CollectionName::new("default", "default", "fhir").expect("a name");
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 0, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("copy"));
    let scope = catalogue.scope(&name, &principal).expect("it is catalogued");
    store.create(&scope).await.expect("it is made");
    Side { store, scope, place: place.to_owned() }
}

pub(crate) async fn memory(place: &str) -> Side {
    side(Arc::new(MemoryStore::new()), place).await
}

pub(crate) async fn sqlite(folder: &Path, mode: OpenMode) -> Side {
    let store = SqliteStore::open(folder, mode, SqliteSettings::default()).expect("it opens");
    side(Arc::new(store), &folder.display().to_string()).await
}

/// Copies what is there.
pub(crate) async fn copy(
    from: &Side,
    to: &Side,
    settings: Settings,
) -> Result<Standing, CopyError> {
    let mut copy = Copy::begin(from.clone(), to.clone(), settings).await?;
    copy.catch_up(&mut |_| {}).await
}

pub(crate) fn key(of: &str, id: &str) -> Key {
    let of = Definitions::r4().resource_type(of).expect("a type of R4");
    Key::new(TypeNumber(of.number()), ResourceId::new(id).expect("an id"))
}

/// A write of a resource that is given as JSON with its id.
pub(crate) fn put(text: &str) -> Write {
    let resource = parse(text.as_bytes(), &Limits::default()).expect("JSON");
    let id = resource.get("id").and_then(|id| id.as_str()).expect("an id");
    let id = ResourceId::new(id).expect("an id");
    static RULES: LazyLock<Registry> = LazyLock::new(|| Registry::r4(Vec::new()));
    let prepared = prepare(&RULES, resource, id).expect("a valid resource");
    let action = Action::Put { payload: prepared.payload, index: prepared.index };
    Write { key: prepared.key, precondition: Precondition::None, action }
}

pub(crate) async fn commit(side: &Side, writes: Vec<Write>) {
    let batch = Batch { writes, ..Batch::default() };
    side.store.commit(&side.scope, batch).await.expect("nothing stands against it");
}

pub(crate) async fn changes(side: &Side) -> Vec<Change> {
    let incarnation = side.store.horizon(&side.scope).await.expect("its end").incarnation;
    let cursor = Cursor { incarnation, seq: Seq(0) };
    side.store.changes(&side.scope, cursor, usize::MAX >> 2).await.expect("its changes").changes
}

async fn history(side: &Side) -> Vec<Stored> {
    let query = HistoryQuery::all(HistoryRange::System, usize::MAX >> 2);
    side.store.history(&side.scope, query).await.expect("its history").versions
}

/// Both sides have the same changes in the same places, and the same versions; the target is sound,
/// and found by what its resources say.
pub(crate) async fn assert_equal(from: &Side, to: &Side) {
    let (theirs, ours) = (changes(from).await, changes(to).await);
    for (a, b) in theirs.iter().zip(&ours) {
        assert_eq!(a, b, "a change");
    }
    assert_eq!(theirs.len(), ours.len(), "as many changes");
    assert_eq!(history(from).await, history(to).await, "the same history");
    let all: Vec<_> = theirs.iter().map(|change| (change.key.clone(), change.version)).collect();
    let read = |side: Side| {
        let all = all.clone();
        async move { side.store.read_versions(&side.scope, &all, usize::MAX).await.expect("read") }
    };
    for (a, b) in read(from.clone()).await.iter().zip(&read(to.clone()).await) {
        assert_eq!(a, b, "a version");
        let body = |stored: &Option<Stored>| {
            stored.as_ref().map(|stored| stored.body().expect("it decodes"))
        };
        assert_eq!(body(a), body(b), "a body");
    }
    let keys: Vec<_> = theirs.iter().map(|change| change.key.clone()).collect();
    let current = from.store.read(&from.scope, &keys).await.expect("read");
    assert_eq!(current, to.store.read(&to.scope, &keys).await.expect("read"), "what is current");
    let breaches = to.store.check(&to.scope, false).await.expect("it is checked");
    assert_eq!(breaches, [], "the target is sound");
    assert_indexed(to).await;
}

/// Every resource is found by what extraction gives, under the rules that the collection holds.
pub(crate) async fn assert_indexed(side: &Side) {
    let Side { store, scope, .. } = side;
    let urls = base_urls::kept(&**store, scope).await.expect("its base URLs");
    let registry = search_parameters::registry_of(&**store, scope, Registry::r4(urls)).await;
    let registry = registry.expect("its search parameters");
    let settled = search_parameters::is_settled(&**store, scope, &registry).await;
    assert!(settled.expect("its indexes"), "all is indexed");
    for of in Definitions::r4().concrete_resource_types() {
        let listed = store.list(scope, TypeNumber(of.number()), None, 100_000).await;
        let listed = listed.expect("its resources").resources;
        let entries: Vec<_> =
            listed.iter().filter_map(|stored| extract(&registry, stored)).collect();
        let differing = store.compare_index(scope, entries).await.expect("compared");
        assert_eq!(differing, [], "index keys are those that extraction gives");
    }
}
