//! Structural validation: is a resource what FHIR's definitions say it may be?
//!
//! One walk finds every problem (R4 [validation](https://hl7.org/fhir/R4/validation.html): structure,
//! cardinality, value domains, required bindings, the invariants that hold for each resource) and
//! shows a [`Visitor`] each element on the way, so that search values cost no second walk. Profiles,
//! non-required bindings and the invariants of single types are not looked at.
//!
//! A [`Validator`] holds the definitions in the form that the walk asks them in; a resource without
//! problems is walked without an allocation (a map of local ids apart, when it contains more than 16).

mod binding;
mod cardinality;
mod date_time;
mod invariant;
mod issue;
mod lexical;
mod narrative;
mod path;
mod plan;
mod primitive;
mod primitive_element;
mod reference;
mod resource;
mod visitor;
mod walk;

pub use issue::{Issue, IssueCode};
pub use visitor::Visitor;

use crate::definitions::{Definitions, ResourceType};
use crate::json::Json;
use issue::Issues;
use plan::Plan;
use std::sync::LazyLock;
use walk::Walk;

static R4: LazyLock<Validator<'static>> = LazyLock::new(|| Validator::new(Definitions::r4()));

/// What a caller may set.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Issues that are told; the walk ends when there are more.
    pub max_issues: usize,
    /// Whether `Patient?identifier=…` is a reference: in a transaction it is resolved before
    /// anything is stored (R4 http, section 3.1.0.11.2).
    pub conditional_references: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_issues: 100, conditional_references: false }
    }
}

/// Validates resources of one FHIR version.
#[derive(Debug)]
pub struct Validator<'d> {
    plan: Plan<'d>,
}

impl Validator<'static> {
    /// The validator of FHIR R4.
    pub fn r4() -> &'static Self {
        &R4
    }
}

impl<'d> Validator<'d> {
    /// Prepares `definitions`; takes about a millisecond, so keep it.
    ///
    /// # Panics
    /// On a type with more than 128 elements; R4's largest has 54.
    pub fn new(definitions: &'d Definitions) -> Self {
        Self { plan: Plan::new(definitions) }
    }

    /// Walks `resource` and shows its elements to `visitor`, until the first issue at most.
    ///
    /// # Errors
    /// All issues, in the order of the document, up to [`Options::max_issues`]; one more then says
    /// that there are others. What `visitor` has collected is void.
    pub fn validate<'a, V: Visitor<'a>>(
        &self,
        resource: &'a Json,
        options: &Options,
        visitor: &mut V,
    ) -> Result<ResourceType, Vec<Issue>> {
        let mut walk =
            Walk { plan: &self.plan, options, visitor, issues: Issues::new(options.max_issues) };
        let resource_type = walk.root(resource);
        match (resource_type, walk.issues.into_vec()) {
            (Some(resource_type), issues) if issues.is_empty() => Ok(resource_type),
            (_, issues) => Err(issues),
        }
    }
}
