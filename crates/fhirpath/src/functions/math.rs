//! Mathematics (section 5.7). What has no result, such as the root of a negative number, is empty.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, MathematicalOps, RoundingStrategy};

use super::{Arguments, Function, Result};
use crate::collection::Collection;
use crate::scalar::Scalar;
use crate::value::{Quantity, Value, round_result};

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let Some(item) = arguments.single(&input)? else {
        return Ok(Collection::new());
    };
    let result = match (arguments.call.function, arguments.evaluator.scalar(item)) {
        (_, Scalar::Absent) => None,
        (Function::Abs, Scalar::Integer(value)) => value.checked_abs().map(Value::Integer),
        (Function::Abs, Scalar::Quantity(quantity)) => {
            let value = quantity.value.abs();
            Some(Value::Quantity(Box::new(Quantity { value, ..quantity })))
        }
        (Function::Power, scalar) => power(arguments, &scalar)?,
        (_, scalar) => match scalar.decimal() {
            Some(number) => of_decimal(arguments, number)?,
            None => return Err(arguments.wrong_type(&scalar)),
        },
    };
    Ok(result.map_or_else(Collection::new, Collection::one))
}

fn of_decimal(arguments: Arguments<'_, '_, '_, '_>, number: Decimal) -> Result<Option<Value>> {
    let integer = |number: Decimal| number.to_i32().map(Value::Integer);
    let inexact = |number: Option<Decimal>| number.map(round_result).map(Value::Decimal);
    Ok(match arguments.call.function {
        Function::Abs => Some(Value::Decimal(number.abs())),
        Function::Ceiling => integer(number.ceil()),
        Function::Floor => integer(number.floor()),
        Function::Truncate => integer(number.trunc()),
        Function::Exp => inexact(number.checked_exp()),
        Function::Ln => inexact(number.checked_ln()),
        Function::Sqrt => inexact(number.sqrt()),
        Function::Log => match decimal_argument(arguments)? {
            Some(base) => inexact(logarithm(number, base)),
            None => None,
        },
        _ => round(arguments, number)?,
    })
}

fn decimal_argument(arguments: Arguments<'_, '_, '_, '_>) -> Result<Option<Decimal>> {
    let Some(value) = arguments.value(0)? else {
        return Ok(None);
    };
    let scalar = Scalar::of_value(&value);
    scalar.decimal().map(Some).ok_or_else(|| arguments.wrong_type(&scalar))
}

fn logarithm(number: Decimal, base: Decimal) -> Option<Decimal> {
    number.checked_ln()?.checked_div(base.checked_ln()?)
}

fn round(arguments: Arguments<'_, '_, '_, '_>, number: Decimal) -> Result<Option<Value>> {
    let digits = if arguments.has(0) { arguments.integer(0)? } else { Some(0) };
    let digits = digits.and_then(|digits| u32::try_from(digits).ok());
    Ok(digits.map(|digits| {
        let strategy = RoundingStrategy::MidpointAwayFromZero;
        Value::Decimal(number.round_dp_with_strategy(digits, strategy))
    }))
}

/// Exact when the exponent is a whole number and the result isn't too long.
fn power(arguments: Arguments<'_, '_, '_, '_>, base: &Scalar<'_>) -> Result<Option<Value>> {
    let Some(number) = base.decimal() else {
        return Err(arguments.wrong_type(base));
    };
    let Some(exponent) = decimal_argument(arguments)? else {
        return Ok(None);
    };
    if let (Scalar::Integer(base), Some(exponent)) = (base, whole(exponent))
        && let Ok(exponent) = u32::try_from(exponent)
    {
        return Ok(base.checked_pow(exponent).map(Value::Integer));
    }
    let result = match whole(exponent) {
        Some(exponent) => number.checked_powi(exponent),
        None if number.is_sign_negative() => None,
        None => number.checked_powd(exponent).map(round_result),
    };
    Ok(result.map(Value::Decimal))
}

fn whole(number: Decimal) -> Option<i64> {
    number.fract().is_zero().then(|| number.to_i64())?
}
