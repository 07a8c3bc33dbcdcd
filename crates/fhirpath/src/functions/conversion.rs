//! Conversion (section 5.5).

use compact_str::ToCompactString;
use rust_decimal::Decimal;

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::evaluate::{Scope, truth};
use crate::ucum;
use crate::value::{Date, DateTime, Quantity, Time, Value, parse_decimal};

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    if arguments.call.function == Function::Iif {
        return iif(arguments, &input);
    }
    let Some(item) = arguments.single(&input)? else {
        return Ok(Collection::new());
    };
    let (target, only_asks) = target(arguments.call.function);
    let mut converted = arguments.evaluator.value(item).and_then(|value| convert(target, value));
    if arguments.has(0) {
        converted = in_unit(arguments, converted)?;
    }
    if only_asks {
        return Ok(Collection::boolean(converted.is_some()));
    }
    Ok(converted.map_or_else(Collection::new, Collection::one))
}

/// Only the branch that's taken is evaluated.
fn iif<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<Collection<'a>> {
    let scope = match input {
        [this] => Scope { this, ..arguments.scope },
        _ => arguments.scope,
    };
    let evaluate = |index: usize| {
        let argument = arguments.call.arguments.get(index);
        argument.map_or_else(
            || Ok(Collection::new()),
            |argument| arguments.evaluator.node(argument, scope),
        )
    };
    let criterion = truth(arguments.evaluator, &evaluate(0)?, "iif")?;
    evaluate(if criterion == Some(true) { 1 } else { 2 })
}

/// The conversion that a function makes, and whether it only tells if that's possible.
fn target(function: Function) -> (Function, bool) {
    match function {
        Function::ConvertsToBoolean => (Function::ToBoolean, true),
        Function::ConvertsToInteger => (Function::ToInteger, true),
        Function::ConvertsToDecimal => (Function::ToDecimal, true),
        Function::ConvertsToString => (Function::ToString, true),
        Function::ConvertsToDate => (Function::ToDate, true),
        Function::ConvertsToDateTime => (Function::ToDateTime, true),
        Function::ConvertsToTime => (Function::ToTime, true),
        Function::ConvertsToQuantity => (Function::ToQuantity, true),
        other => (other, false),
    }
}

fn convert(target: Function, value: Value) -> Option<Value> {
    match target {
        Function::ToBoolean => to_boolean(&value).map(Value::Boolean),
        Function::ToInteger => to_integer(&value).map(Value::Integer),
        Function::ToDecimal => to_decimal(&value).map(Value::Decimal),
        Function::ToString => match value {
            Value::Type(_) => None,
            value => Some(Value::String(value.to_compact_string())),
        },
        Function::ToDate => match value {
            Value::Date(date) => Some(date),
            Value::DateTime(value) => Some(value.date()),
            Value::String(text) => {
                Date::parse(&text).or_else(|| DateTime::parse(&text).map(DateTime::date))
            }
            _ => None,
        }
        .map(Value::Date),
        Function::ToDateTime => match value {
            Value::Date(date) => Some(date.into()),
            Value::DateTime(value) => Some(value),
            Value::String(text) => DateTime::parse(&text),
            _ => None,
        }
        .map(Value::DateTime),
        Function::ToTime => match value {
            Value::Time(time) => Some(time),
            Value::String(text) => Time::parse(&text),
            _ => None,
        }
        .map(Value::Time),
        _ => to_quantity(value).map(|quantity| Value::Quantity(Box::new(quantity))),
    }
}

fn to_boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Boolean(value) => Some(*value),
        Value::Integer(1) => Some(true),
        Value::Integer(0) => Some(false),
        Value::Decimal(number) if *number == Decimal::ONE => Some(true),
        Value::Decimal(number) if number.is_zero() => Some(false),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "t" | "yes" | "y" | "1" | "1.0" => Some(true),
            "false" | "f" | "no" | "n" | "0" | "0.0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn to_integer(value: &Value) -> Option<i32> {
    match value {
        Value::Integer(value) => Some(*value),
        Value::Boolean(value) => Some(i32::from(*value)),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn to_decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Integer(value) => Some(Decimal::from(*value)),
        Value::Decimal(value) => Some(*value),
        Value::Boolean(value) => Some(Decimal::from(i32::from(*value))),
        Value::String(text) => decimal_text(text),
        _ => None,
    }
}

/// `(+|-)?\d+(\.\d+)?`
fn decimal_text(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_decimal = all_digits(whole) && all_digits(fraction);
    is_decimal.then(|| parse_decimal(text.strip_prefix('+').unwrap_or(text)))?
}

fn to_quantity(value: Value) -> Option<Quantity> {
    match value {
        Value::Quantity(quantity) => Some(*quantity),
        Value::String(text) => Quantity::parse(&text),
        other => to_decimal(&other).map(|number| Quantity::new(number, "1")),
    }
}

/// A quantity in the unit that `toQuantity(unit)` asks for.
fn in_unit(arguments: Arguments<'_, '_, '_, '_>, value: Option<Value>) -> Result<Option<Value>> {
    let (Some(unit), Some(Value::Quantity(quantity))) = (arguments.string(0)?, value) else {
        return Ok(None);
    };
    Ok(ucum::convert(quantity.value, quantity.ucum_code(), &unit)
        .map(|number| Value::Quantity(Box::new(Quantity::new(number, unit)))))
}
