//! Parameters that say what an answer looks like, not what it holds (R4 search, section 3.1.1.5).

use super::criterion::{Failure, Outcome};
use super::{SearchError, SearchRequest, TotalMode, include, sort};
use crate::Registry;
use cresset_fhir::definitions::ResourceType;

const COUNT: &str = "_count";
const TOTAL: &str = "_total";
const SUMMARY: &str = "_summary";
const CONTAINED: &str = "_contained";
const CONTAINED_TYPE: &str = "_containedType";

/// How many elements a search may name.
const MOST_ELEMENTS: usize = 200;

/// The types that `_type` names; none for all (section 3.1.1.1.4).
pub(super) fn types(
    registry: &Registry,
    parameters: &[(String, String)],
) -> Result<Vec<ResourceType>, SearchError> {
    let mut types: Option<Vec<ResourceType>> = None;
    for (_, value) in parameters.iter().filter(|(name, _)| name == "_type") {
        let definitions = registry.definitions();
        let is_concrete =
            |t: &ResourceType| !definitions[definitions.resource_type_id(*t)].is_abstract;
        let mut named = Vec::new();
        for name in value.split(',').filter(|name| !name.is_empty()) {
            let found = definitions.resource_type(name).filter(is_concrete);
            named.push(found.ok_or_else(|| SearchError::Invalid {
                parameter: "_type".to_owned(),
                reason: "names a resource type that doesn't exist".to_owned(),
            })?);
        }
        if named.is_empty() {
            continue;
        }
        named.sort_unstable();
        named.dedup();
        if let Some(before) = types {
            named.retain(|t| before.contains(t));
            if named.is_empty() {
                return Err(SearchError::Invalid {
                    parameter: "_type".to_owned(),
                    reason: "given twice without a type in common".to_owned(),
                });
            }
        }
        types = Some(named);
    }
    Ok(types.unwrap_or_default())
}

/// Applies a parameter of this kind; `None` for any other.
pub(super) fn apply(
    registry: &Registry,
    types: &[ResourceType],
    request: &mut SearchRequest,
    name: &str,
    value: &str,
) -> Option<Outcome<()>> {
    let once = [COUNT, TOTAL, SUMMARY, CONTAINED, CONTAINED_TYPE];
    if once.contains(&name) {
        if value.is_empty() {
            return Some(Err(Failure::Ignored("has no value".to_owned())));
        }
        if request.used.iter().any(|(before, other)| before == name && other != value) {
            return Some(Err(Failure::Invalid("is given twice, with different values".to_owned())));
        }
    }
    Some(match name {
        COUNT => count(request, value),
        "_sort" => sort::apply(registry, types, &mut request.query.sort, value),
        TOTAL => total(request, value),
        SUMMARY => summary(request, value),
        "_elements" => elements(request, value),
        CONTAINED => contained(request, value),
        CONTAINED_TYPE => contained_type(value),
        // Handled where requests are negotiated and pages are made.
        "_format" | "_pretty" | "_page" => Ok(()),
        "_query" => Err(Failure::Invalid("there are no named queries here".to_owned())),
        _ => return include::apply(registry, types, &mut request.includes, name, value),
    })
}

fn count(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    if !value.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(invalid("a whole number, not below 0"));
    }
    // What is too large for a number is too large for a page, and cut there.
    let count = value.parse().unwrap_or(usize::MAX);
    request.count = Some(count);
    // Section 3.1.1.5.3: the same as `_summary=count`.
    if count == 0 {
        count_only(request);
    }
    Ok(())
}

fn total(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    let total = match value {
        "none" => TotalMode::None,
        "estimate" => TotalMode::Estimate,
        "accurate" => TotalMode::Accurate,
        _ => return Err(invalid("none, estimate or accurate")),
    };
    if !request.count_only {
        request.total = total;
    }
    Ok(())
}

fn summary(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    match value {
        "false" => {}
        "true" | "text" | "data" => request.summary = Some(value.to_owned()),
        "count" => count_only(request),
        _ => return Err(invalid("true, text, data, count or false")),
    }
    Ok(())
}

/// Names of elements (section 3.1.1.5.9), the same as often as one likes.
fn elements(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
    let before = request.elements.len();
    request.elements.extend(names.map(str::to_owned));
    match request.elements.len() {
        now if now == before => Err(Failure::Ignored("has no value".to_owned())),
        now if now > MOST_ELEMENTS => {
            Err(Failure::TooMuch(format!("may name {MOST_ELEMENTS} elements")))
        }
        _ => Ok(()),
    }
}

/// Section 3.1.1.5.7: contained resources are not found, unless it is asked for.
fn contained(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    match value {
        "false" => Ok(()),
        "true" => {
            request.contained = true;
            Ok(())
        }
        "both" => {
            let reason = "both is not supported: search once with true and once with false";
            Err(Failure::Invalid(reason.to_owned()))
        }
        _ => Err(invalid("false, true or both")),
    }
}

/// What `_contained=true` answers with: the resources that contain matches.
fn contained_type(value: &str) -> Outcome<()> {
    match value {
        "container" => Ok(()),
        "contained" => {
            let reason = "contained is not supported: the containers are answered";
            Err(Failure::Invalid(reason.to_owned()))
        }
        _ => Err(invalid("container or contained")),
    }
}

fn count_only(request: &mut SearchRequest) {
    request.count_only = true;
    request.total = TotalMode::Accurate;
}

fn invalid(wanted: &str) -> Failure {
    Failure::Invalid(format!("must be {wanted}"))
}
