//! `+`, `-`, `*`, `/`, `div`, `mod` and the signs.
//!
//! What overflows, or divides by zero, has an empty result.

use compact_str::CompactString;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Evaluator, Result, single, wrong_type};
use crate::ast::Operator;
use crate::collection::Collection;
use crate::error::EvaluationError;
use crate::scalar::Scalar;
use crate::ucum;
use crate::value::{
    Quantity, Unit, Value, add_to_date, add_to_date_time, add_to_time, round_result,
};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn polarity(
        &self,
        negative: bool,
        operand: &Collection<'a>,
    ) -> Result<Collection<'a>> {
        let place = if negative { "-" } else { "+" };
        let Some(item) = single(operand, place)? else {
            return Ok(Collection::new());
        };
        let result = match self.scalar(item) {
            Scalar::Integer(value) if negative => value.checked_neg().map(Value::Integer),
            Scalar::Integer(value) => Some(Value::Integer(value)),
            Scalar::Decimal(value) if negative => Some(Value::Decimal(-value)),
            Scalar::Decimal(value) => Some(Value::Decimal(value)),
            Scalar::Quantity(quantity) => {
                let value = if negative { -quantity.value } else { quantity.value };
                Some(Value::Quantity(Box::new(Quantity { value, ..quantity })))
            }
            other => return Err(wrong_type(place, &other)),
        };
        Ok(optional(result))
    }

    pub(super) fn arithmetic(
        &self,
        operator: Operator,
        left: &Collection<'a>,
        right: &Collection<'a>,
    ) -> Result<Collection<'a>> {
        let place = operator.symbol();
        let (Some(left), Some(right)) = (single(left, place)?, single(right, place)?) else {
            return Ok(Collection::new());
        };
        let (left, right) = (self.scalar(left), self.scalar(right));
        let result = match (&left, &right) {
            (Scalar::Absent, _) | (_, Scalar::Absent) => None,
            (Scalar::Integer(left), Scalar::Integer(right)) => integers(operator, *left, *right),
            (Scalar::String(left), Scalar::String(right)) if operator == Operator::Add => {
                self.charge_text(left.len() + right.len())?;
                let mut text = CompactString::from(*left);
                text.push_str(right);
                Some(Value::String(text))
            }
            (_, Scalar::Quantity(quantity)) if is_moment(&left) => {
                moved(operator, &left, quantity)?
            }
            _ => match (left.decimal(), right.decimal()) {
                (Some(left), Some(right)) => decimals(operator, left, right),
                _ => with_quantities(operator, &left, &right)?,
            },
        };
        Ok(optional(result))
    }
}

fn optional<'a>(value: Option<Value>) -> Collection<'a> {
    value.map_or_else(Collection::new, Collection::one)
}

fn integers(operator: Operator, left: i32, right: i32) -> Option<Value> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Div => left.checked_div(right),
        Operator::Mod => left.checked_rem(right),
        _ => return decimals(operator, left.into(), right.into()),
    };
    result.map(Value::Integer)
}

fn decimals(operator: Operator, left: Decimal, right: Decimal) -> Option<Value> {
    let result = match operator {
        Operator::Add => left.checked_add(right),
        Operator::Subtract => left.checked_sub(right),
        Operator::Multiply => left.checked_mul(right),
        Operator::Divide => left.checked_div(right).map(round_result),
        Operator::Mod => left.checked_rem(right),
        _ => {
            let whole = left.checked_div(right)?.trunc();
            return whole.to_i32().map(Value::Integer);
        }
    };
    result.map(Value::Decimal)
}

fn is_moment(scalar: &Scalar<'_>) -> bool {
    matches!(scalar, Scalar::Date(_) | Scalar::DateTime(_) | Scalar::Time(_))
}

/// A date or time plus or minus a duration.
fn moved(operator: Operator, moment: &Scalar<'_>, by: &Quantity) -> Result<Option<Value>> {
    let negative = match operator {
        Operator::Add => false,
        Operator::Subtract => true,
        _ => return Err(wrong_type(operator.symbol(), moment)),
    };
    let result = match moment {
        Scalar::Date(date) => add_to_date(*date, by, negative).map(|sum| sum.map(Value::Date)),
        Scalar::DateTime(value) => {
            add_to_date_time(*value, by, negative).map(|sum| sum.map(Value::DateTime))
        }
        Scalar::Time(time) => add_to_time(*time, by, negative).map(|sum| sum.map(Value::Time)),
        _ => Ok(None),
    };
    result.map_err(|()| EvaluationError::WrongType {
        place: operator.symbol(),
        found: format!("{by}, which is no duration"),
    })
}

fn with_quantities(
    operator: Operator,
    left: &Scalar<'_>,
    right: &Scalar<'_>,
) -> Result<Option<Value>> {
    let Some((a, b)) = super::equality::quantities(left, right) else {
        let found = format!("{} and {}", left.kind(), right.kind());
        return Err(EvaluationError::WrongType { place: operator.symbol(), found });
    };
    let result = match operator {
        Operator::Add | Operator::Subtract => sum(operator, &a, &b),
        Operator::Multiply | Operator::Divide => product(operator, &a, &b),
        _ => return Err(wrong_type(operator.symbol(), left)),
    };
    Ok(result.map(|quantity| Value::Quantity(Box::new(quantity))))
}

/// In the unit they share, or else in their canonical unit.
fn sum(operator: Operator, left: &Quantity, right: &Quantity) -> Option<Quantity> {
    let add = |a: Decimal, b: Decimal| match operator {
        Operator::Add => a.checked_add(b),
        _ => a.checked_sub(b),
    };
    if left.unit == right.unit {
        let value = add(left.value, right.value)?;
        return Some(Quantity { value, unit: left.unit.clone() });
    }
    let (a, unit) = ucum::canonical(left.value, left.ucum_code())?;
    let (b, other) = ucum::canonical(right.value, right.ucum_code())?;
    (unit == other).then_some(())?;
    Some(Quantity::new(add(a, b)?, unit))
}

fn product(operator: Operator, left: &Quantity, right: &Quantity) -> Option<Quantity> {
    let value = match operator {
        Operator::Multiply => left.value.checked_mul(right.value)?,
        _ => left.value.checked_div(right.value).map(round_result)?,
    };
    let is_unity = |quantity: &Quantity| matches!(&quantity.unit, Unit::Ucum(code) if code == "1");
    if is_unity(right) {
        return Some(Quantity { value, unit: left.unit.clone() });
    }
    if operator == Operator::Divide && left.unit == right.unit {
        return Some(Quantity::new(value, "1"));
    }
    let (left, right) = (left.ucum_code(), right.ucum_code());
    let unit = match operator {
        Operator::Multiply if left == "1" => right.to_owned(),
        Operator::Multiply => format!("({left}).({right})"),
        _ => format!("({left})/({right})"),
    };
    ucum::is_known(&unit).then(|| Quantity::new(value, unit))
}
