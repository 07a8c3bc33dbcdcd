//! Bodies of a commit under the names that they got: all of them are there before it, and none stays that
//! no row tells of.

use crate::blob_name::BlobName;
use crate::offload::Inner;
use cresset_store::*;
use futures::{FutureExt, StreamExt, TryStreamExt};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Bodies of one commit on their way at once.
const TOGETHER: usize = 32;
/// How long an answer waits for a refused commit's bodies to be taken away; that goes on after it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body of a commit.
pub(crate) struct Body {
    /// The place of its write in the batch.
    pub(crate) write: usize,
    pub(crate) key: Key,
    pub(crate) payload: Payload,
    /// Every name under which it may be in the container.
    tried: Vec<String>,
    /// Where it is.
    put: Option<Put>,
}

/// A body that is in the container.
struct Put {
    version: Version,
    payload_key: Uuid,
    /// What the row holds.
    reference: Payload,
}

impl Body {
    pub(crate) fn new(write: usize, key: Key, payload: Payload) -> Self {
        Self { write, key, payload, tried: Vec::new(), put: None }
    }

    /// What its row holds, once it is put.
    pub(crate) fn reference(&self) -> Option<&Payload> {
        self.put.as_ref().map(|put| &put.reference)
    }

    /// Whether it is put as this version.
    fn is(&self, version: Version) -> bool {
        self.put.as_ref().is_some_and(|put| put.version == version)
    }

    /// The names under which nobody will look for it: all of them if its row wasn't written.
    pub(crate) fn unneeded(mut self, is_written: bool) -> Vec<String> {
        if is_written {
            // The last one is where it is.
            self.tried.pop();
        }
        self.tried
    }
}

impl Inner {
    /// Puts the bodies that aren't there yet as these versions.
    pub(crate) async fn put_all(
        &self,
        scope: &Scope,
        bodies: &mut [Body],
        versions: &[Version],
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        deadline.check()?;
        let prefix = self.prefix(scope.collection());
        let mut waiting = Vec::new();
        for (body, version) in bodies.iter_mut().zip(versions) {
            if body.is(*version) {
                continue;
            }
            let (key, version, payload_key) = (body.key.clone(), *version, Uuid::new_v4());
            let name = format!("{prefix}{}", BlobName { key, version, payload_key });
            body.put = None;
            body.tried.push(name.clone());
            waiting.push(self.put(body, version, payload_key, name).boxed());
        }
        let put = futures::stream::iter(waiting);
        let put = put.buffer_unordered(TOGETHER).try_collect::<()>();
        tokio::time::timeout(deadline.left(), put).await.unwrap_or_else(|_| Err(deadline.passed()))
    }

    async fn put(
        &self,
        body: &mut Body,
        version: Version,
        payload_key: Uuid,
        name: String,
    ) -> Result<(), StoreError> {
        let (text, reference) = body.payload.offload(version, payload_key.into_bytes())?;
        self.container.put(&name, text).await?;
        body.put = Some(Put { version, payload_key, reference });
        Ok(())
    }

    /// Looks after the bodies of a commit that began in time and took very long: a reconcile may have
    /// judged them meanwhile. They are put again where they are gone, before anybody is told.
    pub(crate) async fn restore(&self, bodies: &[Body]) -> Result<(), StoreError> {
        tracing::warn!(
            bodies = bodies.len(),
            "a commit took longer than its deadline: looking for its bodies"
        );
        for body in bodies {
            let (Some(put), Some(name)) = (&body.put, body.tried.last()) else { continue };
            let again = async {
                if !self.container.has(name).await? {
                    let key = put.payload_key.into_bytes();
                    let (text, _) = body.payload.offload(put.version, key)?;
                    self.container.put(name, text).await?;
                }
                Ok::<_, StoreError>(())
            };
            // It is committed: what can't be looked at now is told by reconcile and verify.
            again.await.map_err(|_| StoreError::InDoubt)?;
        }
        Ok(())
    }

    /// What was just written is read soon.
    pub(crate) async fn keep(&self, bodies: &[Body]) {
        for body in bodies {
            if let Some(put) = &body.put {
                self.cache.put(put.payload_key, body.payload.clone()).await;
            }
        }
    }

    /// Takes away what a commit put, unless nobody knows whether it was written.
    pub(crate) async fn undo(self: &Arc<Self>, error: &StoreError, bodies: Vec<Body>) {
        if let StoreError::InDoubt = error {
            tracing::warn!(
                blobs = bodies.len(),
                "a commit in doubt leaves its bodies: reconcile looks after them"
            );
            return;
        }
        fail_point("offload-before-discard");
        self.discard(bodies.into_iter().flat_map(|body| body.unneeded(false)).collect()).await;
    }

    /// Takes blobs away that no row tells of. What can't be taken away is an orphan, which reconcile
    /// finds.
    pub(crate) async fn discard(self: &Arc<Self>, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let inner = Arc::clone(self);
        let work = tokio::spawn(async move {
            let (deleted, _) = inner.container.delete_all(&names).await;
            let failed = names.len() as u64 - deleted;
            metrics::counter!("cresset_payload_orphans_total").increment(failed);
            if failed > 0 {
                tracing::warn!(
                    blobs = failed,
                    "bodies without a row stay: reconcile takes them away"
                );
            }
        });
        // An answer isn't kept waiting for a store that is down.
        drop(tokio::time::timeout(PATIENCE, work).await);
    }
}
