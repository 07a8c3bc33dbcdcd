//! Puts prepared chunks in order and gathers them for commits.

use super::chunk::{PreparedChunk, PreparedEntry};
use super::committer::Committer;
use super::importer::Summary;
use crate::failure::CommandFailure;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// Resources in one commit at most: the more, the more often neighbours in the index are written
/// together. A small import has smaller ones, so that packing and committing overlap.
const BATCH: usize = 100_000;
/// Resources in the first commit.
const FIRST_BATCH: usize = 8_000;
/// Bytes of packed bodies and index keys in one commit; the next one is gathered meanwhile.
const BATCH_BYTES: usize = 44 << 20;

/// The end of the pipeline.
pub(crate) struct Loader {
    gathered: Vec<Gathered>,
    bytes: usize,
    /// Resources in this commit.
    batch: usize,
    /// Commits what was gathered before, and comes back.
    committing: JoinHandle<Result<Committer, CommandFailure>>,
}

/// An entry and where it stood.
pub(crate) struct Gathered {
    pub(crate) source: Arc<str>,
    pub(crate) entry: PreparedEntry,
}

impl Loader {
    pub(crate) fn new(committer: Committer) -> Self {
        let committing = tokio::spawn(async move { Ok(committer) });
        Self { gathered: Vec::new(), bytes: 0, batch: FIRST_BATCH, committing }
    }

    /// Loads all chunks, in the order of their numbers.
    pub(crate) async fn run(
        mut self,
        mut prepared: Receiver<PreparedChunk>,
    ) -> Result<Summary, CommandFailure> {
        let mut early: BTreeMap<u64, PreparedChunk> = BTreeMap::new();
        let mut next = 0;
        while let Some(chunk) = prepared.recv().await {
            early.insert(chunk.number, chunk);
            while let Some(chunk) = early.remove(&next) {
                next += 1;
                self.gather(chunk);
                if self.gathered.len() >= self.batch || self.bytes >= BATCH_BYTES {
                    self = self.flush().await?;
                }
            }
        }
        self.flush().await?.committing.await??.finish()
    }

    fn gather(&mut self, chunk: PreparedChunk) {
        for entry in chunk.entries {
            if let Ok(prepared) = &entry.outcome {
                self.bytes += prepared.payload.as_kept().len() + prepared.index.size();
            }
            self.gathered.push(Gathered { source: Arc::clone(&chunk.source), entry });
        }
    }

    /// Hands over what was gathered, once the commit before it is done.
    async fn flush(self) -> Result<Self, CommandFailure> {
        let committer = self.committing.await??;
        let committing = tokio::spawn(committer.commit(self.gathered));
        let batch = (self.batch * 3 / 2).min(BATCH);
        Ok(Self { gathered: Vec::new(), bytes: 0, batch, committing })
    }
}
