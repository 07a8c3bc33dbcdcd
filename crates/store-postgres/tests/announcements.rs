//! What becomes of announcements that come too early, too late, twice, or never.

mod support;

use cresset_store::*;
use cresset_store_postgres::{PostgresStore, Settings};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::scope;
use tokio::sync::Barrier;

const PERSON: TypeNumber = TypeNumber(7);

/// Keeps announcements until a test delivers them; or shows them to the indexer while their transaction
/// is still open.
#[derive(Debug, Default)]
struct Desk {
    kept: Mutex<Vec<Announcement>>,
    /// Who carries them is away: they may have got through all the same.
    broken: AtomicBool,
    early: Mutex<Option<Arc<PostgresStore>>>,
    /// Commits something else before the first announcement has got through.
    between: Mutex<Option<Arc<PostgresStore>>>,
    /// Lets nobody through before there are two.
    gate: Mutex<Option<Arc<Barrier>>>,
    verdicts: Mutex<Vec<Verdict>>,
}

impl Announcer for Desk {
    fn announce<'a>(
        &'a self,
        collection: &'a Collection,
        announcements: &'a [Announcement],
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            self.kept.lock().expect("no panic").extend_from_slice(announcements);
            let early = self.early.lock().expect("no panic").clone();
            if let Some(indexer) = early {
                let scope = scope(&collection.name, collection.generation);
                let verdicts = indexer.index(&scope, announcements.to_vec()).await?;
                self.verdicts.lock().expect("no panic").extend(verdicts);
            }
            let between = self.between.lock().expect("no panic").take();
            if let Some(store) = between {
                tokio::time::sleep(Duration::from_millis(5)).await;
                let scope = scope(&collection.name, collection.generation);
                let batch = Batch { writes: vec![put("between", "another")], ..Batch::default() };
                store.commit(&scope, batch).await?;
            }
            let gate = self.gate.lock().expect("no panic").clone();
            if let Some(gate) = gate {
                gate.wait().await;
            }
            match self.broken.load(Ordering::Relaxed) {
                true => Err(StoreError::index_lags()),
                false => Ok(()),
            }
        })
    }
}

struct Rig {
    store: Arc<PostgresStore>,
    indexer: Arc<PostgresStore>,
    desk: Arc<Desk>,
    scope: Scope,
}

impl Rig {
    async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let url = cresset_postgres_server::url();
        let separator = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{separator}schema=desk{}x{number}", std::process::id());
        let settings =
            || Settings { search_timeout: Duration::from_secs(3), ..Settings::default() };
        let desk = Arc::new(Desk::default());
        let opened = PostgresStore::open(&url, settings()).await.expect("the store opens");
        let announcer: Arc<dyn Announcer> = desk.clone();
        let store = Arc::new(opened.announcing(announcer));
        let indexer = PostgresStore::open(&url, settings()).await.expect("the store opens");
        let scope = scope(&CollectionName::new("a", "b", "fhir").expect("names"), 0);
        store.create(&scope).await.expect("it is made");
        Self { store, indexer: Arc::new(indexer), desk, scope }
    }

    async fn commit(&self, writes: Vec<Write>) -> Committed {
        self.try_commit(Batch { writes, ..Batch::default() }).await.expect("it is committed")
    }

    async fn try_commit(&self, batch: Batch) -> Result<Committed, StoreError> {
        self.store.commit(&self.scope, batch).await
    }

    fn taken(&self) -> Vec<Announcement> {
        std::mem::take(&mut *self.desk.kept.lock().expect("no panic"))
    }

    async fn index(&self, announcements: &[Announcement]) -> Vec<Verdict> {
        let outcome = self.indexer.index(&self.scope, announcements.to_vec()).await;
        outcome.expect("announcements are taken")
    }

    /// The ids of those with a name, as far as the index knows.
    async fn found(&self, name: &str) -> Vec<String> {
        let found = self.store.search(&self.scope, holding(name)).await.expect("it is answered");
        found.resources.iter().map(|stored| stored.key.id.to_string()).collect()
    }

    async fn unindexed(&self) -> u64 {
        let list = self.store.unindexed(&self.scope, Duration::ZERO, 0).await;
        list.expect("it is told").count
    }

    async fn is_sound(&self) {
        let breaches = self.store.check(&self.scope, false).await.expect("it is checked");
        assert_eq!(breaches, []);
    }
}

