//! Announcing over Kafka.

use crate::client_log::ClientLog;
use crate::message::Message;
use crate::topic::{self, TopicError};
use cresset_store::{Announcement, Announcer, Breaker, Collection, StoreError, StoreFuture, Turn};
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long the broker is left alone once it has failed.
const REST: Duration = Duration::from_secs(2);
/// Where the queue is full: how long until the next look.
const PAUSE: Duration = Duration::from_millis(2);
/// What a record may have besides its key and its contents.
const OVERHEAD: usize = 512;
/// The lowest limit: the head of a message fits in.
const LEAST: usize = 4096;

/// How announcements are published.
#[derive(Clone)]
pub struct Settings {
    /// How the broker is reached.
    pub client: ClientConfig,
    /// Where they go.
    pub topic: String,
    /// What tells this installation's messages from those of others.
    pub instance: String,
    /// How long a commit may wait for all acknowledgements together.
    pub patience: Duration,
    /// Bytes of the largest record that the broker takes, before compression.
    pub record_bytes: usize,
}

impl Settings {
    /// With 5 seconds for acknowledgements and records of a million bytes.
    pub fn new(client: ClientConfig, topic: &str, instance: &str) -> Self {
        let (topic, instance) = (topic.to_owned(), instance.to_owned());
        Self { client, topic, instance, patience: Duration::from_secs(5), record_bytes: 1_000_000 }
    }

    /// What librdkafka is told: what was configured first, then what our guarantees rest on.
    fn config(&self) -> ClientConfig {
        let mut config = self.client.clone();
        // What is logged is up to the log's own settings.
        config.set_log_level(RDKafkaLogLevel::Info);
        for (name, value) in [
            // What is committed together comes together: there is nothing to wait for.
            ("linger.ms", "0"),
            // Each partition's records are a request of their own: none waits for another's answer.
            ("socket.nagle.disable", "true"),
            ("compression.type", "lz4"),
            ("queue.buffering.max.messages", "100000"),
            ("queue.buffering.max.kbytes", "131072"),
        ] {
            if config.get(name).is_none() {
                config.set(name, value);
            }
        }
        config.set("acks", "all").set("enable.idempotence", "true");
        // Not sent when nobody waits for it any more.
        config.set("message.timeout.ms", self.patience.as_millis().max(1).to_string());
        config.set("message.max.bytes", self.limit().to_string());
        config
    }

    fn limit(&self) -> usize {
        self.record_bytes.max(LEAST)
    }
}

/// Announces index keys as records of a topic.
pub struct Publisher {
    settings: Settings,
    /// Replaced when it can't go on.
    producer: Mutex<FutureProducer<ClientLog>>,
    partitions: usize,
    breaker: Breaker,
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Publisher").field("topic", &self.settings.topic).finish_non_exhaustive()
    }
}

impl Publisher {
    /// Connects, and looks whether the topic is there.
    ///
    /// # Errors
    /// [`TopicError`] when the broker can't be reached, or has no such topic.
    pub async fn open(settings: Settings) -> Result<Self, TopicError> {
        let producer = produce(&settings)?;
        let (asked, topic) = (producer.clone(), settings.topic.clone());
        let partitions = topic::partitions(topic, move |topic, patience| {
            asked.client().fetch_metadata(Some(topic), patience)
        });
        let partitions = partitions.await?;
        let breaker = Breaker::new(1, REST);
        Ok(Self { settings, producer: Mutex::new(producer), partitions, breaker })
    }

    /// How many partitions the topic has.
    pub fn partitions(&self) -> usize {
        self.partitions
    }

