//! Puts prepared chunks in order and gathers them for commits.

use super::chunk::{PreparedChunk, PreparedEntry};
use super::committer::Committer;
use super::importer::Summary;
use crate::failure::CommandFailure;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use tokio::task::JoinHandle;

/// Resources in one commit at most: the more, the more often neighbours in the index are written
/// together. A small import has smaller ones, so that packing and committing overlap.
const BATCH: usize = 100_000;
/// Resources in one commit of many at least.
const LEAST_BATCH: usize = 500;
/// Resources in the first commit.
const FIRST_BATCH: usize = 8_000;
/// Bytes of packed bodies and index keys in one commit; the next one is gathered meanwhile.
const BATCH_BYTES: usize = 44 << 20;
/// A commit that takes longer is followed by smaller ones: where bodies go to an object store, one must
/// begin within minutes of its first put.
const SLOW: Duration = Duration::from_secs(10);

/// The end of the pipeline.
pub(crate) struct Loader {
    gathered: Vec<Gathered>,
    bytes: usize,
    /// Resources in this commit.
    batch: usize,
    /// Commits what was gathered before, and comes back.
    committing: JoinHandle<Result<Committed, CommandFailure>>,
}

/// A commit that is done.
struct Committed {
    committer: Committer,
    took: Duration,
}

/// An entry and where it stood.
pub(crate) struct Gathered {
    pub(crate) source: Arc<str>,
    pub(crate) entry: PreparedEntry,
}

impl Loader {
    pub(crate) fn new(committer: Committer) -> Self {
        let done = Committed { committer, took: Duration::ZERO };
        let committing = tokio::spawn(async move { Ok(done) });
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
        self.flush().await?.committing.await??.committer.finish()
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
        let Committed { committer, took } = self.committing.await??;
        let committing = tokio::spawn(async move {
            let begun = Instant::now();
            let committer = committer.commit(self.gathered).await?;
            Ok(Committed { committer, took: begun.elapsed() })
        });
        let batch = following(self.batch, took);
        Ok(Self { gathered: Vec::new(), bytes: 0, batch, committing })
    }
}

/// How many resources come into a commit after one that took so long.
fn following(batch: usize, took: Duration) -> usize {
    if took > SLOW { (batch / 2).max(LEAST_BATCH) } else { (batch * 3 / 2).min(BATCH) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_grow_until_they_are_slow() {
        let mut batch = FIRST_BATCH;
        for _ in 0..20 {
            batch = following(batch, Duration::from_secs(1));
        }
        assert_eq!(batch, BATCH);
        for _ in 0..20 {
            batch = following(batch, Duration::from_secs(60));
        }
        assert_eq!(batch, LEAST_BATCH);
    }
}
