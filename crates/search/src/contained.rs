//! Contained resources (R4 search, section 3.1.1.5.7): chains look into them, and `_contained=true` asks
//! for them alone.
//!
//! Their values are index keys of the container, under names of their own: the parameter's behind
//! `contained:`, and the contained resource's number before the value. So all criteria can be asked of
//! one contained resource. `contained:type` has each one's type, and `Type.path:reference-contained`
//! the number that a reference `#id` leads to.
//!
//! The first [`MOST`] of a resource are indexed; words are the container's own, and the user's own
//! parameters don't look into contained resources.

use crate::index::{all, any};
use cresset_fhir::json::Json;
use cresset_store::{Filter, IndexKey, Parameter, Pattern, Scan, Segment};

/// How many of a resource's contained resources are indexed.
pub(crate) const MOST: u8 = 8;

/// The index of a part, for contained resources.
pub(crate) fn parameter(part: &Parameter) -> Parameter {
    Parameter::new(&format!("contained:{part}"))
}

/// The index of the types.
pub(crate) fn types() -> Parameter {
    Parameter::new("contained:type")
}

/// A contained resource's number as it stands before its values.
pub(crate) fn number(n: u8) -> Segment {
    Segment::Ordered(vec![n])
}

/// The key that says what type a contained resource has.
pub(crate) fn type_key(types: &Parameter, n: u8, type_name: &str) -> IndexKey {
    IndexKey { parameter: types.clone(), value: vec![number(n), Segment::Term(type_name.into())] }
}

/// The number of the contained resource with this id; those that aren't indexed have none.
pub(crate) fn number_of(container: &Json, id: &str) -> Option<u8> {
    let all = container.get("contained")?.items();
    let is_named = |item: &Json| item.get("id").and_then(Json::as_str) == Some(id);
    let at = u8::try_from(all.iter().position(is_named)?).ok()?;
    (at < MOST).then_some(at)
}

/// Resources that contain one of this type which the filter finds.
pub(crate) fn containing(type_name: &str, filter: &Filter) -> Filter {
    any((0..MOST).map(|n| all([is_of_type(n, type_name), inside(filter, n)])))
}

/// Resources that refer through one of these indexes to a contained resource of this type which the
/// filter finds.
pub(crate) fn referred_to(references: &[Parameter], type_name: &str, filter: &Filter) -> Filter {
    any((0..MOST).map(|n| {
        let refers = |parameter: &Parameter| {
            Filter::Scan(Scan::starting(parameter.clone(), vec![number(n)]))
        };
        let refers = any(references.iter().map(refers));
        all([refers, is_of_type(n, type_name), inside(filter, n)])
    }))
}

fn is_of_type(n: u8, type_name: &str) -> Filter {
    let value = vec![number(n), Segment::Term(type_name.into())];
    Filter::Scan(Scan::starting(types(), value))
}

/// How many ranges a filter has; `None` when it follows references, which those of contained resources
/// are not.
pub(crate) fn scans(filter: &Filter) -> Option<usize> {
    match filter {
        Filter::All | Filter::Keys(_) | Filter::Updated(..) => Some(0),
        Filter::Scan(_) => Some(1),
        Filter::And(filters) | Filter::Or(filters) => filters.iter().map(scans).sum(),
        Filter::Not(inner) => scans(inner),
        Filter::RefersTo(..) | Filter::RefersToType(..) | Filter::ReferredFrom(..) => None,
    }
}

/// The same filter on a contained resource. It has no id and no time of its own, and its references
/// are not followed: such criteria find nothing.
fn inside(filter: &Filter, n: u8) -> Filter {
    match filter {
        Filter::All => Filter::All,
        Filter::Scan(scan) => {
            let number = std::iter::once(Pattern::Is(number(n)));
            let prefix = number.chain(scan.prefix.iter().cloned()).collect();
            Filter::Scan(Scan { parameter: parameter(&scan.parameter), prefix, ..scan.clone() })
        }
        Filter::And(filters) => Filter::And(filters.iter().map(|f| inside(f, n)).collect()),
        Filter::Or(filters) => Filter::Or(filters.iter().map(|f| inside(f, n)).collect()),
        Filter::Not(inner) => Filter::Not(Box::new(inside(inner, n))),
        Filter::Keys(_)
        | Filter::Updated(..)
        | Filter::RefersTo(..)
        | Filter::RefersToType(..)
        | Filter::ReferredFrom(..) => Filter::Or(Vec::new()),
    }
}
