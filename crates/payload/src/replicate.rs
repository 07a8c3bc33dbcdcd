//! Versions that another store has are put as the versions that they are there.

use crate::offload::Inner;
use crate::put::Body;
use cresset_store::*;
use std::collections::HashSet;
use std::sync::Arc;

impl Inner {
    pub(crate) async fn replicate(
        self: &Arc<Self>,
        scope: &Scope,
        mut batch: ReplicaBatch,
    ) -> Result<Committed, StoreError> {
        let types = batch.replicas.iter().map(|replica| replica.key.resource_type);
        types.into_iter().try_for_each(|resource_type| scope.may_write(resource_type))?;
        let deadline = *batch.deadline.get_or_insert(Deadline::after(self.settings.deadline));
        let (mut bodies, mut versions) = (Vec::new(), Vec::new());
        for (write, replica) in batch.replicas.iter().enumerate() {
            let ReplicaState::Live(payload) = &replica.state else { continue };
            self.require_short(write, payload)?;
            bodies.push(Body::new(write, replica.key.clone(), payload.clone()));
            versions.push(replica.version);
        }
        let purged: HashSet<Key> = batch.replicas.iter().filter_map(purged).collect();
        let outcome = self.put_and_replicate(scope, batch, &mut bodies, &versions, deadline).await;
        let committed = match outcome {
            Ok(committed) => committed,
            Err(error) => {
                self.undo(&error, bodies).await;
                return Err(error);
            }
        };
        // A version that was there already has its body.
        let unneeded = bodies.into_iter().flat_map(|body| {
            let is_written = committed.written[body.write].kind.is_some();
            body.unneeded(is_written)
        });
        self.discard(unneeded.collect()).await;
        for key in &purged {
            self.sweep(scope, key, None).await?;
        }
        Ok(committed)
    }

    async fn put_and_replicate(
        &self,
        scope: &Scope,
        mut batch: ReplicaBatch,
        bodies: &mut [Body],
        versions: &[Version],
        deadline: Deadline,
    ) -> Result<Committed, StoreError> {
        self.put_all(scope, bodies, versions, deadline).await?;
        for body in &*bodies {
            if let Some(row) = body.reference() {
                batch.replicas[body.write].state = ReplicaState::Live(row.clone());
            }
        }
        let committed = self.store.replicate(scope, batch).await?;
        if deadline.left().is_zero() {
            self.restore(bodies).await?;
        }
        Ok(committed)
    }
}

fn purged(replica: &Replica) -> Option<Key> {
    let is_purge = matches!(replica.state, ReplicaState::Purge { .. });
    is_purge.then(|| replica.key.clone())
}
