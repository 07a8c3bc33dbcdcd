//! Subsetting (section 5.3).

use super::{Arguments, Function, Result};
use crate::collection::Collection;
use crate::evaluate::Distinct;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    mut input: Collection<'a>,
) -> Result<Collection<'a>> {
    match arguments.call.function {
        Function::Single => {
            arguments.single(&input)?;
            Ok(input)
        }
        Function::First => {
            input.truncate(1);
            Ok(input)
        }
        Function::Last => Ok(input.last().cloned().into_iter().collect()),
        Function::Tail => Ok(input.into_iter().skip(1).collect()),
        Function::Skip => {
            let count = arguments.integer(0)?.unwrap_or(0);
            Ok(input.into_iter().skip(usize::try_from(count).unwrap_or(0)).collect())
        }
        Function::Take => {
            let count = arguments.integer(0)?.unwrap_or(0);
            input.truncate(usize::try_from(count).unwrap_or(0));
            Ok(input)
        }
        Function::Intersect => intersect(arguments, input),
        _ => exclude(arguments, input),
    }
}

/// The items that are in both, each once.
fn intersect<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let other = arguments.collection(0)?;
    let mut both = Distinct::new(arguments.evaluator);
    for item in input {
        if arguments.evaluator.is_among(&item, &other)? {
            both.insert(item)?;
        }
    }
    Ok(both.into_items())
}

/// The items that aren't in the other collection, as often as they are there.
fn exclude<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let other = arguments.collection(0)?;
    let mut rest = Collection::new();
    for item in input {
        if !arguments.evaluator.is_among(&item, &other)? {
            rest.push(item);
        }
    }
    Ok(rest)
}
