//! `<`, `<=`, `>` and `>=`.

use std::cmp::Ordering;

use super::equality::{moment, quantities};
use super::{Evaluator, Result, single};
use crate::ast::Operator;
use crate::collection::Collection;
use crate::error::EvaluationError;
use crate::scalar::Scalar;

impl<'a> Evaluator<'a, '_> {
    pub(super) fn order(
        &self,
        operator: Operator,
        left: &Collection<'a>,
        right: &Collection<'a>,
    ) -> Result<Collection<'a>> {
        let place = operator.symbol();
        let (Some(left), Some(right)) = (single(left, place)?, single(right, place)?) else {
            return Ok(Collection::new());
        };
        let order = compare(&self.scalar(left), &self.scalar(right), place)?;
        let result = order.map(|order| match operator {
            Operator::Less => order.is_lt(),
            Operator::LessOrEqual => order.is_le(),
            Operator::Greater => order.is_gt(),
            _ => order.is_ge(),
        });
        Ok(result.map_or_else(Collection::new, Collection::boolean))
    }
}

/// The order of two values; none when it can't be told, an error when they aren't of one kind.
fn compare(left: &Scalar<'_>, right: &Scalar<'_>, place: &'static str) -> Result<Option<Ordering>> {
    if let (Some(left), Some(right)) = (left.decimal(), right.decimal()) {
        return Ok(Some(left.cmp(&right)));
    }
    match (left, right) {
        (Scalar::String(left), Scalar::String(right)) => return Ok(Some(left.cmp(right))),
        (Scalar::Time(left), Scalar::Time(right)) => return Ok(left.compare(*right)),
        (Scalar::Absent, _) | (_, Scalar::Absent) => return Ok(None),
        _ => {}
    }
    if let (Some(left), Some(right)) = (moment(left), moment(right)) {
        return Ok(left.compare(right));
    }
    if let Some((left, right)) = quantities(left, right) {
        return Ok(left.compare(&right));
    }
    let found = format!("{} and {}", left.kind(), right.kind());
    Err(EvaluationError::WrongType { place, found })
}
