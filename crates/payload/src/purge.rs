//! What goes from the store goes from its container.

use crate::blob_name::{BlobName, Prefix};
use crate::container::Blob;
use crate::offload::Inner;
use crate::record::owner_name;
use cresset_store::*;
use std::sync::Arc;

/// Blobs looked at together.
const PAGE: usize = 1000;

impl Inner {
    pub(crate) async fn purge(
        self: &Arc<Self>,
        scope: &Scope,
        key: &Key,
        versions: Option<Vec<Version>>,
        provenance: Provenance,
    ) -> Result<u64, StoreError> {
        let removed = self.store.purge(scope, key, versions.clone(), provenance).await?;
        if removed > 0 {
            fail_point("offload-after-purge");
            self.sweep(scope, key, versions.as_deref()).await?;
        }
        Ok(removed)
    }

    /// Takes a resource's bodies away that have no row any more: all of them, or where rows may not be
    /// read those of these versions.
    pub(crate) async fn sweep(
        self: &Arc<Self>,
        scope: &Scope,
        key: &Key,
        purged: Option<&[Version]>,
    ) -> Result<(), StoreError> {
        // A commit may be on its way as the next version. None can become an earlier one any more.
        let next = self.store.next_versions(scope, std::slice::from_ref(key)).await?;
        let prefix = self.prefix(scope.collection());
        let below = prefix.of_resource(key);
        let mut token = None;
        loop {
            let page = self.container.page(&below, token, PAGE).await.map_err(StoreError::from)?;
            let mut past = named(&prefix, &page.blobs);
            past.retain(|(_, name)| next.first().is_some_and(|next| name.version < *next));
            let gone = self.without_row(scope, past, purged).await?;
            for (_, name) in &gone {
                self.cache.forget(&name.payload_key).await;
            }
            self.discard(gone.into_iter().map(|(whole, _)| whole).collect()).await;
            token = page.next;
            if token.is_none() {
                return Ok(());
            }
        }
    }

    /// Those whose version isn't there any more. Who may purge but not read can only say what he asked
    /// for.
    async fn without_row(
        &self,
        scope: &Scope,
        blobs: Vec<(String, BlobName)>,
        purged: Option<&[Version]>,
    ) -> Result<Vec<(String, BlobName)>, StoreError> {
        let asked: Vec<_> = blobs.iter().map(|(_, n)| (n.key.clone(), n.version)).collect();
        let gone = match self.store.read_versions(scope, &asked, usize::MAX).await {
            Ok(rows) => rows.iter().map(Option::is_none).collect::<Vec<_>>(),
            Err(StoreError::Forbidden(_)) => {
                let listed = |version| purged.is_none_or(|purged| purged.contains(version));
                asked.iter().map(|(_, version)| listed(version)).collect()
            }
            Err(error) => return Err(error),
        };
        Ok(blobs.into_iter().zip(gone).filter_map(|(blob, gone)| gone.then_some(blob)).collect())
    }

    pub(crate) async fn remove(self: &Arc<Self>, scope: &Scope) -> Result<(), StoreError> {
        self.store.remove(scope).await?;
        self.cache.clear();
        let prefix = self.prefix(scope.collection());
        let begun = jiff::Timestamp::now();
        for part in prefix.parts() {
            let mut token = None;
            loop {
                let page =
                    self.container.page(&part, token, PAGE).await.map_err(StoreError::from)?;
                // Made again at once, it may have new ones.
                let old = page.blobs.into_iter().filter(|blob| blob.put <= begun);
                self.discard(old.map(|blob| blob.name).collect()).await;
                token = page.next;
                if token.is_none() {
                    break;
                }
            }
        }
        self.discard(vec![owner_name(&prefix)]).await;
        Ok(())
    }
}

/// The blobs whose names are bodies', and these names.
fn named(prefix: &Prefix, blobs: &[Blob]) -> Vec<(String, BlobName)> {
    let read = |blob: &Blob| {
        let name = BlobName::parse(prefix.name(&blob.name)?).ok()?;
        Some((blob.name.clone(), name))
    };
    blobs.iter().filter_map(read).collect()
}
