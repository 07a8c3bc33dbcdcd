//! Bodies go out before their rows commit; what a refused commit had put is taken away.

use crate::blob_name::BlobName;
use crate::offload::Inner;
use cresset_store::*;
use futures::{FutureExt, StreamExt, TryStreamExt};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Bodies of one commit on their way at once.
const TOGETHER: usize = 32;
/// How long an answer waits for a refused commit's bodies to be taken away; that goes on after it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body of a commit.
struct Body {
    /// The place of its write in the batch.
    write: usize,
    key: Key,
    payload: Payload,
}

/// A body under its name.
struct Put {
    version: Version,
    payload_key: Uuid,
    name: String,
    /// What the row holds, once the body is there.
    reference: Payload,
}

impl Inner {
    pub(crate) async fn commit(
        self: &Arc<Self>,
        scope: &Scope,
        mut batch: Batch,
    ) -> Result<Committed, StoreError> {
        batch.writes.iter().try_for_each(|write| scope.may_write(write.key.resource_type))?;
        if let Some(write) = batch.twice() {
            return Err(StoreError::Conflict { write, conflict: Conflict::Twice });
        }
        let bodies = self.bodies(&batch)?;
        if bodies.is_empty() {
            return self.store.commit(scope, batch).await;
        }
        let deadline = *batch.deadline.get_or_insert(Deadline::after(self.settings.deadline));
        deadline.check()?;
        let _turns = self.in_turn(bodies.iter().map(|body| &body.key)).await;
        let mut versions = self.expected_versions(scope, &batch, &bodies).await?;
        let mut puts: Vec<Option<Put>> = bodies.iter().map(|_| None).collect();
        loop {
            self.put_all(scope, &bodies, &versions, &mut puts, deadline).await?;
            for (body, put) in bodies.iter().zip(&puts) {
                let write = &mut batch.writes[body.write];
                if let (Action::Put { payload, .. }, Some(put)) = (&mut write.action, put) {
                    *payload = put.reference.clone();
                }
            }
            fail_point("offload-before-commit");
            match self.store.commit(scope, batch.clone()).await {
                Ok(committed) => {
                    fail_point("offload-after-commit");
                    if deadline.left().is_zero() {
                        self.restore(&bodies, &puts).await?;
                    }
                    self.keep(bodies, puts).await;
                    return Ok(committed);
                }
                Err(StoreError::Conflict { conflict: Conflict::Numbered { .. }, .. }) => {
                    deadline.check()?;
                    let keys: Vec<Key> = bodies.iter().map(|body| body.key.clone()).collect();
                    versions = self.store.next_versions(scope, &keys).await?;
                }
                Err(error) => return Err(self.undo(error, puts).await),
            }
        }
    }

    /// Looks after the bodies of a commit that began in time and took very long: a reconcile may have
    /// judged them meanwhile. They are put again where they are gone, before anybody is told.
    async fn restore(&self, bodies: &[Body], puts: &[Option<Put>]) -> Result<(), StoreError> {
        tracing::warn!(
            bodies = puts.len(),
            "a commit took longer than its deadline: looking for its bodies"
        );
        for (body, put) in bodies.iter().zip(puts) {
            let Some(put) = put else { continue };
            // It is committed: what can't be looked at now is told by reconcile and verify.
            let is_there = self.container.has(&put.name).await.map_err(|_| StoreError::InDoubt)?;
            if !is_there {
                let key = put.payload_key.into_bytes();
                let (text, _) = body.payload.offload(put.version, key)?;
                self.container.put(&put.name, text).await.map_err(|_| StoreError::InDoubt)?;
            }
        }
        Ok(())
    }

    /// The bodies of a batch, none too long.
    fn bodies(&self, batch: &Batch) -> Result<Vec<Body>, StoreError> {
        let mut bodies = Vec::with_capacity(batch.writes.len());
        for (write, next) in batch.writes.iter().enumerate() {
            let Action::Put { payload, .. } = &next.action else { continue };
            self.require_short(write, payload)?;
            bodies.push(Body { write, key: next.key.clone(), payload: payload.clone() });
        }
        Ok(bodies)
    }

    fn require_short(&self, write: usize, payload: &Payload) -> Result<(), StoreError> {
        let (bytes, limit) = (payload.text_length()?, self.settings.longest);
        if bytes > limit { Err(StoreError::TooLarge { write, bytes, limit }) } else { Ok(()) }
    }

    /// The versions that the bodies will become, if nobody is quicker. Most preconditions tell.
    async fn expected_versions(
        &self,
        scope: &Scope,
        batch: &Batch,
        bodies: &[Body],
    ) -> Result<Vec<Version>, StoreError> {
        let told = |body: &Body| match batch.writes[body.write].precondition {
            Precondition::Unknown => Some(Version::FIRST),
            Precondition::Version(version) => Some(version.next()),
            _ => None,
        };
        if let Some(versions) = bodies.iter().map(told).collect() {
            return Ok(versions);
        }
        let keys: Vec<Key> = bodies.iter().map(|body| body.key.clone()).collect();
        self.store.next_versions(scope, &keys).await
    }

