//! Two front ends on one database: stores of their own that know nothing of each other.

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

const PERSON: TypeNumber = TypeNumber(7);

/// Two stores at the same collection, the right to use it, and what its schema begins with.
async fn pair() -> ([Arc<PostgresStore>; 2], Scope, String) {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let url = cresset_postgres_server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let base = format!("pair{}x{number}", std::process::id());
    let url = format!("{url}{separator}schema={base}");
    let open = || async {
        Arc::new(PostgresStore::open(&url, Settings::default()).await.expect("the store opens"))
    };
    let stores = [open().await, open().await];
    let name = CollectionName::new("clinic", "main", "records").expect("a name");
    let catalogue = Catalogue::new();
    let (kind, fhir_version) = (CollectionKind::Fhir, "4.0.1".into());
    let collection = Collection { name: name.clone(), generation: 1, kind, fhir_version };
    catalogue.enter(collection).expect("it is new");
    let principal = Arc::new(Principal::unrestricted("anyone"));
    let scope = catalogue.scope(&name, &principal).expect("it is catalogued");
    let [a, b] = &stores;
    let (one, other) = tokio::join!(a.create(&scope), b.create(&scope));
    assert_eq!(one.expect("created"), other.expect("created"), "both have one collection");
    (stores, scope, base)
}

fn key(id: &str) -> Key {
    Key::new(PERSON, ResourceId::new(id).expect("an id"))
}

fn named(name: &str) -> Vec<Segment> {
    vec![Segment::Term("names".into()), Segment::Text(name.into())]
}

fn put(id: &str, name: &str, precondition: Precondition) -> Write {
    let index = IndexKey { parameter: Parameter::new("name"), value: named(name) };
    let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
    let action = Action::Put { payload, index: IndexKeys::new(vec![index]) };
    Write { key: key(id), precondition, action }
}

fn holding(name: &str) -> Query {
    let scan = Scan::starting(Parameter::new("name"), named(name));
    let (sort, start) = (Vec::new(), Start::First);
    let filter = Filter::Scan(scan);
    Query { types: vec![PERSON], filter, sort, start, limit: 2, total: false }
}

async fn found(store: &PostgresStore, scope: &Scope, name: &str) -> Vec<Key> {
    let matches = store.search(scope, holding(name)).await.expect("a search is answered");
    matches.resources.into_iter().map(|r| r.key).collect()
}

