//! Tree navigation (section 5.8).

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::model::children;
use crate::node::Node;

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let is_deep = arguments.call.function == Function::Descendants;
    let mut found = Collection::new();
    for node in input.nodes() {
        below(arguments, node, is_deep, &mut found)?;
    }
    Ok(found)
}

/// The recursion goes as deep as the JSON, which its parser bounds.
fn below<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    node: Node<'a>,
    is_deep: bool,
    found: &mut Collection<'a>,
) -> Result<()> {
    let definitions = arguments.evaluator.context.definitions;
    children(definitions, node, &mut |child| {
        arguments.evaluator.charge(1)?;
        found.push(Item::Node(child));
        if is_deep { below(arguments, child, true, found) } else { Ok(()) }
    })
}
