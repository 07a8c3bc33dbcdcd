//! Checking an expression against a type before there's any resource.
//!
//! Evaluation is lenient: an element that the type doesn't have is an empty collection. Where an
//! expression is written down for later (a search parameter, an invariant), a misspelt name should
//! be told at once.

mod infer;

use thiserror::Error;

use cresset_fhir::definitions::{Definitions, TypeId};

use crate::ast::Node;
use crate::expression::Expression;

/// What can't be right about an expression on a type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CheckError {
    /// No type that's possible here has such an element.
    #[error("{types} has no element {element}")]
    UnknownElement {
        /// The types that are possible here.
        types: String,
        /// The name.
        element: String,
    },
    /// An expression that begins with one type is used on another.
    #[error("the expression is for {expected}, not for {found}")]
    OtherType {
        /// The type it begins with.
        expected: String,
        /// The type it's checked for.
        found: String,
    },
    /// A function that needs an order on a collection that has none.
    #[error("{0} needs an order, but children() and descendants() have none")]
    NoOrder(&'static str),
}

/// Checks an expression that will be evaluated on nodes of `root`.
///
/// # Errors
/// When an element doesn't exist, the expression begins with another type, or an order is needed
/// where there's none. What depends on values isn't checked.
pub fn check(
    expression: &Expression,
    definitions: &Definitions,
    root: TypeId,
) -> Result<(), CheckError> {
    types_of(expression.ast(), definitions, root).map(|_| ())
}

/// The FHIR types that an expression, or a part of one, can give on nodes of `root`; `None` when
/// they can't be told beforehand, or it computes a value of its own.
///
/// # Errors
/// As [`check`].
pub fn types_of(
    part: &Node,
    definitions: &Definitions,
    root: TypeId,
) -> Result<Option<Vec<TypeId>>, CheckError> {
    infer::types(part, definitions, root)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(expression: &str, root: &str) -> Result<(), CheckError> {
        let definitions = Definitions::r4();
        let root = definitions.type_named(root).unwrap();
        check(&Expression::parse(expression).unwrap(), definitions, root)
    }

    #[test]
    fn elements_that_exist_pass() {
        for expression in [
            "Patient.name.given",
            "name.where(use = 'official').family",
            "contact.name.given | name.given",
            "deceased as dateTime",
            "contained.code.coding",
            "extension('x').value.ofType(Period).start",
            "Resource.meta.lastUpdated",
            "birthDate.extension.url",
        ] {
            assert_eq!(checked(expression, "Patient"), Ok(()), "{expression}");
        }
        assert_eq!(checked("item.item.item.linkId", "Questionnaire"), Ok(()));
    }

    #[test]
    fn elements_that_do_not_exist_are_named() {
        let error = checked("name.where(given1 = 'x')", "Patient").unwrap_err();
        assert_eq!(error.to_string(), "HumanName has no element given1");
        assert!(checked("Observation.valueQuantity", "Observation").is_err());
        assert!(checked("(value as Period).unit", "Observation").is_err());
        assert!(checked("Encounter.period", "Patient").is_err());
        assert!(checked("children().skip(1)", "Patient").is_err());
    }
}
