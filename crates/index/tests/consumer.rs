//! From the publisher over a broker to a database.

#[path = "support/announcing.rs"]
mod announcing;
#[path = "support/indexer.rs"]
mod indexer;
mod support;

use announcing::{announcement, collection};
use cresset_index::consumer::{Consumer, Counters, Settings, Tally, run};
use cresset_index::{PublisherSettings, TopicError};
use cresset_kafka_server::Broker;
use cresset_store::{Announcer, StoreError, Verdict};
use indexer::Scripted;
use std::sync::Arc;
use std::time::{Duration, Instant};
use support::{PATIENCE, client, publisher, topic};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Enters everything.
fn willing() -> Scripted {
    Scripted::new(|_| Ok(Verdict::Entered))
}

/// Members that run.
struct Running {
    counters: Arc<Counters>,
    stop: watch::Sender<bool>,
    ended: JoinHandle<Result<(), TopicError>>,
}

impl Running {
    fn start(bootstrap: &str, topic: &str, members: usize, indexer: &Arc<Scripted>) -> Self {
        Self::with(Settings::new(client(bootstrap), topic, "group", "here"), members, indexer)
    }

    fn with(settings: Settings, members: usize, indexer: &Arc<Scripted>) -> Self {
        let (counters, (stop, stops)) = (Arc::new(Counters::default()), watch::channel(false));
        let indexer = Arc::clone(indexer);
        let ended = run(settings, indexer, members, Arc::clone(&counters), stops);
        Self { counters, stop, ended: tokio::spawn(ended) }
    }

    async fn end(self) {
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(PATIENCE, self.ended).await.expect("in time");
        ended.expect("no panic").expect("a clean end");
    }
}

