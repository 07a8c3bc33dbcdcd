//! The last step: changes and the mark that tells of them, in one commit.

use crate::error::CopyError;
use crate::mark::Mark;
use crate::prepare::Prepared;
use crate::side::Side;
use cresset_store::{ReplicaBatch, Seq};

/// Writes to the target.
#[derive(Debug)]
pub(crate) struct Writer {
    to: Side,
    /// The place of the target's own sequence.
    seq: Seq,
}

impl Writer {
    pub(crate) fn new(to: Side, seq: Seq) -> Self {
        Self { to, seq }
    }

    /// Writes a chunk durably.
    pub(crate) async fn write(&mut self, prepared: Prepared) -> Result<(), CopyError> {
        let most = prepared.replicas.len() as u64;
        let mark = Mark { cursor: prepared.cursor, before: self.seq, most };
        let batch = ReplicaBatch { replicas: prepared.replicas, bookmarks: vec![mark.bookmark()] };
        let committed = self.to.store.replicate(&self.to.scope, batch).await;
        let committed = committed.map_err(CopyError::at(&self.to.place))?;
        let entered = committed.written.iter().filter(|written| written.kind.is_some()).count();
        let left = Seq(self.seq.0 + entered as u64);
        if committed.seq != left {
            let place = self.to.place.clone();
            return Err(CopyError::WrittenTo { place, found: committed.seq, left });
        }
        self.seq = left;
        Ok(())
    }
}
