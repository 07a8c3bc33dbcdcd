//! Utility functions (section 5.9).

use super::{Arguments, Function, Result};
use crate::collection::Collection;
use crate::value::Value;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let now = || arguments.evaluator.now();
    Ok(match arguments.call.function {
        Function::Now => Collection::one(Value::DateTime(now())),
        Function::Today => Collection::one(Value::Date(now().date())),
        Function::TimeOfDay => {
            let time = now().time().map(Value::Time);
            time.map_or_else(Collection::new, Collection::one)
        }
        _ => return trace(arguments, input),
    })
}

fn trace<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let name = arguments.string(0)?.unwrap_or_default();
    let host = arguments.evaluator.context.host;
    if !arguments.has(1) {
        host.trace(&name, &input);
        return Ok(input);
    }
    let mut projected = Collection::new();
    for (index, item) in input.iter().enumerate() {
        projected.extend(arguments.for_item(1, item, index)?);
    }
    host.trace(&name, &projected);
    Ok(input)
}
