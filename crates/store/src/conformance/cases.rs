//! The cases, a module per theme.

pub mod access;
pub mod batches;
pub mod bookmarks;
pub mod changes;
pub mod check;
pub mod deferred_index;
pub mod durability;
pub mod guards;
pub mod history;
pub mod history_pages;
pub mod isolation;
pub mod payloads;
pub mod preconditions;
pub mod purge;
pub mod races;
pub mod references;
pub mod reindex;
pub mod removal;
pub mod replicate;
pub mod search;
pub mod search_oracle;
pub mod search_pages;
pub mod search_values;
pub mod snapshots;
pub mod sorts;
pub mod versions;
