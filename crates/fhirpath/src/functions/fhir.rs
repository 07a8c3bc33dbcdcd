//! FHIR's additions to FHIRPath (R4, "Using FHIRPath with FHIR").

use cresset_fhir::definitions::{Kind, TypeId};
use cresset_fhir::json::Json;

use super::{Arguments, Function, Result};
use crate::collection::{Collection, Item};
use crate::error::EvaluationError;
use crate::evaluate::Evaluator;
use crate::model::reference_type;
use crate::node::Node;
use crate::scalar::Scalar;
use crate::value::Value;

const STRUCTURE: &str = "http://hl7.org/fhir/StructureDefinition/";

pub(super) fn call<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: Collection<'a>,
) -> Result<Collection<'a>> {
    match arguments.call.function {
        Function::Extension => extension(arguments, &input),
        Function::HasValue => {
            let has_value = input.len() == 1 && primitive_value(arguments, &input[0]).is_some();
            Ok(Collection::boolean(has_value))
        }
        Function::GetValue => {
            let value = match &*input {
                [item] => primitive_value(arguments, item),
                _ => None,
            };
            Ok(value.map_or_else(Collection::new, Collection::one))
        }
        Function::Resolve => {
            let nodes =
                input.iter().filter_map(|item| resolve_reference(arguments.evaluator, item));
            Ok(nodes.map(Item::Node).collect())
        }
        Function::HtmlChecks => Ok(html_checks(arguments, &input)),
        _ => ask_host(arguments, &input),
    }
}

/// The extensions with this URL.
fn extension<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: &Collection<'a>,
) -> Result<Collection<'a>> {
    let mut found = Collection::new();
    let Some(url) = arguments.string(0)? else {
        return Ok(found);
    };
    let definitions = arguments.evaluator.context.definitions;
    let extension_type = definitions.type_named("Extension");
    for node in input.nodes() {
        let holder = node.json.filter(|json| json.as_object().is_some()).or(node.sibling);
        let extensions = holder.and_then(|holder| holder.get("extension"));
        for json in extensions.map(Json::items).unwrap_or_default() {
            arguments.evaluator.charge(1)?;
            if json.get("url").and_then(Json::as_str) == Some(&url) {
                let type_id = extension_type;
                found.push(Item::Node(Node { json: Some(json), sibling: None, type_id }));
            }
        }
    }
    Ok(found)
}

/// The value of a FHIR primitive; quantities are no primitives.
fn primitive_value(arguments: Arguments<'_, '_, '_, '_>, item: &Item<'_>) -> Option<Value> {
    let node = item.as_node()?;
    let definition = &arguments.evaluator.context.definitions[node.type_id?];
    (definition.kind == Kind::Primitive).then(|| arguments.evaluator.value(item))?
}

/// The text of a reference: that of a Reference, or a uri or canonical itself.
fn reference_text<'x>(evaluator: &Evaluator<'_, '_>, item: &'x Item<'_>) -> Option<&'x str> {
    if let Item::Node(node) = item
        && let Some(json @ Json::Object(_)) = node.json
    {
        return json.get("reference").and_then(Json::as_str);
    }
    match evaluator.scalar(item) {
        Scalar::String(text) => Some(text),
        _ => None,
    }
}

/// The resource that a reference points to: in the resource itself, or as the host knows it.
pub(super) fn resolve_reference<'a>(
    evaluator: &Evaluator<'a, '_>,
    item: &Item<'a>,
) -> Option<Node<'a>> {
    let context = evaluator.context;
    let text = reference_text(evaluator, item)?;
    let resource = match text.strip_prefix('#') {
        Some("") => Some(context.root),
        Some(id) => contained(context.resource, id).or_else(|| contained(context.root, id)),
        None => context.host.resolve(text),
    }?;
    Some(Node::resource(resource, context.definitions))
}

fn contained<'a>(resource: &'a Json, id: &str) -> Option<&'a Json> {
    let contained = resource.get("contained")?.items();
    contained.iter().find(|resource| resource.get("id").and_then(Json::as_str) == Some(id))
}

/// The type of a reference's target as far as its text or its `type` tells.
pub(super) fn target_type(evaluator: &Evaluator<'_, '_>, item: &Item<'_>) -> Option<TypeId> {
    let definitions = evaluator.context.definitions;
    let is_resource = |type_id: &TypeId| definitions[*type_id].kind == Kind::Resource;
    let text = reference_text(evaluator, item);
    let named = text.and_then(reference_type).and_then(|name| definitions.type_named(name));
    named.filter(is_resource).or_else(|| {
        let stated = item.as_node()?.json?.get("type")?.as_str()?;
        let name = stated.strip_prefix(STRUCTURE).unwrap_or(stated);
        definitions.type_named(name).filter(is_resource)
    })
}

fn ask_host<'a>(
    arguments: Arguments<'_, 'a, '_, '_>,
    input: &Collection<'a>,
) -> Result<Collection<'a>> {
    let Some(item) = arguments.single(input)? else {
        return Ok(Collection::new());
    };
    let Some(url) = arguments.string(0)? else {
        return Ok(Collection::new());
    };
    let host = arguments.evaluator.context.host;
    let answer = match arguments.call.function {
        Function::MemberOf => host.member_of(item, &url),
        _ => host.conforms_to(item, &url),
    };
    answer.map(Collection::boolean).ok_or(EvaluationError::NotAvailable(arguments.name()))
}

/// Whether a narrative is XHTML without active content. Only the outer form and the elements that
/// must never be there are looked at.
fn html_checks<'a>(arguments: Arguments<'_, 'a, '_, '_>, input: &Collection<'a>) -> Collection<'a> {
    let is_sound = |item: &Item<'a>| match arguments.evaluator.scalar(item) {
        Scalar::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            let active = ["<script", "<object", "<iframe", "<form", "javascript:"];
            text.starts_with("<div") && !active.iter().any(|mark| text.contains(mark))
        }
        _ => false,
    };
    match input.is_empty() {
        true => Collection::new(),
        false => Collection::boolean(input.iter().all(is_sound)),
    }
}
