//! Three-valued logic: and, or, xor, implies.

use super::{Evaluator, Result, Scope, single};
use crate::ast::{Node, Operator};
use crate::collection::{Collection, Item};
use crate::scalar::Scalar;

/// A collection where a truth value is needed: nothing is unknown, and a single item that is no
/// Boolean is true ("singleton evaluation of collections").
pub(crate) fn truth(
    evaluator: &Evaluator<'_, '_>,
    items: &[Item<'_>],
    place: &'static str,
) -> Result<Option<bool>> {
    let item = single(items, place)?;
    Ok(item.map(|item| match evaluator.scalar(item) {
        Scalar::Boolean(value) => value,
        _ => true,
    }))
}

impl<'a> Evaluator<'a, '_> {
    /// The right side isn't evaluated when the left side decides.
    pub(super) fn logic(
        &self,
        operator: Operator,
        left: &Node,
        right: &Node,
        scope: Scope<'a, '_>,
    ) -> Result<Collection<'a>> {
        let place = operator.symbol();
        let left = truth(self, &self.node(left, scope)?, place)?;
        let decided = match (operator, left) {
            (Operator::And, Some(false)) => Some(false),
            (Operator::Or, Some(true)) | (Operator::Implies, Some(false)) => Some(true),
            _ => None,
        };
        if let Some(decided) = decided {
            return Ok(Collection::boolean(decided));
        }
        let right = truth(self, &self.node(right, scope)?, place)?;
        let result = match operator {
            Operator::And => and(left, right),
            Operator::Or => or(left, right),
            Operator::Implies => or(left.map(|left| !left), right),
            _ => left.zip(right).map(|(left, right)| left != right),
        };
        Ok(result.map_or_else(Collection::new, Collection::boolean))
    }
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}
