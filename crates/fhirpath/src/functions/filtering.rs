//! Filtering and projection (section 5.2), and `aggregate()`.

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::evaluate::{Distinct, Scope};

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    match arguments.call.function {
        Function::Where => filter(arguments, input),
        Function::Select => select(arguments, &input),
        Function::Repeat => repeat(arguments, input),
        _ => aggregate(arguments, &input),
    }
}

fn filter<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let mut kept = Collection::new();
    for (index, item) in input.into_iter().enumerate() {
        if arguments.holds(0, &item, index)? {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn select<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &[Item<'a>]) -> Result<Collection<'a>> {
    let mut selected = Collection::new();
    for (index, item) in input.iter().enumerate() {
        let items = arguments.for_item(0, item, index)?;
        arguments.evaluator.charge(items.len() as u64)?;
        selected.extend(items);
    }
    Ok(selected)
}

/// What's reached by projecting again and again, each item once.
fn repeat<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let mut reached = Distinct::new(arguments.evaluator);
    let mut wave: Vec<Item<'a>> = input.into_iter().collect();
    while !wave.is_empty() {
        let mut next = Vec::new();
        for (index, item) in wave.iter().enumerate() {
            for found in arguments.for_item(0, item, index)? {
                if reached.insert(found.clone())? {
                    next.push(found);
                }
            }
        }
        wave = next;
    }
    Ok(reached.into_items())
}

fn aggregate<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: &[Item<'a>],
) -> Result<Collection<'a>> {
    let mut total = match arguments.has(1) {
        true => arguments.collection(1)?,
        false => Collection::new(),
    };
    for (index, this) in input.iter().enumerate() {
        let scope = Scope { this, index: Some(index), total: Some(&total) };
        let next = arguments.evaluator.node(&arguments.call.arguments[0], scope)?;
        arguments.evaluator.charge(next.len() as u64)?;
        total = next;
    }
    Ok(total)
}
