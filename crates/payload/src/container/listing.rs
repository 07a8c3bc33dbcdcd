use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::Timestamp;
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::{Error, Result};
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

    /// How many names [`delete`](Self::delete) is given at once.
    fn together(&self) -> usize {
        1
    }

    /// Deletes as only the listing can – files that were never finished have no path of the object
    /// store's –; how many are gone, and why not all. `None`: one by one, as any blob.
    fn delete<'a>(&'a self, _names: &'a [String]) -> Option<BoxFuture<'a, (u64, Option<Error>)>> {
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
