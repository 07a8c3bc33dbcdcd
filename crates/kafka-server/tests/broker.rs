//! What a broker does for its clients.

mod support;

use cresset_kafka_server::Broker;
use rdkafka::consumer::{BaseConsumer, Consumer};
use std::collections::BTreeSet;
use std::net::TcpStream;
use support::{PATIENCE, client, consume, produce};

/// Texts for each of some partitions.
fn texts(round: usize, partitions: i32) -> BTreeSet<(i32, String)> {
    let of = |partition| (0..25).map(move |n| (partition, format!("{round}: {n} to {partition}")));
    (0..partitions).flat_map(of).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_four_partitions_are_consumed() {
    let Some(broker) = Broker::shared_if_there() else { return };
    let topic = format!("four-partitions-{}", std::process::id());
    broker.create_topic(&topic, 4);
    let client = client(&broker.bootstrap());
    let consumer: BaseConsumer = client.create().expect("a consumer");
    let metadata = consumer.fetch_metadata(Some(&topic), PATIENCE).expect("metadata");
    assert_eq!(metadata.topics()[0].partitions().len(), 4);
    let sent = texts(0, 4);
    produce(&client, &topic, &sent).await;
    assert_eq!(consume(&client, &topic, 4, sent.len()), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_and_a_stop() {
    let Some(broker) = Broker::start() else { return };
    let client = client(&broker.bootstrap());
    broker.create_topic("kept", 4);
    let mut sent = BTreeSet::new();
    for (round, end) in [Broker::kill, Broker::kill, Broker::stop].iter().enumerate() {
        let more = texts(round, 4);
        produce(&client, "kept", &more).await;
        sent.extend(more);
        end(&broker);
        assert!(TcpStream::connect(broker.bootstrap()).is_err(), "it is down");
        broker.restart();
        assert_eq!(consume(&client, "kept", 4, sent.len()), sent);
    }
}

#[test]
fn a_topic_has_to_be_made() {
    let Some(broker) = Broker::start() else { return };
    let consumer: BaseConsumer = client(&broker.bootstrap()).create().expect("a consumer");
    for _ in 0..3 {
        let metadata = consumer.fetch_metadata(Some("nowhere"), PATIENCE).expect("metadata");
        let told = metadata.topics()[0].error().map(rdkafka::types::RDKafkaErrorCode::from);
        assert_eq!(told, Some(rdkafka::types::RDKafkaErrorCode::UnknownTopicOrPartition));
    }
}
