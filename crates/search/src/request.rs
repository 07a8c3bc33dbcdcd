mod bounds;
mod chain;
mod compile;
mod control;
mod criterion;
mod filter;
mod hierarchy;
mod include;
mod kept_by_store;
mod list;
mod overlap;
mod sort;

pub(crate) use compile::compile;
pub use include::Include;

use cresset_store::Query;

/// A search as the store is asked for it, and what the answer has to say about it.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Types, filter and sort; `after`, `limit` and `total` are the caller's to set.
    pub query: Query,
    /// `_count`, when it was given.
    pub count: Option<usize>,
    /// `_total`, or `_summary=count`.
    pub total: TotalMode,
    /// `_summary=count`, or `_count=0`: the total and no resources.
    pub count_only: bool,
    /// `_summary` when it is `true`, `text` or `data`.
    pub summary: Option<String>,
    /// `_include` and `_revinclude`.
    pub includes: Vec<Include>,
    /// `_contained=true`: what is found are resources that contain matches.
    pub contained: bool,
    /// `_elements`: the only ones wanted.
    pub elements: Vec<String>,
    /// Parameters that were not understood, each with the reason: an error under strict handling,
    /// a warning otherwise.
    pub ignored: Vec<Ignored>,
    /// The parameters that were used, for the self link.
    pub used: Vec<(String, String)>,
}

/// Whether and how to count what matches (R4 search, section 3.1.1.5.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TotalMode {
    /// Not asked for.
    #[default]
    None,
    /// An estimate will do.
    Estimate,
    /// The exact number.
    Accurate,
}

/// A parameter that a search goes on without.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its name as it was given.
    pub parameter: String,
    /// Why: unknown for this type, or not supported yet.
    pub reason: String,
}

/// Why a search can't be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchError {
    /// A value that isn't one of the parameter's type, a modifier that it doesn't have.
    #[error("search parameter '{parameter}': {reason}")]
    Invalid {
        /// The parameter's name.
        parameter: String,
        /// What is wrong; no value.
        reason: String,
    },
}