fn key(id: &str) -> Key {
    Key::new(PERSON, ResourceId::new(id).expect("an id"))
}

fn named(name: &str) -> IndexKeys {
    let value = vec![Segment::Term("names".into()), Segment::Text(name.into())];
    let link = Segment::Resource(key("someone"));
    let (name, link) = (
        IndexKey { parameter: Parameter::new("name"), value },
        IndexKey { parameter: Parameter::new("link"), value: vec![link] },
    );
    IndexKeys::new(vec![name, link])
}

fn put(id: &str, name: &str) -> Write {
    let payload = Payload::encode(b"{\"meta\":{}}", Some(9));
    let action = Action::Put { payload, index: named(name) };
    Write { key: key(id), precondition: Precondition::None, action }
}

fn delete(id: &str) -> Write {
    Write { key: key(id), precondition: Precondition::None, action: Action::Delete }
}

fn holding(name: &str) -> Query {
    let prefix = vec![Segment::Term("names".into()), Segment::Text(name.into())];
    let filter = Filter::Scan(Scan::starting(Parameter::new("name"), prefix));
    let (sort, start) = (Vec::new(), Start::First);
    Query { types: vec![PERSON], filter, sort, start, limit: 10, total: false }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_is_found_once_it_is_entered() {
    let rig = Rig::new().await;
    *rig.desk.early.lock().expect("no panic") = Some(Arc::clone(&rig.indexer));
    rig.commit(vec![put("a", "one"), put("b", "one")]).await;
    let early = std::mem::take(&mut *rig.desk.verdicts.lock().expect("no panic"));
    assert_eq!(early, [Verdict::Early, Verdict::Early], "nobody sees an open transaction");
    assert_eq!(rig.found("one").await, [""; 0]);
    assert_eq!(rig.unindexed().await, 2);
    let announced = rig.taken();
    assert_eq!(rig.index(&announced).await, [Verdict::Entered, Verdict::Entered]);
    assert_eq!(rig.found("one").await, ["a", "b"]);
    assert_eq!(rig.unindexed().await, 0);
    assert_eq!(rig.index(&announced).await, [Verdict::Entered, Verdict::Entered], "again");
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_cannot_be_announced_is_none() {
    let rig = Rig::new().await;
    rig.desk.broken.store(true, Ordering::Relaxed);
    let batch = || Batch { writes: vec![put("a", "lost")], ..Batch::default() };
    let refused = rig.try_commit(batch()).await;
    assert!(matches!(refused, Err(StoreError::Busy { .. })), "{refused:?}");
    let announced = rig.taken();
    assert_eq!(announced.len(), 1, "it may have got through");
    assert_eq!(rig.index(&announced).await, [Verdict::Aborted]);
    rig.desk.broken.store(false, Ordering::Relaxed);
    // The same version, by another transaction.
    tokio::time::sleep(Duration::from_millis(5)).await;
    rig.commit(vec![put("a", "kept")]).await;
    assert_eq!(rig.index(&announced).await, [Verdict::Foreign]);
    assert_eq!(rig.found("lost").await, [""; 0]);
    assert_eq!(rig.index(&rig.taken()).await, [Verdict::Entered]);
    assert_eq!(rig.found("kept").await, ["a"]);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_updates_the_newest_is_found_in_whatever_order_they_come() {
    let rig = Rig::new().await;
    let mut announced = Vec::new();
    for n in 0..10 {
        rig.commit(vec![put("a", &format!("v{n}"))]).await;
        announced.extend(rig.taken());
        // Now and then one comes in between.
        if n % 4 == 1 {
            assert_eq!(rig.index(&announced[n..]).await, [Verdict::Entered]);
        }
    }
    let order = [3, 9, 0, 5, 8, 1, 9, 2, 7, 4, 6];
    for at in order {
        let expected = if at == 9 { Verdict::Entered } else { Verdict::Overtaken };
        assert_eq!(rig.index(&announced[at..=at]).await, [expected], "v{at}");
    }
    assert_eq!(rig.index(&announced).await.len(), 10, "all at once");
    for n in 0..9 {
        assert_eq!(rig.found(&format!("v{n}")).await, [""; 0]);
    }
    assert_eq!(rig.found("v9").await, ["a"]);
    assert_eq!(rig.unindexed().await, 0);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_or_purged_is_found_by_nothing_that_comes_late() {
    let rig = Rig::new().await;
    rig.commit(vec![put("a", "one"), put("b", "one"), put("c", "one")]).await;
    let announced = rig.taken();
    assert_eq!(rig.index(&announced[2..]).await, [Verdict::Entered]);
    rig.commit(vec![delete("a"), delete("c")]).await;
    rig.store.purge(&rig.scope, &key("b"), None, Provenance::default()).await.expect("purged");
    assert_eq!(rig.unindexed().await, 0, "nobody has to index them");
    assert_eq!(rig.found("one").await, [""; 0]);
    assert_eq!(rig.index(&announced).await, [Verdict::Overtaken; 3]);
    assert_eq!(rig.found("one").await, [""; 0]);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_that_is_lost_is_made_again() {
    let rig = Rig::new().await;
    rig.commit(vec![put("a", "one")]).await;
    rig.commit(vec![put("a", "two"), put("b", "two")]).await;
    drop(rig.taken());
    let young = rig.store.unindexed(&rig.scope, Duration::from_secs(60), 10).await;
    assert_eq!(young.expect("it is told").resources, [], "they are young");
    let list = rig.store.unindexed(&rig.scope, Duration::ZERO, 10).await.expect("it is told");
    let version = |n| Version::new(n).expect("a version");
    assert_eq!(list.resources, [(key("a"), version(2)), (key("b"), version(1))]);
    assert!(list.oldest.is_some_and(|age| age < Duration::from_secs(60)), "{:?}", list.oldest);
    let entries = vec![
        (key("a"), version(1), named("one")),
        (key("a"), version(2), named("two")),
        (key("b"), version(1), named("two")),
    ];
    let again = rig.store.announce(&rig.scope, entries).await.expect("it is announced");
    assert_eq!(again, 2, "versions that are current");
    assert_eq!(rig.index(&rig.taken()).await, [Verdict::Entered; 2]);
    assert_eq!(rig.found("two").await, ["a", "b"]);
    assert_eq!(rig.unindexed().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_waits_for_what_it_must_find() {
    let rig = Rig::new().await;
    let first = rig.commit(vec![put("a", "one")]).await.seq;
    let of_first = rig.taken();
    rig.commit(vec![put("b", "one")]).await;
    let wait = |consistency| rig.store.await_index(&rig.scope, consistency);
    wait(Consistency::Eventual).await.expect("it doesn't wait");
    let late = wait(Consistency::Since(first)).await;
    assert!(matches!(late, Err(StoreError::Busy { .. })), "{late:?}");
    let (waited, verdicts) = tokio::join!(wait(Consistency::Since(first)), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        rig.index(&of_first).await
    });
    waited.expect("what it waits for has come");
    assert_eq!(verdicts, [Verdict::Entered]);
    let late = wait(Consistency::Strong).await;
    assert!(matches!(late, Err(StoreError::Busy { .. })), "the second isn't there: {late:?}");
    rig.index(&rig.taken()).await;
    wait(Consistency::Strong).await.expect("everything is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_sees_what_was_acknowledged_before() {
    let rig = Rig::new().await;
    rig.commit(vec![put("a", "one")]).await;
    let guarded = |id: &str| {
        let guards = vec![Guard { query: holding("one"), found: Vec::new() }];
        Batch { guards, writes: vec![put(id, "one")], ..Batch::default() }
    };
    let announced = rig.taken();
    let (refused, _) = tokio::join!(rig.try_commit(guarded("b")), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        rig.index(&announced).await
    });
    assert!(matches!(refused, Err(StoreError::Guard(0))), "{refused:?}");
    rig.commit(vec![delete("a")]).await;
    rig.try_commit(guarded("b")).await.expect("nothing is there any more");
    assert_eq!(rig.taken(), [], "it enters its keys itself");
    assert_eq!(rig.found("one").await, ["b"]);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_indexed_anew_stays_so() {
    let rig = Rig::new().await;
    rig.commit(vec![put("a", "old registry")]).await;
    let announced = rig.taken();
    let entries = vec![(key("a"), Version::FIRST, named("new registry"))];
    assert_eq!(rig.indexer.reindex(&rig.scope, entries).await.expect("it is reindexed"), 1);
    assert_eq!(rig.unindexed().await, 0);
    rig.index(&announced).await;
    assert_eq!(rig.found("old registry").await, [""; 0]);
    assert_eq!(rig.found("new registry").await, ["a"]);
    rig.is_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_kept_once() {
    let rig = Rig::new().await;
    assert_eq!(rig.indexer.dead_letters().await.expect("counted"), 0);
    let letter = DeadLetter {
        topic: "T".to_owned(),
        partition: 3,
        offset: 7,
        problem: "no\0JSON".to_owned(),
        message: vec![0, 255],
    };
    for _ in 0..2 {
        rig.indexer.bury(letter.clone()).await.expect("it is kept");
    }
    assert_eq!(rig.indexer.dead_letters().await.expect("counted"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn times_that_were_announced_are_those_of_the_versions_though_others_commit_meanwhile() {
    let rig = Rig::new().await;
    *rig.desk.between.lock().expect("no panic") = Some(Arc::clone(&rig.indexer));
    let committed = rig.commit(vec![put("a", "Ada")]).await;
    let announced = rig.taken();
    let times: Vec<Timestamp> = announced.iter().map(|announced| announced.updated).collect();
    assert_eq!(times.len(), 2, "its time had passed: it is announced again");
    assert!(times[0] < times[1]);
    assert_eq!(times[1], committed.written[0].updated);
    assert_eq!(committed.seq, Seq(2), "the other one came first");
    let verdicts = rig.index(&announced).await;
    assert_eq!(verdicts, [Verdict::Foreign, Verdict::Entered]);
    assert_eq!(rig.found("Ada").await, ["a"]);
    let committed = rig.commit(vec![put("b", "Bob")]).await;
    let announced = rig.taken();
    assert_eq!(announced.len(), 1, "nobody came between");
    assert_eq!(announced[0].updated, committed.written[0].updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_does_not_wait_for_the_acknowledgement_of_another_one() {
    let rig = Rig::new().await;
    *rig.desk.gate.lock().expect("no panic") = Some(Arc::new(Barrier::new(2)));
    let both = futures::future::join(
        rig.commit(vec![put("a", "Ada")]),
        // So that they don't share a group.
        async {
            while rig.desk.kept.lock().expect("no panic").is_empty() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            rig.commit(vec![put("b", "Bob")]).await
        },
    );
    let both = tokio::time::timeout(Duration::from_secs(30), both);
    both.await.expect("they don't wait for each other");
    *rig.desk.gate.lock().expect("no panic") = None;
    let announced = rig.taken();
    rig.index(&announced).await;
    assert_eq!(rig.unindexed().await, 0);
    rig.is_sound().await;
}
