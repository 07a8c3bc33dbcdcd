//! Bodies go out before their rows commit; what a refused commit had put is taken away.

use crate::offload::Inner;
use crate::put::Body;
use cresset_store::*;
use std::sync::Arc;

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
        let mut bodies = self.bodies(&batch)?;
        if bodies.is_empty() {
            return self.store.commit(scope, batch).await;
        }
        let deadline = *batch.deadline.get_or_insert(Deadline::after(self.settings.deadline));
        let _turns = self.in_turn(bodies.iter().map(|body| &body.key)).await;
        match self.put_and_commit(scope, batch, &mut bodies, deadline).await {
            Ok(committed) => {
                self.keep(&bodies).await;
                let unneeded = bodies.into_iter().flat_map(|body| body.unneeded(true));
                self.discard(unneeded.collect()).await;
                Ok(committed)
            }
            Err(error) => {
                self.undo(&error, bodies).await;
                Err(error)
            }
        }
    }

    /// Until the versions that the bodies were put as are those that they become.
    async fn put_and_commit(
        &self,
        scope: &Scope,
        mut batch: Batch,
        bodies: &mut [Body],
        deadline: Deadline,
    ) -> Result<Committed, StoreError> {
        let mut versions = self.expected_versions(scope, &batch, bodies).await?;
        loop {
            self.put_all(scope, bodies, &versions, deadline).await?;
            for body in &*bodies {
                let write = &mut batch.writes[body.write];
                if let (Action::Put { payload, .. }, Some(row)) =
                    (&mut write.action, body.reference())
                {
                    *payload = row.clone();
                }
            }
            fail_point("offload-before-commit");
            match self.store.commit(scope, batch.clone()).await {
                Err(StoreError::Conflict { conflict: Conflict::Numbered { .. }, .. }) => {
                    versions = self.next_versions(scope, bodies).await?;
                }
                outcome => {
                    let committed = outcome?;
                    fail_point("offload-after-commit");
                    if deadline.left().is_zero() {
                        self.restore(bodies).await?;
                    }
                    return Ok(committed);
                }
            }
        }
    }

    /// The bodies of a batch, none too long.
    fn bodies(&self, batch: &Batch) -> Result<Vec<Body>, StoreError> {
        let mut bodies = Vec::with_capacity(batch.writes.len());
        for (write, next) in batch.writes.iter().enumerate() {
            let Action::Put { payload, .. } = &next.action else { continue };
            self.require_short(write, payload)?;
            bodies.push(Body::new(write, next.key.clone(), payload.clone()));
        }
        Ok(bodies)
    }

    pub(crate) fn require_short(&self, write: usize, payload: &Payload) -> Result<(), StoreError> {
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
        match bodies.iter().map(told).collect() {
            Some(versions) => Ok(versions),
            None => self.next_versions(scope, bodies).await,
        }
    }

    async fn next_versions(
        &self,
        scope: &Scope,
        bodies: &[Body],
    ) -> Result<Vec<Version>, StoreError> {
        let keys: Vec<Key> = bodies.iter().map(|body| body.key.clone()).collect();
        self.store.next_versions(scope, &keys).await
    }
}
