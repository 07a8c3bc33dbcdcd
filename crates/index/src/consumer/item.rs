//! What goes from the topic to the database.

use super::Shared;
use super::progress::Ticket;
use crate::message::Message;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::time::Instant;

/// A record as it was taken.
pub(super) struct Taken {
    pub(super) ticket: Ticket,
    pub(super) payload: Vec<u8>,
    pub(super) since: Instant,
    shared: Arc<Shared>,
}

impl Taken {
    pub(super) fn new(shared: &Arc<Shared>, partition: i32, offset: i64, payload: &[u8]) -> Self {
        shared.bytes.fetch_add(payload.len(), Ordering::Relaxed);
        let ticket = shared.progress().take(partition, offset);
        let (payload, since) = (payload.to_vec(), Instant::now());
        Self { ticket, payload, since, shared: Arc::clone(shared) }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.shared.bytes.fetch_sub(self.payload.len(), Ordering::Relaxed);
    }
}

/// A message with the records that it came in.
pub(super) struct Item {
    pub(super) message: Message,
    pub(super) records: Vec<Taken>,
}

impl Item {
    /// When the first of its records was taken.
    pub(super) fn since(&self) -> Option<Instant> {
        self.records.iter().map(|record| record.since).min()
    }
}
