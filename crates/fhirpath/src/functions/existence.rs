//! Existence (section 5.1), and `not()`.

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::evaluate::Distinct;
use crate::scalar::Scalar;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let answer = match arguments.call.function {
        Function::Count => return Ok(Collection::count(input.len())),
        Function::Distinct => return distinct(arguments, input),
        Function::Not => return not(arguments, &input),
        Function::Empty => input.is_empty(),
        Function::Exists if arguments.has(0) => any_holds(arguments, &input)?,
        Function::Exists => !input.is_empty(),
        Function::All => all_hold(arguments, &input)?,
        Function::AllTrue => every(arguments, &input, true)?,
        Function::AllFalse => every(arguments, &input, false)?,
        Function::AnyTrue => !every(arguments, &input, false)?,
        Function::AnyFalse => !every(arguments, &input, true)?,
        Function::SubsetOf => is_subset(arguments, &input, &arguments.collection(0)?)?,
        Function::SupersetOf => is_subset(arguments, &arguments.collection(0)?, &input)?,
        _ => {
            let count = input.len();
            distinct(arguments, input)?.len() == count
        }
    };
    Ok(Collection::boolean(answer))
}

fn any_holds<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<bool> {
    for (index, item) in input.iter().enumerate() {
        if arguments.holds(0, item, index)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn all_hold<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<bool> {
    for (index, item) in input.iter().enumerate() {
        if !arguments.holds(0, item, index)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether all items are this truth value.
fn every<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: &[Item<'a>],
    wanted: bool,
) -> Result<bool> {
    let mut every = true;
    for item in input {
        match arguments.evaluator.scalar(item) {
            Scalar::Boolean(value) => every &= value == wanted,
            other => return Err(arguments.wrong_type(&other)),
        }
    }
    Ok(every)
}

fn is_subset<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    part: &[Item<'a>],
    whole: &[Item<'a>],
) -> Result<bool> {
    for item in part {
        if !arguments.evaluator.is_among(item, whole)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn distinct<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let mut distinct = Distinct::new(arguments.evaluator);
    for item in input {
        distinct.insert(item)?;
    }
    Ok(distinct.into_items())
}

/// The integers 0 and 1 convert to Booleans here, as the official suite asks; of anything else,
/// being there is true.
fn not<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<Collection<'a>> {
    let Some(item) = arguments.single(input)? else {
        return Ok(Collection::new());
    };
    let truth = match arguments.evaluator.scalar(item) {
        Scalar::Boolean(value) => value,
        Scalar::Integer(value) => value != 0,
        _ => true,
    };
    Ok(Collection::boolean(!truth))
}
