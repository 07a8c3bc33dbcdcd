use cresset_store::StoreError;

/// The outcome of something that asks SQLite.
pub(crate) type Outcome<T> = Result<T, StoreError>;

/// Says what was being done when SQLite failed.
pub(crate) trait Context<T> {
    /// Turns the engine's error into the store's.
    fn context(self, context: &'static str) -> Outcome<T>;
}

impl<T> Context<T> for rusqlite::Result<T> {
    fn context(self, context: &'static str) -> Outcome<T> {
        self.map_err(|source| StoreError::Backend { context, source: source.into() })
    }
}

impl<T> Context<T> for std::io::Result<T> {
    fn context(self, context: &'static str) -> Outcome<T> {
        self.map_err(|source| StoreError::Backend { context, source: source.into() })
    }
}

/// Stored bytes that can't be what this code wrote.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}