async fn is_sound(store: &PostgresStore, scope: &Scope) {
    assert_eq!(store.check(scope, false).await.expect("it can be checked"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn conditional_creates_through_both_make_one_resource_each() {
    let (stores, scope, _) = pair().await;
    let mut tasks = Vec::new();
    for task in 0..48 {
        let (store, scope) = (Arc::clone(&stores[task % 2]), scope.clone());
        tasks.push(tokio::spawn(async move {
            let name = format!("name-{}", task / 2 % 12);
            loop {
                if let Some(key) = found(&store, &scope, &name).await.pop() {
                    return key;
                }
                let id = format!("task-{task}");
                let guards = vec![Guard { query: holding(&name), found: Vec::new() }];
                let writes = vec![put(&id, &name, Precondition::Unknown)];
                let batch = Batch { guards, writes, ..Batch::default() };
                match store.commit(&scope, batch).await {
                    Ok(_) => return key(&id),
                    Err(StoreError::Guard(0) | StoreError::Busy { .. }) => {}
                    Err(error) => panic!("only the guard stands against it: {error:?}"),
                }
            }
        }));
    }
    let mut created = BTreeSet::new();
    for task in tasks {
        created.insert(task.await.expect("a task ends without a panic"));
    }
    assert_eq!(created.len(), 12, "one resource for each name, whichever front end was asked");
    let listed = stores[0].list(&scope, PERSON, None, 100).await.expect("a list");
    assert_eq!(listed.resources.len(), 12, "and no other");
    is_sound(&stores[1], &scope).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_write_one_sequence_and_each_version_has_one_winner() {
    let (stores, scope, _) = pair().await;
    let done = Arc::new(AtomicBool::new(false));
    let poller = tokio::spawn(poll(Arc::clone(&stores[0]), scope.clone(), Arc::clone(&done)));
    let mut tasks = Vec::new();
    for task in 0..8_usize {
        let (store, scope) = (Arc::clone(&stores[task % 2]), scope.clone());
        tasks.push(tokio::spawn(async move {
            let mut committed = Vec::new();
            for round in 0..20_usize {
                // In opposite orders, so that locks taken as they come would be waited for in a circle.
                let mut ids = [0, 1, 2, 3];
                if task % 4 < 2 {
                    ids.reverse();
                }
                let shared = ids
                    .map(|n| put(&format!("shared-{n}"), &format!("{task}"), Precondition::None));
                let mut writes = shared.to_vec();
                writes.push(put(&format!("own-{task}-{round}"), "own", Precondition::Unknown));
                let batch = Batch { writes, ..Batch::default() };
                let told = store.commit(&scope, batch).await.expect("nothing stands against it");
                committed.extend(ids.iter().zip(told.written).map(|(n, w)| (*n, w.version)));
            }
            committed
        }));
    }
    let mut winners = HashMap::new();
    for task in tasks {
        for (n, version) in task.await.expect("a task ends without a panic") {
            assert_eq!(winners.insert((n, version), ()), None, "one winner of each version");
        }
    }
    assert_eq!(winners.len(), 4 * 160, "no version is left out");
    done.store(true, Ordering::Relaxed);
    let seen = poller.await.expect("the poller ends without a panic");
    assert_eq!(seen, (1..=5 * 160).collect::<Vec<u64>>(), "the poller missed nothing");
    for n in 0..4 {
        let current = stores[1].read(&scope, &[key(&format!("shared-{n}"))]).await;
        let version = current.expect("it is read").remove(0).map(|stored| stored.version.number());
        assert_eq!(version, Some(160), "the last version is current");
    }
    is_sound(&stores[0], &scope).await;
}

/// The places of all changes, in the order seen.
async fn poll(store: Arc<PostgresStore>, scope: Scope, done: Arc<AtomicBool>) -> Vec<u64> {
    let incarnation = store.create(&scope).await.expect("it is there");
    let mut cursor = Cursor { incarnation, seq: Seq(0) };
    let mut seen = Vec::new();
    loop {
        let last = done.load(Ordering::Relaxed);
        let page = store.changes(&scope, cursor, 50).await.expect("changes are read");
        cursor = page.cursor;
        if page.changes.is_empty() && last {
            return seen;
        }
        seen.extend(page.changes.iter().map(|change| change.seq.0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_the_database_refuses_leaves_those_beside_it_alone() {
    let ([store, _], scope, _) = pair().await;
    let mut tasks = Vec::new();
    for task in 0..40 {
        let (store, scope) = (Arc::clone(&store), scope.clone());
        tasks.push(tokio::spawn(async move {
            // PostgreSQL has no NUL in texts.
            let name = if task == 20 { "a\0b" } else { "mark" }.to_owned();
            let bookmarks = vec![Bookmark { name, value: vec![1] }];
            let writes = vec![put(&format!("n{task}"), "x", Precondition::Unknown)];
            let batch = Batch { writes, bookmarks, ..Batch::default() };
            store.commit(&scope, batch).await.is_ok()
        }));
    }
    for (task, outcome) in tasks.into_iter().enumerate() {
        assert_eq!(outcome.await.expect("a task ends without a panic"), task != 20, "task {task}");
    }
    let listed = store.list(&scope, PERSON, None, 100).await.expect("a list").resources;
    assert_eq!(listed.len(), 39, "all the others are written");
    is_sound(&store, &scope).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_made_anew_by_the_other_is_noticed() {
    let ([a, b], scope, _) = pair().await;
    let write =
        |name: &str| Batch { writes: vec![put("x", name, Precondition::None)], ..Batch::default() };
    a.commit(&scope, write("first")).await.expect("nothing stands against it");
    b.remove(&scope).await.expect("it can be removed");
    let gone = a.search(&scope, holding("first")).await;
    assert!(matches!(gone, Err(StoreError::UnknownCollection(_))), "{gone:?}");
    b.create(&scope).await.expect("it can be made again");
    // Under other numbers than before.
    b.commit(
        &scope,
        Batch { writes: vec![put("y", "second", Precondition::None)], ..Batch::default() },
    )
    .await
    .expect("nothing stands against it");
    a.commit(&scope, write("third")).await.expect("nothing stands against it");
    assert_eq!(found(&b, &scope, "third").await, [key("x")], "what the other wrote is found");
    assert_eq!(found(&a, &scope, "second").await, [key("y")], "both ways");
    assert_eq!(found(&a, &scope, "first").await, [], "nothing is left of the old one");
    is_sound(&a, &scope).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_planner_is_told_of_a_collection_that_was_just_filled() {
    let ([store, _], scope, base) = pair().await;
    for batch in 0..12 {
        let writes = (0..100).map(|n| put(&format!("{batch}-{n}"), "x", Precondition::Unknown));
        let batch = Batch { writes: writes.collect(), ..Batch::default() };
        store.commit(&scope, batch).await.expect("nothing stands against it");
    }
    let config: tokio_postgres::Config = cresset_postgres_server::url().parse().expect("a URL");
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    let sql =
        "SELECT c.reltuples::float8 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relname = 'resource' AND n.nspname LIKE $1";
    let started = std::time::Instant::now();
    loop {
        let known: f64 =
            client.query_one(sql, &[&format!("{base}%")]).await.expect("one table").get(0);
        if known >= 1_000.0 {
            break;
        }
        // Autovacuum comes once a minute.
        assert!(started.elapsed() < Duration::from_secs(10), "{known} are known");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_connections_lose_and_repeat_no_write() {
    let ([store, _], scope, base) = pair().await;
    let done = Arc::new(AtomicBool::new(false));
    let killer = tokio::spawn(kill_connections(base, Arc::clone(&done)));
    let mut tasks = Vec::new();
    for task in 0..4 {
        let (store, scope) = (Arc::clone(&store), scope.clone());
        tasks.push(tokio::spawn(async move {
            let mut acknowledged = 0;
            for round in 0..60 {
                let id = format!("own-{task}-{round}");
                let writes = vec![put(&id, "kept", Precondition::Unknown)];
                let batch = Batch { writes, ..Batch::default() };
                match store.commit(&scope, batch).await {
                    Ok(told) => {
                        assert_eq!(told.written[0].version, Some(Version::FIRST), "written once");
                        acknowledged += 1;
                        let read = reading(&store, &scope, &id).await;
                        assert!(read.is_some(), "an acknowledged write is read");
                    }
                    Err(StoreError::Busy { .. }) => {}
                    Err(error) => panic!("a lost connection is mended or told as busy: {error:?}"),
                }
            }
            acknowledged
        }));
    }
    let mut acknowledged = 0;
    for task in tasks {
        acknowledged += task.await.expect("a task ends without a panic");
    }
    done.store(true, Ordering::Relaxed);
    let killed = killer.await.expect("the killer ends without a panic");
    assert!(killed > 0, "connections were killed");
    assert!(acknowledged > 120, "most is written all the same: {acknowledged} of 240");
    let listed = store.list(&scope, PERSON, None, 1000).await.expect("a list").resources.len();
    assert!(listed >= acknowledged, "{listed} are there, {acknowledged} were acknowledged");
    is_sound(&store, &scope).await;
}

async fn reading(store: &PostgresStore, scope: &Scope, id: &str) -> Option<Stored> {
    loop {
        match store.read(scope, &[key(id)]).await {
            Err(StoreError::Busy { .. }) => {}
            read => return read.expect("it can be read").remove(0),
        }
    }
}

/// Kills one of the store's connections at a time; returns how many.
async fn kill_connections(base: String, done: Arc<AtomicBool>) -> usize {
    let config: tokio_postgres::Config = cresset_postgres_server::url().parse().expect("a URL");
    let (client, connection) = config.connect(tokio_postgres::NoTls).await.expect("connected");
    tokio::spawn(connection);
    let mut killed = 0;
    while !done.load(Ordering::Relaxed) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE application_name = 'cresset' AND query LIKE $1 ORDER BY random() LIMIT 1";
        let schema = format!("%{base}%");
        killed += client.query(sql, &[&schema]).await.expect("a connection is killed").len();
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    killed
}
