//! Types: `is`, `as`, `ofType()`, `type()` (section 6.3).

use super::{Arguments, Function, Result};
use crate::ast::TypeName;
use crate::collection::{Collection, Item};
use crate::error::EvaluationError;
use crate::evaluate::{Evaluator, single};
use crate::model::is_named;
use crate::value::{SystemType, TypeInfo, Value};

use super::fhir::{resolve_reference, target_type};

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    let evaluator = arguments.evaluator;
    match arguments.call.function {
        Function::Is => has_type(evaluator, &input, arguments.type_name()),
        Function::Type => {
            let infos = input.iter().filter_map(|item| type_info(evaluator, item));
            Ok(infos.map(|info| Item::Value(Value::Type(info))).collect())
        }
        _ => select_type(evaluator, input, arguments.type_name()),
    }
}

/// `is`
pub(crate) fn has_type<'a>(
    evaluator: &Evaluator<'a, '_>,
    items: &[Item<'a>],
    name: &TypeName,
) -> Result<Collection<'a>> {
    let Some(item) = single(items, "is")? else {
        return Ok(Collection::new());
    };
    check_known(evaluator, name)?;
    Ok(Collection::boolean(is_of_type(evaluator, item, name)))
}

/// `as` and `ofType()`
pub(crate) fn select_type<'a>(
    evaluator: &Evaluator<'a, '_>,
    mut items: Collection<'a>,
    name: &TypeName,
) -> Result<Collection<'a>> {
    if !items.is_empty() {
        check_known(evaluator, name)?;
        items.retain(|item| is_of_type(evaluator, item, name));
    }
    Ok(items)
}

/// `resolve() is Type`: told from the reference's text if that names a type, else by resolving.
pub(crate) fn type_of_reference<'a>(
    evaluator: &Evaluator<'a, '_>,
    references: Collection<'a>,
    name: &TypeName,
) -> Result<Collection<'a>> {
    let Some(item) = single(&references, "is")? else {
        return Ok(Collection::new());
    };
    if name.namespace.as_deref() != Some("System")
        && let Some(target) = target_type(evaluator, item)
    {
        check_known(evaluator, name)?;
        let is = is_named(evaluator.context.definitions, target, &name.name);
        return Ok(Collection::boolean(is));
    }
    match resolve_reference(evaluator, item) {
        Some(node) => has_type(evaluator, &[Item::Node(node)], name),
        None => Ok(Collection::new()),
    }
}

/// A name without a namespace stands for a type of either.
fn is_of_type(evaluator: &Evaluator<'_, '_>, item: &Item<'_>, name: &TypeName) -> bool {
    let namespace = name.namespace.as_deref();
    match item {
        Item::Node(node) => {
            let definitions = evaluator.context.definitions;
            let type_id = node.type_id.filter(|_| namespace != Some("System"));
            type_id.is_some_and(|type_id| is_named(definitions, type_id, &name.name))
        }
        Item::Value(value) => {
            let system_type = value.system_type().filter(|_| namespace != Some("FHIR"));
            system_type.is_some_and(|is| is.name() == name.name)
        }
    }
}

fn check_known(evaluator: &Evaluator<'_, '_>, name: &TypeName) -> Result<()> {
    let in_system = SystemType::named(&name.name).is_some();
    let in_fhir = || evaluator.context.definitions.type_named(&name.name).is_some();
    let is_known = match name.namespace.as_deref() {
        None => in_system || in_fhir(),
        // The suite asks whether a Patient is a System.Patient, and expects no.
        Some("System" | "FHIR") => true,
        Some(_) => false,
    };
    if is_known { Ok(()) } else { Err(EvaluationError::UnknownType(name.to_string())) }
}

fn type_info(evaluator: &Evaluator<'_, '_>, item: &Item<'_>) -> Option<TypeInfo> {
    match item {
        Item::Node(node) => {
            let definition = node.type_id.map(|type_id| &evaluator.context.definitions[type_id]);
            // What the definitions don't know is at least an element.
            let name = definition.map_or("Element", |definition| definition.name.as_str());
            Some(TypeInfo { namespace: "FHIR", name })
        }
        Item::Value(value) => {
            let name = value.system_type()?.name();
            Some(TypeInfo { namespace: "System", name })
        }
    }
}
