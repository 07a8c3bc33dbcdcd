//! The other way round: versions whose bodies aren't there.

use super::{NAMED, PAGE, Reconcile, Report, Stage, TOGETHER};
use crate::blob_name::BlobName;
use crate::check::is_gone;
use cresset_store::{HistoryQuery, HistoryRange, Position, StoreError, Stored};
use futures::{FutureExt, StreamExt};

impl Reconcile<'_> {
    /// A page of versions, and what comes after it. Nothing is taken away or mended: a body can't be made
    /// again.
    pub(super) async fn rows(
        &self,
        after: Option<Vec<u8>>,
        report: &mut Report,
    ) -> Result<Option<Stage>, StoreError> {
        let all = HistoryQuery::all(HistoryRange::System, PAGE);
        let query = HistoryQuery { after: after.map(Position), ..all };
        let page = self.store.history(self.scope, query).await?;
        let asked = page.versions.iter().map(|stored| self.has_body(stored).boxed());
        let asked: Vec<_> = asked.collect();
        let mut answers = futures::stream::iter(asked)
            .buffered(TOGETHER)
            .zip(futures::stream::iter(&page.versions));
        while let Some((has_body, stored)) = answers.next().await {
            let Some(has_body) = has_body? else { continue };
            report.rows += 1;
            if has_body || is_gone(self.store, self.scope, stored).await? {
                continue;
            }
            report.missing_count += 1;
            if report.missing.len() < NAMED {
                let Stored { key, version, .. } = stored;
                report.missing.push(format!("{}/{}/{version}", key.resource_type.0, key.id));
            }
        }
        Ok(page.next.map(|next| Stage::Rows { after: Some(next.0) }))
    }

    /// Whether a version's body is in the container; `None` for one that isn't kept there.
    async fn has_body(&self, stored: &Stored) -> Result<Option<bool>, StoreError> {
        let Some(payload) = stored.payload() else { return Ok(None) };
        let Some(elsewhere) = payload.offloaded()? else { return Ok(None) };
        let name = BlobName::of(stored, &elsewhere);
        Ok(Some(self.container.has(&format!("{}{name}", self.prefix)).await?))
    }
}