    fn producer(&self) -> FutureProducer<ClientLog> {
        self.producer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another producer if this one has given up for good.
    fn mend(&self, failed: &FutureProducer<ClientLog>) {
        let Some((code, _)) = failed.client().fatal_error() else { return };
        let mut producer = self.producer.lock().unwrap_or_else(PoisonError::into_inner);
        if producer.client().fatal_error().is_none() {
            return;
        }
        tracing::warn!("the Kafka producer has ended ({code}), another one takes over");
        match produce(&self.settings) {
            Ok(another) => *producer = another,
            Err(error) => tracing::error!("no Kafka producer: {error}"),
        }
    }

    /// Sends all, then waits for all.
    async fn publish(&self, collection: &Collection, all: &[Announcement]) -> Result<(), Failure> {
        let until = Instant::now() + self.settings.patience;
        let producer = self.producer();
        let mut acknowledgements = Vec::with_capacity(all.len());
        for announcement in all {
            let key = Message::key(collection, announcement);
            let limit = self.settings.limit().saturating_sub(key.len() + OVERHEAD);
            let instance = &self.settings.instance;
            for record in Message::records(instance, collection, announcement, limit) {
                metrics::counter!("cresset_index_published_bytes_total")
                    .increment(record.len() as u64);
                acknowledgements.push(self.send(&producer, &key, &record, until).await?);
            }
        }
        metrics::counter!("cresset_index_published_records_total")
            .increment(acknowledgements.len() as u64);
        let all = futures::future::try_join_all(acknowledgements.into_iter().map(acknowledged));
        let waited = tokio::time::timeout_at(until, all).await;
        let outcome = waited.map_err(|_| Failure::Late)?.map(drop);
        if outcome.is_err() {
            self.mend(&producer);
        }
        outcome
    }

    /// Queues a record, when there is a place for it.
    async fn send(
        &self,
        producer: &FutureProducer<ClientLog>,
        key: &str,
        payload: &str,
        until: Instant,
    ) -> Result<DeliveryFuture, Failure> {
        loop {
            let record = FutureRecord::to(&self.settings.topic).key(key).payload(payload);
            match producer.send_result(record) {
                Ok(acknowledgement) => return Ok(acknowledgement),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                    if Instant::now() >= until {
                        return Err(Failure::Late);
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Err((error, _)) => {
                    self.mend(producer);
                    return Err(Failure::of(error));
                }
            }
        }
    }
}

/// Why records weren't acknowledged.
enum Failure {
    /// Not in time.
    Late,
    /// The broker takes none for the moment, or this producer can't go on.
    Refused(KafkaError),
    /// The broker doesn't take this one, now or later.
    TooLarge(KafkaError),
}

impl Failure {
    fn of(error: KafkaError) -> Self {
        use RDKafkaErrorCode::{MessageSizeTooLarge, MessageTimedOut};
        match error.rdkafka_error_code() {
            Some(MessageTimedOut) => Self::Late,
            Some(MessageSizeTooLarge) => Self::TooLarge(error),
            _ => Self::Refused(error),
        }
    }
}

async fn acknowledged(acknowledgement: DeliveryFuture) -> Result<(), Failure> {
    match acknowledgement.await {
        Ok(Ok(_)) => Ok(()),
        // What comes with the error is the message: it isn't told to anybody.
        Ok(Err((error, _message))) => Err(Failure::of(error)),
        Err(_) => Err(Failure::Refused(KafkaError::Canceled)),
    }
}

fn produce(settings: &Settings) -> Result<FutureProducer<ClientLog>, TopicError> {
    settings.config().create_with_context(ClientLog).map_err(TopicError::client)
}

impl Announcer for Publisher {
    fn announce<'a>(
        &'a self,
        collection: &'a Collection,
        announcements: &'a [Announcement],
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if announcements.is_empty() {
                return Ok(());
            }
            if !self.breaker.lets_through() {
                metrics::counter!("cresset_index_publish_failures_total", "reason" => "refused")
                    .increment(1);
                return Err(busy("the Kafka broker of the search index is taken to be down"));
            }
            let started = Instant::now();
            let outcome = self.publish(collection, announcements).await;
            self.note(&outcome, announcements.len(), started.elapsed());
            outcome.map_err(|failure| match failure {
                Failure::Late => busy("the Kafka broker of the search index didn't answer in time"),
                Failure::Refused(_) => {
                    busy("the Kafka broker of the search index takes no messages")
                }
                Failure::TooLarge(error) => StoreError::backend(
                    "announce index keys: the broker's message.max.bytes is below max.request.size",
                )(Box::new(error)),
            })
        })
    }
}

fn busy(reason: &'static str) -> StoreError {
    StoreError::Busy { reason, retry_after: REST }
}

impl Publisher {
    fn note(&self, outcome: &Result<(), Failure>, announcements: usize, took: Duration) {
        let worked = matches!(outcome, Ok(()) | Err(Failure::TooLarge(_)));
        match self.breaker.note(worked) {
            Some(Turn::Opened) => {
                let why = match outcome {
                    Err(Failure::Refused(error)) => error.to_string(),
                    _ => "no answer in time".to_owned(),
                };
                tracing::warn!("the Kafka broker is taken to be down: {why}");
            }
            Some(Turn::Closed) => tracing::info!("the Kafka broker answers again"),
            None => {}
        }
        let reason = match outcome {
            Ok(()) => {
                metrics::counter!("cresset_index_published_total").increment(announcements as u64);
                metrics::histogram!("cresset_index_publish_seconds").record(took.as_secs_f64());
                return;
            }
            Err(Failure::Late) => "late",
            Err(Failure::Refused(_)) => "broker",
            Err(Failure::TooLarge(_)) => "size",
        };
        metrics::counter!("cresset_index_publish_failures_total", "reason" => reason).increment(1);
    }
}
