use cresset_store::{Cursor, Scope, Store, StoreError};
use std::sync::Arc;

/// One end of a copy: a collection, and what people call the place.
#[derive(Clone)]
pub struct Side {
    /// The store that has it.
    pub store: Arc<dyn Store>,
    /// The right to use it.
    pub scope: Scope,
    /// For messages: nothing secret.
    pub place: String,
}

impl std::fmt::Debug for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Side").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Side {
    pub(crate) async fn horizon(&self) -> Result<Cursor, StoreError> {
        self.store.horizon(&self.scope).await
    }
}
