//! Batches with a database that does as it is told, and without a broker.

#[path = "../../tests/support/announcing.rs"]
mod announcing;
#[path = "../../tests/support/indexer.rs"]
mod indexer;

use super::item::Taken;
use super::process::Processor;
use super::{Counters, Settings, Shared, Tally};
use crate::message::Message;
use announcing::{announcement, collection};
use cresset_store::{Announcement, StoreError, Verdict};
use indexer::Scripted;
use rdkafka::ClientConfig;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// A processor at work.
struct Rig {
    shared: Arc<Shared>,
    indexer: Arc<Scripted>,
    sender: mpsc::Sender<Option<Vec<Taken>>>,
    stop: watch::Sender<bool>,
    working: JoinHandle<()>,
}

impl Rig {
    fn new(
        max_ready_time: Duration,
        script: impl Fn(&Announcement) -> Result<Verdict, StoreError> + Send + Sync + 'static,
    ) -> Self {
        let mut settings = Settings::new(ClientConfig::new(), "topic", "group", "here");
        settings.max_ready_time = max_ready_time;
        let (stop, stops) = watch::channel(false);
        let shared = Arc::new(Shared {
            member: 0,
            settings,
            counters: Arc::new(Counters::default()),
            progress: Mutex::default(),
            bytes: AtomicUsize::new(0),
            stop: stops,
        });
        let (indexer, (sender, receiver)) = (Arc::new(Scripted::new(script)), mpsc::channel(1));
        let working =
            tokio::spawn(Processor::new(Arc::clone(&shared), indexer.clone()).run(receiver));
        Self { shared, indexer, sender, stop, working }
    }

    /// Records of partition 0, the first at an offset.
    async fn send(&self, offset: i64, records: &[String]) {
        let taken = (offset..).zip(records);
        let taken = taken.map(|(at, record)| Taken::new(&self.shared, 0, at, record.as_bytes()));
        let batch = Some(taken.collect());
        assert!(self.sender.send(batch).await.is_ok(), "nobody takes it");
    }

    async fn until(&self, tally: Tally, count: u64) {
        let reached = async {
            while self.shared.counters.get(tally) < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), reached).await;
        let found = self.shared.counters.get(tally);
        assert!(waited.is_ok() && found == count, "{tally:?}: {found} instead of {count}");
    }

    /// Where partition 0 goes on.
    fn done(&self) -> Option<i64> {
        self.shared.progress().done(0)
    }

    async fn end(self) {
        self.stop.send_replace(true);
        assert!(self.sender.send(None).await.is_ok(), "nobody takes it");
        let ended = tokio::time::timeout(Duration::from_secs(30), self.working).await;
        ended.expect("in time").expect("no panic");
        assert_eq!(self.shared.bytes.load(Ordering::Relaxed), 0, "all records are let go");
    }
}

fn record(id: &str) -> String {
    Message::records("here", &collection("fhir"), &announcement(id, 1, "x"), 1_000_000).remove(0)
}

/// A message in parts.
fn parts(id: &str) -> Vec<String> {
    let announcement = announcement(id, 1, &"text ".repeat(500));
    let parts = Message::records("here", &collection("fhir"), &announcement, 1500);
    assert!(parts.len() > 2);
    parts
}

fn broken() -> StoreError {
    StoreError::backend("enter keys")("it says s3cret".into())
}

const LONG: Duration = Duration::from_secs(60);

#[tokio::test]
async fn what_is_early_holds_up_its_place_but_nothing_else() {
    let tries = AtomicU32::new(0);
    let rig = Rig::new(LONG, move |a| {
        let is_early = a.key.id.as_str() == "early" && tries.fetch_add(1, Ordering::Relaxed) < 4;
        Ok(if is_early { Verdict::Early } else { Verdict::Entered })
    });
    rig.send(10, &["a", "early", "b"].map(record)).await;
    rig.until(Tally::Entered, 2).await;
    assert_eq!(rig.done(), Some(11));
    rig.until(Tally::Entered, 3).await;
    assert_eq!((rig.done(), rig.shared.counters.get(Tally::Early)), (Some(13), 4));
    rig.end().await;
}

#[tokio::test]
async fn what_is_early_for_too_long_is_given_up() {
    let rig = Rig::new(Duration::from_millis(50), |_| Ok(Verdict::Early));
    rig.send(0, &[record("a")]).await;
    rig.until(Tally::Expired, 1).await;
    assert_eq!(rig.done(), Some(1));
    rig.end().await;
}

#[tokio::test]
async fn at_the_end_what_is_early_is_left_to_the_next_member() {
    let rig = Rig::new(LONG, |_| Ok(Verdict::Early));
    rig.send(0, &[record("a")]).await;
    rig.until_early().await;
    let shared = Arc::clone(&rig.shared);
    rig.end().await;
    assert_eq!(shared.progress().done(0), Some(0));
}

