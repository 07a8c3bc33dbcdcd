//! A producer and a consumer, as clients have them.

use rdkafka::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::message::Message;
use rdkafka::producer::{FutureProducer, FutureRecord};
use rdkafka::{Offset, TopicPartitionList};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// How long anything may take that is to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// What a client is told of the broker at an address.
pub(crate) fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

/// Sends each text to a partition, and waits for all acknowledgements.
pub(crate) async fn produce(client: &ClientConfig, topic: &str, sent: &BTreeSet<(i32, String)>) {
    let mut client = client.clone();
    client.set("acks", "all").set("compression.type", "zstd");
    let producer: FutureProducer = client.create().expect("a producer");
    let mut acknowledged = Vec::new();
    for (partition, text) in sent {
        let record = FutureRecord::<(), _>::to(topic).partition(*partition).payload(text);
        acknowledged.push(producer.send_result(record).map_err(|(e, _)| e).expect("it is queued"));
    }
    for one in acknowledged {
        let delivered = tokio::time::timeout(PATIENCE, one).await.expect("in time");
        delivered.expect("a producer").map_err(|(e, _)| e).expect("it is acknowledged");
    }
}

/// As many messages as are expected, from the begin of all partitions, with the partition of each.
pub(crate) fn consume(
    client: &ClientConfig,
    topic: &str,
    partitions: i32,
    count: usize,
) -> BTreeSet<(i32, String)> {
    let mut client = client.clone();
    let consumer: BaseConsumer =
        client.set("group.id", "nobody").set("enable.auto.commit", "false").create().expect("one");
    let mut all = TopicPartitionList::new();
    for partition in 0..partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).expect("a partition");
    }
    consumer.assign(&all).expect("they are assigned");
    let until = Instant::now() + PATIENCE;
    let mut got = BTreeSet::new();
    while got.len() < count {
        assert!(Instant::now() < until, "{} of {count} messages came in time", got.len());
        // A broker that was down is connected to again; what doesn't come in the end fails above.
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let text = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
        assert!(got.insert((message.partition(), text)), "a message came twice");
    }
    got
}
