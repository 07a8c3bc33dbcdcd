//! The last step: changes and the mark that tells of them, in one commit.

use crate::error::CopyError;
use crate::mark::Mark;
use crate::prepare::Prepared;
use crate::side::Side;
use cresset_store::{ReplicaBatch, Seq, StoreError};
use std::time::Duration;

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

    /// Writes a chunk durably, if the target is as this copy left it.
    pub(crate) async fn write(&mut self, prepared: Prepared) -> Result<(), CopyError> {
        let most = prepared.replicas.len() as u64;
        let mark = Mark { cursor: prepared.cursor, before: self.seq, most };
        let batch = ReplicaBatch {
            after: Some(self.seq),
            replicas: prepared.replicas,
            bookmarks: vec![mark.bookmark()],
            deadline: None,
        };
        let committed = self.to.store.replicate(&self.to.scope, batch).await.map_err(overtaken);
        self.seq = committed.map_err(CopyError::at(&self.to.place))?.seq;
        Ok(())
    }
}

/// Somebody was quicker. When it was the last commit of a copy that was killed, or another copy of the
/// same source, this one goes on after it; what it was, the mark tells.
pub(crate) fn overtaken(error: StoreError) -> StoreError {
    let reason = "another one wrote to the target";
    match error {
        StoreError::Guard(_) => StoreError::Busy { reason, retry_after: Duration::ZERO },
        other => other,
    }
}