impl Rig {
    async fn until_early(&self) {
        while self.shared.counters.get(Tally::Early) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

#[tokio::test]
async fn one_that_fails_by_itself_is_kept_as_a_dead_letter_and_the_others_are_entered() {
    let rig = Rig::new(LONG, |a| match a.key.id.as_str() {
        "poison" => Err(broken()),
        _ => Ok(Verdict::Entered),
    });
    rig.send(0, &["a", "b", "c", "poison", "d", "e", "f"].map(record)).await;
    rig.until(Tally::Buried, 1).await;
    rig.until(Tally::Entered, 6).await;
    assert_eq!((rig.done(), rig.indexer.letters()), (Some(7), [(0, 3)].into()));
    rig.end().await;
}

#[tokio::test]
async fn one_that_fails_alone_is_kept_until_another_one_is_entered() {
    let rig = Rig::new(LONG, |a| match a.key.id.as_str() {
        "poison" => Err(broken()),
        _ => Ok(Verdict::Entered),
    });
    rig.send(0, &[record("poison")]).await;
    while rig.shared.counters.get(Tally::Retried) < 8 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!(rig.shared.counters.get(Tally::Buried), 0);
    rig.send(1, &[record("a")]).await;
    rig.until(Tally::Buried, 1).await;
    assert_eq!((rig.done(), rig.indexer.letters()), (Some(2), [(0, 0)].into()));
    rig.end().await;
}

#[tokio::test]
async fn while_nothing_can_be_entered_nothing_is_buried() {
    let works = Arc::new(AtomicBool::new(false));
    let script = Arc::clone(&works);
    let rig = Rig::new(LONG, move |_| match script.load(Ordering::Relaxed) {
        true => Ok(Verdict::Entered),
        false => Err(broken()),
    });
    rig.send(0, &["a", "b"].map(record)).await;
    while rig.shared.counters.get(Tally::Retried) < 20 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert_eq!((rig.done(), rig.indexer.letters().len()), (Some(0), 0));
    works.store(true, Ordering::Relaxed);
    rig.until(Tally::Entered, 2).await;
    assert_eq!((rig.done(), rig.indexer.letters().len()), (Some(2), 0));
    rig.end().await;
}

#[tokio::test]
async fn a_database_that_is_busy_or_unsure_is_asked_again_and_nothing_is_skipped() {
    let tries = AtomicU32::new(0);
    let rig = Rig::new(LONG, move |_| match tries.fetch_add(1, Ordering::Relaxed) {
        0 | 1 => Err(StoreError::index_lags()),
        2 => Err(StoreError::InDoubt),
        _ => Ok(Verdict::Entered),
    });
    rig.send(0, &["a", "b"].map(record)).await;
    rig.until(Tally::Entered, 2).await;
    assert_eq!(rig.shared.counters.get(Tally::Retried), 3);
    assert_eq!((rig.done(), rig.indexer.letters().len()), (Some(2), 0));
    rig.end().await;
}

#[tokio::test]
async fn with_a_database_that_is_down_the_end_comes_and_places_stay() {
    let rig = Rig::new(LONG, |_| Err(StoreError::index_lags()));
    rig.send(0, &["a", "b"].map(record)).await;
    while rig.shared.counters.get(Tally::Retried) < 2 {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let (shared, indexer) = (Arc::clone(&rig.shared), Arc::clone(&rig.indexer));
    rig.end().await;
    assert_eq!((shared.progress().done(0), indexer.letters().len()), (Some(0), 0));
}

#[tokio::test]
async fn verdicts_are_counted_and_so_is_what_has_no_collection() {
    let rig = Rig::new(LONG, |a| match a.key.id.as_str() {
        "aborted" => Ok(Verdict::Aborted),
        "foreign" => Ok(Verdict::Foreign),
        "overtaken" => Ok(Verdict::Overtaken),
        _ => Err(StoreError::UnknownCollection("default/main/gone".into())),
    });
    rig.send(0, &["aborted", "foreign", "overtaken"].map(record)).await;
    let gone = Message::records("here", &collection("gone"), &announcement("a", 1, "x"), 1_000_000);
    rig.send(3, &gone).await;
    for tally in [Tally::Aborted, Tally::Foreign, Tally::Overtaken, Tally::Unknown] {
        rig.until(tally, 1).await;
    }
    assert_eq!(rig.done(), Some(4));
    rig.end().await;
}

#[tokio::test]
async fn parts_may_come_twice_and_between_those_of_others() {
    let rig = Rig::new(LONG, |_| Ok(Verdict::Entered));
    let [one, two] = ["one", "two"].map(parts);
    let mixed: Vec<String> =
        one.iter().zip(&two).flat_map(|(a, b)| [a.clone(), b.clone(), a.clone()]).collect();
    let (last, before) = mixed.split_last().expect("parts");
    rig.send(0, before).await;
    rig.until(Tally::Entered, 2).await;
    rig.send(before.len() as i64, std::slice::from_ref(last)).await;
    rig.send(mixed.len() as i64, &[record("three")]).await;
    rig.until(Tally::Entered, 3).await;
    assert_eq!(rig.done(), Some(mixed.len() as i64 + 1), "a repetition holds up the place");
    rig.end().await;
}

#[tokio::test]
async fn a_part_that_is_missing_holds_up_the_place_until_the_set_is_given_up() {
    let rig = Rig::new(Duration::from_millis(700), |_| Ok(Verdict::Entered));
    let missing = parts("missing");
    rig.send(0, &missing[1..]).await;
    rig.send(missing.len() as i64 - 1, &[record("a")]).await;
    rig.until(Tally::Entered, 1).await;
    assert_eq!(rig.done(), Some(0));
    rig.until(Tally::Expired, 1).await;
    assert_eq!(rig.done(), Some(missing.len() as i64));
    // Announced again it comes whole.
    rig.send(20, &parts("missing")).await;
    rig.until(Tally::Entered, 2).await;
    rig.end().await;
}

#[tokio::test]
async fn what_was_taken_from_a_partition_that_is_lost_is_forgotten() {
    let rig = Rig::new(LONG, |a| match a.key.id.as_str() {
        "early" => Ok(Verdict::Early),
        _ => Ok(Verdict::Entered),
    });
    rig.send(0, &[record("early")]).await;
    rig.until_early().await;
    rig.shared.progress().lose(0);
    let waited = tokio::time::timeout(Duration::from_secs(30), async {
        while rig.shared.bytes.load(Ordering::Relaxed) > 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    assert!(waited.await.is_ok(), "it is kept");
    rig.end().await;
}
