use crate::context::Context;
use crate::service::Service;
use cresset_store::{Batch, Committed, StoreError};
use std::sync::Arc;

impl Service {
    /// Commits what an interaction has prepared. Search parameters that it changed are in force when
    /// this returns.
    pub(crate) async fn commit(
        &self,
        context: &Context,
        batch: Batch,
    ) -> Result<Committed, StoreError> {
        let touched = match self.search_parameters() {
            Some(parameters) => parameters.touched(&context.scope, &batch),
            None => Vec::new(),
        };
        let Some(parameters) = self.search_parameters().filter(|_| !touched.is_empty()) else {
            let committed = self.store.commit(&context.scope, batch).await?;
            return Ok(noted(context, committed));
        };
        // A task of its own: a client that goes away must not come between commit and effect.
        let (store, scope) = (Arc::clone(&self.store), context.scope.clone());
        let parameters = Arc::clone(parameters);
        let task = tokio::spawn(async move {
            let committed = store.commit(&scope, batch).await?;
            parameters.changed(&touched).await;
            Ok(committed)
        });
        let committed = task.await.map_err(|source| StoreError::Backend {
            context: "putting search parameters in force",
            source: source.into(),
        })??;
        Ok(noted(context, committed))
    }
}

/// Remembers how far it got, if it wrote anything.
fn noted(context: &Context, committed: Committed) -> Committed {
    if committed.written.iter().any(|written| written.kind.is_some()) {
        context.reached.note(committed.seq);
    }
    committed
}
