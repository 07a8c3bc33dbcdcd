//! Combining (section 5.4).

use super::{Arguments, Function, Result};
use crate::collection::Collection;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    mut input: Collection<'a>,
) -> Result<Collection<'a>> {
    let other = arguments.collection(0)?;
    if arguments.call.function == Function::Union {
        return arguments.evaluator.union(input, other);
    }
    arguments.evaluator.charge((input.len() + other.len()) as u64)?;
    input.extend(other);
    Ok(input)
}
