//! Every version's body is there, and is what was put.

use crate::offload::Inner;
use cresset_store::*;
use futures::{FutureExt, StreamExt};

/// Versions looked at together.
const PAGE: usize = 500;
/// Bodies on their way at once.
const TOGETHER: usize = 32;

impl Inner {
    pub(crate) async fn check(
        &self,
        scope: &Scope,
        repair: bool,
    ) -> Result<Vec<Breach>, StoreError> {
        let mut breaches = self.store.check(scope, repair).await?;
        let mut query = HistoryQuery::all(HistoryRange::System, PAGE);
        loop {
            let page = self.store.history(scope, query.clone()).await?;
            let bodies = page.versions.iter().map(|stored| self.problem(scope, stored).boxed());
            let bodies: Vec<_> = bodies.collect();
            let mut problems = futures::stream::iter(bodies).buffered(TOGETHER);
            while let Some(problem) = problems.next().await {
                breaches.extend(problem?);
            }
            query.after = page.next;
            if query.after.is_none() {
                return Ok(breaches);
            }
        }
    }

    async fn problem(&self, scope: &Scope, stored: &Stored) -> Result<Option<Breach>, StoreError> {
        // What doesn't decode is told by the check of the rows.
        let Some(Ok(Some(elsewhere))) = stored.payload().map(Payload::offloaded) else {
            return Ok(None);
        };
        let name = self.name(scope, stored, &elsewhere);
        let problem = match self.container.get(&name).await.map_err(StoreError::from)? {
            Some(body) => match elsewhere.restore(body) {
                Ok(_) => return Ok(None),
                Err(_) => "its body in the payload store is not what was put there",
            },
            None if is_gone(&*self.store, scope, stored).await? => return Ok(None),
            None => "its body is missing from the payload store",
        };
        let Stored { key, version, .. } = stored;
        let place = format!("{}/{} version {version}", key.resource_type.0, key.id);
        Ok(Some(Breach { place, problem: problem.to_owned(), mended: false }))
    }
}

/// Whether a version was purged since its page was read, so that it needs no body.
pub(crate) async fn is_gone(
    store: &dyn Store,
    scope: &Scope,
    stored: &Stored,
) -> Result<bool, StoreError> {
    let row = store.read_version(scope, &stored.key, stored.version).await?;
    Ok(row.is_none())
}
