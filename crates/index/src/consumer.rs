//! Taking announcements to the database: members of a consumer group.

mod context;
mod counters;
mod enter;
mod follow;
mod item;
mod process;
mod progress;
mod sets;
#[cfg(test)]
mod tests;
mod waiting;

pub use counters::{Counters, Lag, Tally};

use crate::topic::{self, TopicError};
use context::Context;
use cresset_store::Indexer;
use follow::Follower;
use process::Processor;
use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

/// How long what is being entered may take once nothing more is taken.
const LAST: Duration = Duration::from_secs(5);

/// How announcements are taken.
#[derive(Clone)]
pub struct Settings {
    /// How the broker is reached.
    pub client: ClientConfig,
    /// Where they come from.
    pub topic: String,
    /// Who shares the work.
    pub group: String,
    /// Whose announcements are meant.
    pub instance: String,
    /// How long an announcement may wait for its version, and a part for the others.
    pub max_ready_time: Duration,
    /// Records that are entered together.
    pub batch_records: usize,
    /// Bytes of them.
    pub batch_bytes: usize,
    /// How long a batch waits for more.
    pub linger: Duration,
    /// Records that are taken before others of them have been entered.
    pub most_waiting: usize,
    /// Bytes of them.
    pub most_waiting_bytes: usize,
}

impl Settings {
    /// With batches of up to 1,000 records, and 65 seconds for what comes early.
    pub fn new(client: ClientConfig, topic: &str, group: &str, instance: &str) -> Self {
        Self {
            client,
            topic: topic.to_owned(),
            group: group.to_owned(),
            instance: instance.to_owned(),
            max_ready_time: Duration::from_secs(65),
            batch_records: 1000,
            batch_bytes: 16 << 20,
            linger: Duration::from_millis(10),
            most_waiting: 50_000,
            most_waiting_bytes: 256 << 20,
        }
    }

    /// What librdkafka is told: what was configured, then what our guarantees rest on.
    fn config(&self) -> ClientConfig {
        let mut config = self.client.clone();
        // What is logged is up to the log's own settings.
        config.set_log_level(RDKafkaLogLevel::Info);
        for (name, value) in [
            // A group that is new has everything before it.
            ("auto.offset.reset", "earliest"),
            ("statistics.interval.ms", "1000"),
            ("queued.max.messages.kbytes", "16384"),
        ] {
            if config.get(name).is_none() {
                config.set(name, value);
            }
        }
        config.set("group.id", &self.group);
        config.set("enable.auto.commit", "false").set("enable.auto.offset.store", "false");
        config
    }
}

/// What a member's parts have in common.
struct Shared {
    member: usize,
    settings: Settings,
    counters: Arc<Counters>,
    progress: Mutex<progress::Progress>,
    /// Bytes of records that were taken and aren't done with.
    bytes: AtomicUsize,
    stop: watch::Receiver<bool>,
}

impl Shared {
    fn progress(&self) -> MutexGuard<'_, progress::Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it has been told to end, or nobody is there any more to tell.
    fn stops(&self) -> bool {
        *self.stop.borrow() || self.stop.has_changed().is_err()
    }

    /// Whether nothing more should be taken for the moment.
    fn is_crowded(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.settings.most_waiting_bytes
            || self.progress().open() > self.settings.most_waiting
    }
}

/// One member of a consumer group.
pub struct Consumer {
    settings: Settings,
    indexer: Arc<dyn Indexer>,
    counters: Arc<Counters>,
}

impl Consumer {
    /// One that enters what it takes with `indexer`, and counts.
    pub fn new(settings: Settings, indexer: Arc<dyn Indexer>, counters: Arc<Counters>) -> Self {
        Self { settings, indexer, counters }
    }

    /// Takes announcements until `stop` says so or is gone; then what was taken is finished, its place
    /// kept, and the group left.
    ///
    /// # Errors
    /// [`TopicError`] when there is no such topic, or the client can't go on.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), TopicError> {
        let topic = self.settings.topic.clone();
        let shared = Arc::new(Shared {
            member: self.counters.join(),
            settings: self.settings,
            counters: self.counters,
            progress: Mutex::default(),
            bytes: AtomicUsize::new(0),
            stop,
        });
        let config = shared.settings.config();
        let context = Context::new(Arc::clone(&shared));
        let client: BaseConsumer<Context> =
            config.create_with_context(context).map_err(TopicError::client)?;
        let client = Arc::new(client);
        let asked = Arc::clone(&client);
        topic::partitions(topic.clone(), move |t, p| asked.fetch_metadata(Some(t), p)).await?;
        client.subscribe(&[&topic]).map_err(TopicError::client)?;
        let (sender, receiver) = mpsc::channel(1);
        let processor = Processor::new(Arc::clone(&shared), self.indexer);
        let mut processing = tokio::spawn(processor.run(receiver));
        let follower = Follower::new(client, Arc::clone(&shared), sender);
        let ended =
            |error: tokio::task::JoinError| TopicError::Ended(topic.clone(), error.to_string());
        // Its waits aren't for the runtime's threads.
        let followed = tokio::task::spawn_blocking(|| follower.run()).await;
        let outcome = followed.map_err(&ended);
        match tokio::time::timeout(LAST, &mut processing).await {
            Ok(processed) => processed.map_err(ended)?,
            Err(_) => {
                // Its places stay where they are: whoever comes next enters it.
                tracing::warn!("announcements are left to the next member: the database hangs");
                processing.abort();
            }
        }
        shared.counters.leave(shared.member);
        outcome?
    }
}

/// Runs so many members in this process, until `stop` says so or is gone. When one can't go on all end.
///
/// # Errors
/// [`TopicError`] of the first that couldn't go on.
pub async fn run(
    settings: Settings,
    indexer: Arc<dyn Indexer>,
    consumers: usize,
    counters: Arc<Counters>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), TopicError> {
    let (ending, ends) = watch::channel(false);
    let mut members = JoinSet::new();
    for _ in 0..consumers.max(1) {
        let consumer = Consumer::new(settings.clone(), Arc::clone(&indexer), Arc::clone(&counters));
        members.spawn(consumer.run(ends.clone()));
    }
    let mut outcome = Ok(());
    let mut told = false;
    loop {
        tokio::select! {
            _ = stop.wait_for(|stops| *stops), if !told => told = true,
            ended = members.join_next() => match ended {
                None => return outcome,
                Some(Ok(Ok(()))) => {}
                Some(Ok(Err(error))) => outcome = outcome.and(Err(error)),
                Some(Err(error)) => {
                    let error = TopicError::Ended(settings.topic.clone(), error.to_string());
                    outcome = outcome.and(Err(error));
                }
            },
        }
        if told || outcome.is_err() {
            ending.send_replace(true);
        }
    }
}