    /// Puts the bodies that aren't there yet under these versions. When that fails, none stays.
    async fn put_all(
        self: &Arc<Self>,
        scope: &Scope,
        bodies: &[Body],
        versions: &[Version],
        puts: &mut Vec<Option<Put>>,
        deadline: Deadline,
    ) -> Result<(), StoreError> {
        let prefix = self.prefix(scope.collection());
        let mut stale = Vec::new();
        let mut waiting = Vec::new();
        for (at, (body, version)) in bodies.iter().zip(versions).enumerate() {
            if puts[at].as_ref().is_some_and(|put| put.version == *version) {
                continue;
            }
            let payload_key = Uuid::new_v4();
            let (key, version) = (body.key.clone(), *version);
            let name = format!("{prefix}{}", BlobName { key, version, payload_key });
            let put = Put { version, payload_key, name, reference: body.payload.clone() };
            stale.extend(puts[at].replace(put));
            waiting.push(at);
        }
        self.discard(stale.into_iter().map(|put| put.name).collect()).await;
        let put = waiting.into_iter().map(|at| {
            let (body, put) = (&bodies[at], puts[at].as_ref());
            async move {
                let Some(put) = put else { return Ok((at, None)) };
                let key = put.payload_key.into_bytes();
                let (text, reference) = body.payload.offload(put.version, key)?;
                self.container.put(&put.name, text).await?;
                Ok::<_, StoreError>((at, Some(reference)))
            }
            .boxed()
        });
        let put = futures::stream::iter(put.collect::<Vec<_>>());
        let put = put.buffer_unordered(TOGETHER).try_collect::<Vec<_>>();
        let outcome = match tokio::time::timeout(deadline.left(), put).await {
            Ok(outcome) => outcome,
            Err(_) => Err(deadline.passed()),
        };
        match outcome {
            Ok(references) => {
                for (at, reference) in references {
                    if let (Some(put), Some(reference)) = (&mut puts[at], reference) {
                        put.reference = reference;
                    }
                }
                Ok(())
            }
            Err(error) => Err(self.undo(error, std::mem::take(puts)).await),
        }
    }

    /// Takes away what a commit put, unless nobody knows whether it was written.
    async fn undo(
        self: &Arc<Self>,
        error: StoreError,
        puts: impl IntoIterator<Item = Option<Put>>,
    ) -> StoreError {
        let names: Vec<String> = puts.into_iter().flatten().map(|put| put.name).collect();
        if let StoreError::InDoubt = error {
            tracing::warn!(
                blobs = names.len(),
                "a commit in doubt leaves its bodies: reconcile looks after them"
            );
            return error;
        }
        fail_point("offload-before-discard");
        self.discard(names).await;
        error
    }

    /// Takes blobs away that no row tells of. What can't be taken away is an orphan, which reconcile
    /// finds.
    pub(crate) async fn discard(self: &Arc<Self>, names: Vec<String>) {
        if names.is_empty() {
            return;
        }
        let inner = Arc::clone(self);
        let work = tokio::spawn(async move {
            let deletions = names.iter().map(|name| inner.container.delete(name).boxed());
            let deletions: Vec<_> = deletions.collect();
            let failed = futures::stream::iter(deletions)
                .buffer_unordered(TOGETHER)
                .fold(0u64, |failed, outcome| async move { failed + u64::from(outcome.is_err()) })
                .await;
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

    /// What was just written is read soon.
    async fn keep(&self, bodies: Vec<Body>, puts: Vec<Option<Put>>) {
        for (body, put) in bodies.into_iter().zip(puts) {
            if let Some(put) = put {
                self.cache.put(put.payload_key, body.payload).await;
            }
        }
    }

    pub(crate) async fn replicate(
        self: &Arc<Self>,
        scope: &Scope,
        mut batch: ReplicaBatch,
    ) -> Result<Committed, StoreError> {
        let types = batch.replicas.iter().map(|replica| replica.key.resource_type);
        types.into_iter().try_for_each(|resource_type| scope.may_write(resource_type))?;
        let (mut bodies, mut versions) = (Vec::new(), Vec::new());
        for (write, replica) in batch.replicas.iter().enumerate() {
            let ReplicaState::Live(payload) = &replica.state else { continue };
            self.require_short(write, payload)?;
            bodies.push(Body { write, key: replica.key.clone(), payload: payload.clone() });
            versions.push(replica.version);
        }
        let deadline = *batch.deadline.get_or_insert(Deadline::after(self.settings.deadline));
        deadline.check()?;
        let mut puts: Vec<Option<Put>> = bodies.iter().map(|_| None).collect();
        self.put_all(scope, &bodies, &versions, &mut puts, deadline).await?;
        for (body, put) in bodies.iter().zip(&puts) {
            if let Some(put) = put {
                batch.replicas[body.write].state = ReplicaState::Live(put.reference.clone());
            }
        }
        let purged = batch.replicas.iter().filter_map(|replica| match replica.state {
            ReplicaState::Purge { .. } => Some(replica.key.clone()),
            _ => None,
        });
        let purged: HashSet<Key> = purged.collect();
        let committed = match self.store.replicate(scope, batch).await {
            Ok(committed) => committed,
            Err(error) => return Err(self.undo(error, puts).await),
        };
        if deadline.left().is_zero() {
            self.restore(&bodies, &puts).await?;
        }
        // A version that was there already has its body.
        let known = bodies.iter().zip(&puts).filter_map(|(body, put)| {
            let unneeded = committed.written[body.write].kind.is_none();
            put.as_ref().filter(|_| unneeded).map(|put| put.name.clone())
        });
        self.discard(known.collect()).await;
        for key in &purged {
            self.sweep(scope, key, None).await?;
        }
        Ok(committed)
    }
}
