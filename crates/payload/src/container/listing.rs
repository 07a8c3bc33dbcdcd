use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use object_store::Result;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use std::sync::Arc;

/// A blob, as a listing tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// Its whole name.
    pub name: String,
    /// When it was put, by the object store's clock.
    pub put: Timestamp,
    /// Its bytes.
    pub size: u64,
}

/// A page of a container's blobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// In an order that the object store chooses and keeps.
    pub blobs: Vec<Blob>,
    /// What the next page is asked for with; `None` on the last.
    pub next: Option<String>,
}

/// Listing page by page, so that it can go on in another process.
pub(super) trait Pages: Send + Sync {
    fn page<'a>(
        &'a self,
        prefix: &'a str,
        token: Option<String>,
        most: usize,
    ) -> BoxFuture<'a, Result<Page>>;

    /// Deletes as only the listing can: files that were never finished have no path of the object
    /// store's. `None`: as any blob.
    fn delete<'a>(&'a self, _name: &'a str) -> Option<BoxFuture<'a, Result<()>>> {
        None
    }
}

/// A service that lists in pages itself.
pub(super) struct Cloud<S> {
    store: Arc<S>,
}

impl<S> Cloud<S> {
    pub(super) fn new(store: Arc<S>) -> Self {
        Self { store }
    }
}

impl<S: PaginatedListStore> Pages for Cloud<S> {
    fn page<'a>(
        &'a self,
        prefix: &'a str,
        token: Option<String>,
        most: usize,
    ) -> BoxFuture<'a, Result<Page>> {
        let options = PaginatedListOptions {
            page_token: token,
            max_keys: Some(most),
            ..PaginatedListOptions::default()
        };
        let prefix = (!prefix.is_empty()).then_some(prefix);
        async move {
            let answer = self.store.list_paginated(prefix, options).await?;
            let blobs = answer.result.objects.into_iter().map(|object| Blob {
                name: object.location.to_string(),
                put: Timestamp::from_millisecond(object.last_modified.timestamp_millis())
                    .unwrap_or(Timestamp::MAX),
                size: object.size,
            });
            Ok(Page { blobs: blobs.collect(), next: answer.page_token })
        }
        .boxed()
    }
}