async fn until(what: &str, holds: impl Fn() -> bool) {
    let until = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < until, "{what} doesn't happen");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_is_entered_once_and_its_place_is_kept() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("entered");
    broker.create_topic(&topic, 3);
    let publisher = publisher(&broker.bootstrap(), &topic).await;
    let announcements: Vec<_> =
        (0..200).map(|n| announcement(&format!("a{n}"), n + 1, "x")).collect();
    for name in ["one", "two"] {
        publisher.announce(&collection(name), &announcements).await.expect("acknowledged");
    }
    let indexer = Arc::new(willing());
    let running = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    until("400 entered", || running.counters.get(Tally::Entered) == 400).await;
    until("nothing behind", || {
        let records = running.counters.lag().records;
        records.len() == 3 && records.values().all(|behind| *behind == 0)
    })
    .await;
    running.end().await;
    let expected = ["one", "two"]
        .iter()
        .flat_map(|name| (0..200).map(move |n| ((name.to_string(), format!("a{n}")), n + 1)));
    assert_eq!(*indexer.entered(), expected.collect());
    publisher.announce(&collection("one"), &announcements[..1]).await.expect("acknowledged");
    let running = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    until("one entered", || running.counters.get(Tally::Entered) >= 1).await;
    let counters = Arc::clone(&running.counters);
    running.end().await;
    assert_eq!(counters.get(Tally::Entered), 1, "the others are taken again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_leaves_leaves_nothing_unhandled() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("leaving");
    broker.create_topic(&topic, 4);
    let publisher = publisher(&broker.bootstrap(), &topic).await;
    let indexer = Arc::new(willing());
    let staying = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    let leaving = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    let all: Vec<_> = (0..1000).map(|n| announcement(&format!("a{n}"), 1, "x")).collect();
    let collection = collection("fhir");
    let mut leaving = Some(leaving);
    for (n, some) in all.chunks(50).enumerate() {
        publisher.announce(&collection, some).await.expect("acknowledged");
        if n == 8 {
            let both = leaving.take().expect("it is there yet");
            until("both take some", || {
                let counters = [&staying.counters, &both.counters];
                counters.iter().all(|counters| counters.lag().records.len() == 2)
            })
            .await;
            both.end().await;
        }
    }
    until("all entered", || indexer.entered().len() == 1000).await;
    staying.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_in_between_loses_nothing_that_it_has_acknowledged() {
    let Some(broker) = Broker::start() else { return };
    broker.create_topic("killed", 2);
    let publisher = publisher(&broker.bootstrap(), "killed").await;
    let all: Vec<_> = (0..100).map(|n| announcement(&format!("a{n}"), 1, "x")).collect();
    publisher.announce(&collection("fhir"), &all[..50]).await.expect("acknowledged");
    broker.kill();
    broker.restart();
    let indexer = Arc::new(willing());
    let running = Running::start(&broker.bootstrap(), "killed", 2, &indexer);
    until("50 entered", || indexer.entered().len() == 50).await;
    broker.kill();
    broker.restart();
    let begin = Instant::now();
    while publisher.announce(&collection("fhir"), &all[50..]).await.is_err() {
        assert!(begin.elapsed() < PATIENCE, "it doesn't recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    until("100 entered", || indexer.entered().len() == 100).await;
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_three_megabytes_goes_through_a_broker_that_takes_one() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("large");
    broker.create_topic(&topic, 2);
    let publisher = publisher(&broker.bootstrap(), &topic).await;
    let text: String = (0..3_000_000_u64)
        .map(|n| char::from(b'!' + (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 57) as u8 % 90))
        .collect();
    let large = announcement("large", 2, &text);
    publisher.announce(&collection("fhir"), &[large]).await.expect("acknowledged");
    let indexer = Arc::new(willing());
    let running = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    until("it is entered", || indexer.entered().len() == 1).await;
    running.end().await;
    assert!(indexer.letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_missing_is_told() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let settings = Settings::new(client(&broker.bootstrap()), "nowhere", "group", "here");
    let (_stop, stops) = watch::channel(false);
    let consumer = Consumer::new(settings, Arc::new(willing()), Arc::default());
    let ended = consumer.run(stops).await;
    assert!(matches!(ended, Err(TopicError::Missing(name)) if name == "nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_others_are_ignored_and_unreadable_ones_are_kept() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("odd");
    broker.create_topic(&topic, 1);
    let settings = PublisherSettings::new(client(&broker.bootstrap()), &topic, "there");
    let other = cresset_index::Publisher::open(settings).await.expect("a publisher");
    let one = [announcement("a", 1, "x")];
    other.announce(&collection("fhir"), &one).await.expect("acknowledged");
    let producer: rdkafka::producer::FutureProducer =
        client(&broker.bootstrap()).create().expect("a producer");
    let record = rdkafka::producer::FutureRecord::to(&topic).key("k").payload("no JSON");
    producer.send(record, PATIENCE).await.expect("acknowledged");
    let publisher = publisher(&broker.bootstrap(), &topic).await;
    publisher.announce(&collection("fhir"), &one).await.expect("acknowledged");
    let indexer = Arc::new(willing());
    let running = Running::start(&broker.bootstrap(), &topic, 1, &indexer);
    until("one entered", || running.counters.get(Tally::Entered) == 1).await;
    assert_eq!(running.counters.get(Tally::Ignored), 1);
    assert_eq!(indexer.letters(), [(0, 1)].into());
    running.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_for_long_does_not_cost_the_membership() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("held-up");
    broker.create_topic(&topic, 2);
    let publisher = publisher(&broker.bootstrap(), &topic).await;
    let all: Vec<_> = (0..1000).map(|n| announcement(&format!("a{n}"), 1, "x")).collect();
    publisher.announce(&collection("fhir"), &all).await.expect("acknowledged");
    let mut client = client(&broker.bootstrap());
    // Who doesn't poll for so long is taken to be gone.
    client.set("session.timeout.ms", "6000").set("max.poll.interval.ms", "6000");
    let mut settings = Settings::new(client, &topic, "group", "here");
    (settings.batch_records, settings.most_waiting) = (100, 500);
    let back = Instant::now() + Duration::from_secs(10);
    let indexer = Arc::new(Scripted::new(move |_| match Instant::now() < back {
        true => Err(StoreError::index_lags()),
        false => Ok(Verdict::Entered),
    }));
    let running = Running::with(settings, 1, &indexer);
    until("it is tried again", || running.counters.get(Tally::Retried) > 2).await;
    assert!(running.counters.lag().oldest.is_some(), "something is behind");
    until("all entered", || indexer.entered().len() == 1000).await;
    let counters = Arc::clone(&running.counters);
    running.end().await;
    assert_eq!(counters.get(Tally::Entered), 1000, "some were taken twice");
}
