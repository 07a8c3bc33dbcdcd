//! Announcing to a broker that is there, and to one that isn't.

#[path = "support/announcing.rs"]
mod announcing;
mod support;

use announcing::{announcement, collection};
use cresset_index::{Publisher, PublisherSettings, TopicError};
use cresset_kafka_server::Broker;
use cresset_store::{Announcer, StoreError};
use std::time::{Duration, Instant};
use support::{PATIENCE, client, publisher, topic};

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_tells_how_many_partitions_there_are_and_whether_there_is_a_topic() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = topic("partitions");
    broker.create_topic(&topic, 3);
    assert_eq!(publisher(&broker.bootstrap(), &topic).await.partitions(), 3);
    let settings = PublisherSettings::new(client(&broker.bootstrap()), "nowhere", "here");
    let missing = Publisher::open(settings).await.map(|p| p.partitions());
    assert!(matches!(missing, Err(TopicError::Missing(name)) if name == "nowhere"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_broker_a_call_is_refused_in_time_and_later_ones_at_once_until_it_is_back() {
    let Some(broker) = Broker::start() else { return };
    broker.create_topic("away", 2);
    let mut settings = PublisherSettings::new(client(&broker.bootstrap()), "away", "here");
    settings.patience = Duration::from_secs(3);
    let publisher = Publisher::open(settings).await.expect("a publisher");
    let (collection, all) = (collection("fhir"), [announcement("a", 1, "x")]);
    publisher.announce(&collection, &all).await.expect("it is acknowledged");
    broker.kill();
    let refused = async || {
        let started = Instant::now();
        let answer = publisher.announce(&collection, &all).await;
        assert!(matches!(answer, Err(StoreError::Busy { .. })), "{answer:?}");
        started.elapsed()
    };
    let first = refused().await;
    assert!(first < Duration::from_secs(4), "the first call took {first:?}");
    for _ in 0..20 {
        let later = refused().await;
        assert!(later < Duration::from_millis(100), "a later call took {later:?}");
    }
    broker.restart();
    let until = Instant::now() + PATIENCE;
    while publisher.announce(&collection, &all).await.is_err() {
        assert!(Instant::now() < until, "it doesn't recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
