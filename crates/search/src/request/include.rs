//! `_include` and `_revinclude` (R4 search, section 3.1.1.5.4).

use cresset_fhir::definitions::ResourceType;

/// Resources that a search answers with beside its matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Include {
    /// `_revinclude`: those that refer to a match; else those that a match refers to.
    pub reverse: bool,
    /// `:iterate`: also for resources that were themselves included.
    pub iterate: bool,
    /// The type that has the reference; `None` for `*`, any.
    pub source: Option<ResourceType>,
    /// The reference parameter; `None` for `*`, all of them.
    pub parameter: Option<String>,
    /// The only type of target that is wanted.
    pub target: Option<ResourceType>,
}
