//! What a store remembers of where its bodies are, so that nobody opens it otherwise.

use crate::blob_name::Prefix;
use crate::container::Container;
use cresset_store::{Batch, Bookmark, Expected, Scope, Store, StoreError};
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

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
    /// Made for this collection; the container has it, too, so that no two share one.
    pub owner: String,
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
    Elsewhere { collection: String, recorded: Record, configured: String },
    #[error(
        "the container {container} holds the bodies of another store than {collection}: give each tenant's \
         datasource a container of its own"
    )]
    Shared { collection: String, container: String },
    #[error(
        "{collection} keeps its bodies inside the database, or has never been served with payload offload: \
         there is nothing to look after in {container}"
    )]
    Unknown { collection: String, container: String },
    #[error(
        "{collection} holds resources whose bodies are in the database: offload must be configured before \
         the first resource. Take `persistence.payload` out again, or copy the store into a new one with \
         `cresset copy`"
    )]
    Inside { collection: String },
}

/// Enters where bodies go, or finds that it is entered; both in the store and in the container.
pub(crate) async fn enter(
    store: &dyn Store,
    scope: &Scope,
    container: &Container,
    prefix: &Prefix,
) -> Result<(), StoreError> {
    if recorded(store, scope).await?.is_none() {
        if store.horizon(scope).await?.seq.0 > 0 {
            let collection = scope.collection().name.to_string();
            return Err(refused(Mismatch::Inside { collection }));
        }
        require_free(store, scope, container, prefix).await?;
        let (kind, name) = container.kind_and_name();
        let record = Record { kind, container: name, owner: Uuid::new_v4().to_string() };
        let value = serde_json::to_vec(&record)
            .map_err(|error| StoreError::backend("recording payload offload")(error.into()))?;
        let batch = Batch {
            expected: vec![Expected { name: RECORD.to_owned(), value: None }],
            bookmarks: vec![Bookmark { name: RECORD.to_owned(), value }],
            ..Batch::default()
        };
        match store.commit(scope, batch).await {
            // Another server was quicker.
            Ok(_) | Err(StoreError::Moved(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let owner = require(store, scope, container).await?;
    let name = owner_name(prefix);
    if container.get(&name).await?.is_none() {
        container.put_new(&name, owner.clone().into_bytes()).await?;
    }
    require_owner(scope, container, prefix, owner).await
}

/// Whether a container is there and nobody's: a store that remembered a wrong one could be opened with no
/// other any more.
async fn require_free(
    store: &dyn Store,
    scope: &Scope,
    container: &Container,
    prefix: &Prefix,
) -> Result<(), StoreError> {
    container.check().await?;
    let is_taken = container.get(&owner_name(prefix)).await?.is_some();
    // Another server, which remembers first, may just have taken it for the same store.
    if is_taken && recorded(store, scope).await?.is_none() {
        return Err(shared(scope, container));
    }
    Ok(())
}

/// Whether a store and a container belong together, for whoever takes blobs away.
///
/// # Errors
/// When they don't, or when either fails.
pub async fn verify(
    store: &dyn Store,
    scope: &Scope,
    container: &Container,
    prefix: &Prefix,
) -> Result<(), StoreError> {
    let owner = require(store, scope, container).await?;
    require_owner(scope, container, prefix, owner).await
}

/// The owner of the container that the store remembers, if it is this one.
async fn require(
    store: &dyn Store,
    scope: &Scope,
    container: &Container,
) -> Result<String, StoreError> {
    let collection = scope.collection().name.to_string();
    let (kind, name) = container.kind_and_name();
    match recorded(store, scope).await? {
        None => {
            let container = container.place().to_owned();
            Err(refused(Mismatch::Unknown { collection, container }))
        }
        Some(recorded) if (&recorded.kind, &recorded.container) != (&kind, &name) => {
            let configured = container.place().to_owned();
            Err(refused(Mismatch::Elsewhere { collection, recorded, configured }))
        }
        Some(recorded) => Ok(recorded.owner),
    }
}

async fn require_owner(
    scope: &Scope,
    container: &Container,
    prefix: &Prefix,
    owner: String,
) -> Result<(), StoreError> {
    let found = container.get(&owner_name(prefix)).await?;
    if found.is_some_and(|found| found == owner.as_bytes()) {
        return Ok(());
    }
    Err(shared(scope, container))
}

fn shared(scope: &Scope, container: &Container) -> StoreError {
    let collection = scope.collection().name.to_string();
    let container = container.place().to_owned();
    refused(Mismatch::Shared { collection, container })
}

/// The blob that holds the owner of a part of a container.
pub(crate) fn owner_name(prefix: &Prefix) -> String {
    format!("{prefix}owner")
}

fn refused(mismatch: Mismatch) -> StoreError {
    StoreError::backend("opening a store with payload offload")(Box::new(mismatch))
}
