//! The base URLs that a collection has been served under. What resources are found by depends on them,
//! so they are kept with the collection.

use cresset_store::{Bookmark, Scope, Store, StoreError};

/// The bookmark that holds them, one on a line.
const BOOKMARK: &str = "base-urls";

/// The base URLs that are kept with a collection, the oldest first.
///
/// # Errors
/// When the store fails, or what it has kept can't be read.
pub async fn kept(store: &dyn Store, scope: &Scope) -> Result<Vec<String>, StoreError> {
    let kept = store.bookmark(scope, BOOKMARK).await?.unwrap_or_default();
    let damaged = |_| StoreError::Corrupt(format!("the bookmark {BOOKMARK} is no text"));
    let text = String::from_utf8(kept).map_err(damaged)?;
    Ok(text.lines().map(str::to_owned).collect())
}

/// What keeps them.
pub fn bookmark(urls: &[String]) -> Bookmark {
    Bookmark { name: BOOKMARK.to_owned(), value: urls.join("\n").into() }
}
