//! Search parameters of the user's own: SearchParameter resources (R4, section 3.1.6 of the search
//! page and the resource's own) made into what the registry compiles.
//!
//! `multipleOr`, `multipleAnd`, `comparator`, `modifier` and `chain` say what a server must offer at
//! least. Custom parameters get all that their type has, whatever these say.

mod expression;
mod read;

pub(crate) use expression::check_expression;

use cresset_fhir::definitions::SearchParameter;
use std::sync::Arc;

/// How many custom parameters may be in force.
pub const MOST_CUSTOM: usize = 200;
/// How many indexes one of them may have: a path on `Resource` has one for each type.
pub(crate) const MOST_INDEXES: usize = 500;
/// How many indexes all of them may have.
pub(crate) const MOST_INDEXES_IN_ALL: usize = 5_000;
/// How many bytes an expression may have.
pub(crate) const LONGEST_EXPRESSION: usize = 4_096;
/// How many alternatives an expression may have.
pub(crate) const MOST_ALTERNATIVES: usize = 64;

/// An active SearchParameter resource.
#[derive(Clone, Debug)]
pub struct CustomParameter {
    /// The resource's logical id.
    pub id: Arc<str>,
    pub(crate) definition: Arc<SearchParameter>,
}

/// Something that keeps a SearchParameter from being put in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A code of HL7's value set `issue-type`.
    pub code: &'static str,
    /// The element: `SearchParameter.base[1]`.
    pub expression: String,
    /// What is wrong and what to do.
    pub diagnostics: String,
}

impl Problem {
    pub(crate) fn new(
        code: &'static str,
        expression: impl Into<String>,
        diagnostics: impl Into<String>,
    ) -> Self {
        let (expression, diagnostics) = (expression.into(), diagnostics.into());
        Self { code, expression, diagnostics }
    }
}
