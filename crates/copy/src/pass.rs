//! One way along the source's changes: reading, extracting and writing at the same time.

use crate::error::CopyError;
use crate::explained::Unexplained;
use crate::prepare::{Prepared, prepare};
use crate::read::{Chunk, Reader};
use crate::rules::Rules;
use crate::write::Writer;
use cresset_store::{ReplicaState, Seq};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// What a pass goes from and to.
pub(crate) struct Pass<'p> {
    pub(crate) reader: Reader,
    pub(crate) rules: &'p mut Rules,
    pub(crate) writer: Writer,
    pub(crate) unexplained: &'p mut Unexplained,
    /// Where to end.
    pub(crate) until: Seq,
}

/// A chunk that was written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wrote {
    pub(crate) seq: Seq,
    pub(crate) changes: u64,
    pub(crate) unindexed: u64,
}

impl Pass<'_> {
    /// Takes all changes over, `until` there; `wrote` is told of each chunk. What one step makes
    /// waits for the next one's hands, so that few chunks are in memory.
    pub(crate) async fn run(self, mut wrote: impl FnMut(Wrote)) -> Result<(), CopyError> {
        let Self { mut reader, rules, mut writer, unexplained, until } = self;
        let (chunks, mut read) = channel::<Chunk>(1);
        let (ready, mut prepared) = channel::<Prepared>(1);
        let reading = async {
            while let Some(chunk) = reader.next().await? {
                note(unexplained, &chunk);
                let seq = chunk.cursor.seq;
                if chunks.send(chunk).await.is_err() || seq >= until {
                    break;
                }
            }
            drop(chunks);
            Ok(())
        };
        let preparing = prepare_all(rules, &mut read, ready);
        let writing = async {
            while let Some(chunk) = prepared.recv().await {
                let (seq, unindexed) = (chunk.cursor.seq, chunk.unindexed);
                let changes = chunk.replicas.len() as u64;
                writer.write(chunk).await?;
                wrote(Wrote { seq, changes, unindexed });
            }
            Ok(())
        };
        tokio::try_join!(reading, preparing, writing).map(|_| ())
    }
}

async fn prepare_all(
    rules: &mut Rules,
    read: &mut Receiver<Chunk>,
    ready: Sender<Prepared>,
) -> Result<(), CopyError> {
    while let Some(chunk) = read.recv().await {
        let registry = rules.in_force(&chunk).await?;
        let prepared = tokio::task::spawn_blocking(move || prepare(&registry, chunk)).await;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        };
        if ready.send(prepared).await.is_err() {
            break;
        }
    }
    Ok(())
}

fn note(unexplained: &mut Unexplained, chunk: &Chunk) {
    for (change, state) in &chunk.changes {
        unexplained.change(&change.key, change.kind);
        if *state == ReplicaState::Gone {
            unexplained.gone(&change.key);
        }
    }
}
