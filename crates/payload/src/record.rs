//! What a store remembers of where its bodies are, so that nobody opens it otherwise.

use crate::container::Container;
use cresset_store::{Batch, Bookmark, Expected, Scope, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The bookmark that holds it.
pub const RECORD: &str = "payload-offload";

/// Where a collection's bodies are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The kind of object store, as configurations have it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The container, bucket or directory.
    pub container: String,
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.container)
    }
}

/// What a collection remembers; `None` when its bodies are in the database.
///
/// # Errors
/// When the store fails, or what it remembers can't be read.
pub async fn recorded(store: &dyn Store, scope: &Scope) -> Result<Option<Record>, StoreError> {
    let Some(bytes) = store.bookmark(scope, RECORD).await? else { return Ok(None) };
    let record = serde_json::from_slice(&bytes);
    record.map(Some).map_err(|_| StoreError::Corrupt("the record of payload offload".to_owned()))
}

/// A store that is opened otherwise than it was filled.
#[derive(Debug, thiserror::Error)]
enum Mismatch {
    #[error(
        "the bodies of {collection} are in {recorded}, but the server is configured for {configured}: \
         configure that again, or copy the store into a new one with `cresset copy`"
    )]
    Elsewhere { collection: String, recorded: Record, configured: Record },
    #[error(
        "{collection} holds resources whose bodies are in the database: offload must be configured before \
         the first resource. Take `persistence.payload` out again, or copy the store into a new one with \
         `cresset copy`"
    )]
    Inside { collection: String },
}

/// Enters where bodies go, or finds that it is entered.
pub(crate) async fn enter(
    store: &dyn Store,
    scope: &Scope,
    container: &Container,
) -> Result<(), StoreError> {
    let configured = container.record();
    let value = serde_json::to_vec(configured)
        .map_err(|error| StoreError::backend("recording payload offload")(error.into()))?;
    let batch = Batch {
        expected: vec![Expected { name: RECORD.to_owned(), value: None }],
        bookmarks: vec![Bookmark { name: RECORD.to_owned(), value }],
        ..Batch::default()
    };
    let collection = scope.collection().name.to_string();
    if recorded(store, scope).await?.is_none() {
        if store.horizon(scope).await?.seq.0 > 0 {
            return Err(refused(Mismatch::Inside { collection }));
        }
        match store.commit(scope, batch).await {
            Ok(_) => return Ok(()),
            // Another server was quicker.
            Err(StoreError::Moved(_)) => {}
            Err(error) => return Err(error),
        }
    }
    match recorded(store, scope).await? {
        Some(recorded) if recorded != *configured => {
            let configured = configured.clone();
            Err(refused(Mismatch::Elsewhere { collection, recorded, configured }))
        }
        _ => Ok(()),
    }
}

fn refused(mismatch: Mismatch) -> StoreError {
    StoreError::backend("opening a store with payload offload")(Box::new(mismatch))
}
