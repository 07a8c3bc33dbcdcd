//! Following the topic, on a thread of its own: the client is polled whatever the database does.

use super::Shared;
use super::context::{Context, commit};
use super::item::Taken;
use crate::topic::TopicError;
use rdkafka::Message as _;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;

/// How long a poll waits where nothing else is to be done.
const POLL: Duration = Duration::from_millis(50);
/// How long a full batch waits for its turn before the partitions are paused: pausing drops what was
/// fetched ahead.
const TURN: Duration = Duration::from_secs(1);
/// How often places are kept.
const COMMIT: Duration = Duration::from_millis(100);
/// How long the end may take.
const END: Duration = Duration::from_secs(30);

/// Takes records, and hands them over in batches; nothing is the end.
pub(super) struct Follower {
    consumer: Arc<BaseConsumer<Context>>,
    shared: Arc<Shared>,
    sender: Sender<Option<Vec<Taken>>>,
    batch: Vec<Taken>,
    is_paused: bool,
    committed: Instant,
}

impl Follower {
    pub(super) fn new(
        consumer: Arc<BaseConsumer<Context>>,
        shared: Arc<Shared>,
        sender: Sender<Option<Vec<Taken>>>,
    ) -> Self {
        let (batch, committed) = (Vec::new(), Instant::now());
        Self { consumer, shared, sender, batch, is_paused: false, committed }
    }

    /// Follows until it is told to end.
    pub(super) fn run(mut self) -> Result<(), TopicError> {
        while !self.shared.stops() {
            if !self.batch.is_empty() || self.shared.is_crowded() {
                self.pause();
                self.poll(POLL)?;
            } else {
                self.resume();
                self.gather()?;
            }
            self.hand_over()?;
            if self.committed.elapsed() >= COMMIT {
                commit(&self.consumer, &self.shared, CommitMode::Async);
                self.committed = Instant::now();
            }
        }
        self.end()
    }

    /// Takes what is there, and for a moment what comes.
    fn gather(&mut self) -> Result<(), TopicError> {
        if !self.poll(POLL)? {
            return Ok(());
        }
        let until = Instant::now() + self.shared.settings.linger;
        let mut bytes = 0;
        loop {
            bytes += self.batch.last().map_or(0, |taken| taken.payload.len());
            let settings = &self.shared.settings;
            if self.batch.len() >= settings.batch_records || bytes >= settings.batch_bytes {
                return Ok(());
            }
            if !self.poll(until.saturating_duration_since(Instant::now()))? {
                return Ok(());
            }
        }
    }

    /// Takes one record if there is one.
    fn poll(&mut self, patience: Duration) -> Result<bool, TopicError> {
        match self.consumer.poll(patience) {
            None => Ok(false),
            Some(Ok(record)) => {
                let payload = record.payload().unwrap_or_default();
                let (partition, offset) = (record.partition(), record.offset());
                self.batch.push(Taken::new(&self.shared, partition, offset, payload));
                Ok(true)
            }
            Some(Err(error)) => {
                if let Some((code, reason)) = self.consumer.client().fatal_error() {
                    let reason = format!("{code}: {reason}");
                    return Err(TopicError::Ended(self.shared.settings.topic.clone(), reason));
                }
                tracing::warn!("no announcements for the moment: {error}");
                Ok(false)
            }
        }
    }

    /// Hands the batch over, if it is its turn within a moment.
    fn hand_over(&mut self) -> Result<(), TopicError> {
        let until = Instant::now() + TURN;
        while !self.batch.is_empty() {
            match self.sender.try_send(Some(std::mem::take(&mut self.batch))) {
                Ok(()) => {}
                Err(TrySendError::Full(batch)) => {
                    self.batch = batch.unwrap_or_default();
                    if self.is_paused || self.shared.stops() || Instant::now() >= until {
                        return Ok(());
                    }
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err(TrySendError::Closed(_)) => return Err(self.deserted()),
            }
        }
        Ok(())
    }

    fn deserted(&self) -> TopicError {
        let topic = self.shared.settings.topic.clone();
        TopicError::Ended(topic, "nobody enters what it takes".to_owned())
    }

    /// Each time: partitions that came in the meantime aren't paused.
    fn pause(&mut self) {
        self.is_paused = true;
        let paused = self.consumer.assignment().and_then(|all| self.consumer.pause(&all));
        if let Err(error) = paused {
            tracing::warn!("partitions go on that should pause: {error}");
        }
    }

    fn resume(&mut self) {
        if !self.is_paused {
            return;
        }
        let resumed = self.consumer.assignment().and_then(|all| self.consumer.resume(&all));
        match resumed {
            Ok(()) => self.is_paused = false,
            Err(error) => tracing::warn!("partitions pause that should go on: {error}"),
        }
    }

    /// Lets everything that was taken be finished, and keeps the places.
    fn end(mut self) -> Result<(), TopicError> {
        let until = Instant::now() + END;
        let mut is_told = false;
        while !self.sender.is_closed() && Instant::now() < until {
            self.pause();
            self.poll(POLL)?;
            self.hand_over()?;
            is_told |= !is_told && self.batch.is_empty() && self.sender.try_send(None).is_ok();
            if is_told {
                // What comes now is left to the next member.
                self.batch.clear();
            }
        }
        commit(&self.consumer, &self.shared, CommitMode::Sync);
        Ok(())
    }
}
