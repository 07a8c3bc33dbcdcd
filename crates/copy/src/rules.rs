//! What resources are found by, while the source's search parameters and base URLs may change.
//!
//! Everything is indexed by the parameters that the source has at the time. Which these are is noted
//! in the target before anything is written by them, as a server notes it; so what was written before
//! stands there as still to be done, and a copy that is killed, or a server that is started on an
//! unfinished copy, does it.

use crate::error::CopyError;
use crate::read::Chunk;
use crate::side::Side;
use cresset_interaction::{base_urls, extract, search_parameters};
use cresset_search::Registry;
use cresset_store::{Batch, StoreError, TypeNumber};
use std::sync::Arc;

/// Resources indexed anew in one commit.
const PAGE: usize = 2_000;

/// The rules by which the target is indexed.
pub(crate) struct Rules {
    from: Side,
    to: Side,
    base_urls: Vec<String>,
    registry: Arc<Registry>,
    /// Whether the target's index may have to be mended.
    is_unsettled: bool,
}

impl Rules {
    /// Those of the source. `is_new`: nothing was copied yet.
    pub(crate) async fn load(from: &Side, to: &Side, is_new: bool) -> Result<Self, CopyError> {
        let at_source = CopyError::at(&from.place);
        let at_target = CopyError::at(&to.place);
        let base_urls = if is_new {
            let urls = base_urls::kept(&*from.store, &from.scope).await.map_err(&at_source)?;
            keep(to, &urls).await.map_err(&at_target)?;
            urls
        } else {
            base_urls::kept(&*to.store, &to.scope).await.map_err(&at_target)?
        };
        let registry = registry_of(from, &base_urls).await.map_err(at_source)?;
        let noted = match is_new {
            // Nothing is there that isn't indexed so.
            true => search_parameters::settle(&*to.store, &to.scope, &registry).await,
            false => search_parameters::note(&*to.store, &to.scope, &registry).await,
        };
        noted.map_err(at_target)?;
        let (from, to, registry) = (from.clone(), to.clone(), Arc::new(registry));
        Ok(Self { from, to, base_urls, registry, is_unsettled: true })
    }

    /// The rules in force for a chunk: read again when it changes search parameters.
    pub(crate) async fn in_force(&mut self, chunk: &Chunk) -> Result<Arc<Registry>, CopyError> {
        let definitions = self.registry.definitions();
        let touches = |of: TypeNumber| search_parameters::are(of, definitions);
        if chunk.changes.iter().any(|(change, _)| touches(change.key.resource_type)) {
            let registry = registry_of(&self.from, &self.base_urls).await;
            self.registry = Arc::new(registry.map_err(CopyError::at(&self.from.place))?);
            self.note().await.map_err(CopyError::at(&self.to.place))?;
            self.is_unsettled = true;
        }
        Ok(Arc::clone(&self.registry))
    }

    async fn note(&self) -> Result<(), StoreError> {
        search_parameters::note(&*self.to.store, &self.to.scope, &self.registry).await
    }

    /// Whether the target's index may have to be mended.
    pub(crate) fn are_unsettled(&self) -> bool {
        self.is_unsettled
    }

    /// Indexes anew what was written before the rules became what they are. Returns how many
    /// resources were.
    pub(crate) async fn settle(&mut self) -> Result<u64, CopyError> {
        let urls = base_urls::kept(&*self.from.store, &self.from.scope).await;
        let urls = urls.map_err(CopyError::at(&self.from.place))?;
        self.settle_under(urls).await.map_err(CopyError::at(&self.to.place))
    }

    async fn settle_under(&mut self, urls: Vec<String>) -> Result<u64, StoreError> {
        let Side { store, scope, .. } = &self.to;
        let registry = registry_of(&self.to, &urls).await?;
        let types = match urls == self.base_urls {
            true => search_parameters::unsettled(&**store, scope, &registry).await?,
            false => {
                let definitions = registry.definitions();
                let all = definitions.concrete_resource_types();
                all.map(|of| TypeNumber(of.number())).collect()
            }
        };
        let mut reindexed = 0;
        for resource_type in types {
            tracing::info!(resource_type = resource_type.0, "indexing resources anew");
            reindexed += self.reindex(resource_type, &registry).await?;
        }
        if urls != self.base_urls {
            keep(&self.to, &urls).await?;
            self.registry = Arc::new(registry_of(&self.from, &urls).await?);
            self.base_urls = urls;
        }
        search_parameters::settle(&**store, scope, &registry).await?;
        // The source may have gone on meanwhile.
        self.note().await?;
        self.is_unsettled = false;
        Ok(reindexed)
    }

    async fn reindex(&self, of: TypeNumber, registry: &Registry) -> Result<u64, StoreError> {
        let (mut after, mut replaced) = (None, 0);
        loop {
            let page = self.to.store.list(&self.to.scope, of, after, PAGE).await?;
            let entries = || page.resources.iter().filter_map(|stored| extract(registry, stored));
            let entries = tokio::task::block_in_place(|| entries().collect());
            replaced += self.to.store.reindex(&self.to.scope, entries).await?;
            after = page.next;
            if after.is_none() {
                return Ok(replaced);
            }
        }
    }
}

async fn registry_of(side: &Side, base_urls: &[String]) -> Result<Registry, StoreError> {
    let base = Registry::r4(base_urls.to_vec());
    search_parameters::registry_of(&*side.store, &side.scope, base).await
}

async fn keep(side: &Side, urls: &[String]) -> Result<(), StoreError> {
    let bookmarks = vec![base_urls::bookmark(urls)];
    side.store.commit(&side.scope, Batch { bookmarks, ..Batch::default() }).await.map(|_| ())
}
