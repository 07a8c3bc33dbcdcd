//! What the client tells while it is polled.

use super::Shared;
use crate::client_log::ClientLog;
use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext, Rebalance};
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::{Offset, Statistics, TopicPartitionList};
use std::sync::Arc;

/// A member's ear.
pub(super) struct Context {
    shared: Arc<Shared>,
}

impl Context {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        ClientLog.log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        ClientLog.error(error, reason);
    }

    fn stats(&self, statistics: Statistics) {
        let Some(topic) = statistics.topics.get(&self.shared.settings.topic) else { return };
        let progress = self.shared.progress();
        let behind = topic.partitions.iter().filter_map(|(number, partition)| {
            if !progress.owns(*number) {
                return None;
            }
            let kept = partition.committed_offset.max(partition.lo_offset);
            let done = progress.done(*number).unwrap_or(kept);
            Some((*number, u64::try_from(partition.hi_offset - done).unwrap_or(0)))
        });
        let behind = behind.collect();
        drop(progress);
        self.shared.counters.records(self.shared.member, behind);
    }
}

impl ConsumerContext for Context {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        let lost = match rebalance {
            Rebalance::Revoke(lost) => lost,
            Rebalance::Assign(own) => {
                let mut progress = self.shared.progress();
                own.elements().iter().for_each(|partition| progress.own(partition.partition()));
                return;
            }
            Rebalance::Error(_) => return,
        };
        // Whoever gets them goes on behind what is finished.
        commit(consumer, &self.shared, CommitMode::Sync);
        let mut progress = self.shared.progress();
        for partition in lost.elements() {
            progress.lose(partition.partition());
        }
    }

    fn commit_callback(&self, result: KafkaResult<()>, _: &TopicPartitionList) {
        if let Err(error) = result {
            tracing::warn!("the place in the topic isn't kept for the moment: {error}");
            self.shared.progress().tell_again();
        }
    }
}

/// Keeps the places that have moved.
pub(super) fn commit(consumer: &BaseConsumer<Context>, shared: &Shared, mode: CommitMode) {
    let moved = shared.progress().moved();
    let mut places = TopicPartitionList::new();
    for (partition, offset) in &moved {
        let place = Offset::Offset(*offset);
        if let Err(error) = places.add_partition_offset(&shared.settings.topic, *partition, place) {
            tracing::warn!("no place {offset} in partition {partition}: {error}");
        }
    }
    if places.count() == 0 {
        return;
    }
    if let Err(error) = consumer.commit(&places, mode) {
        tracing::warn!("the place in the topic isn't kept for the moment: {error}");
        shared.progress().tell_again();
    }
}
