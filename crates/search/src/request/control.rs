//! Parameters that say what an answer looks like, not what it holds (R4 search, section 3.1.1.5).

use super::criterion::{Failure, Outcome};
use super::{SearchError, SearchRequest, TotalMode, sort};
use crate::Registry;
use cresset_fhir::definitions::ResourceType;

/// The types that `_type` names; none for all (section 3.1.1.1.4).
pub(super) fn types(
    registry: &Registry,
    parameters: &[(String, String)],
) -> Result<Vec<ResourceType>, SearchError> {
    let mut types: Option<Vec<ResourceType>> = None;
    for (_, value) in parameters.iter().filter(|(name, _)| name == "_type") {
        let mut named = Vec::new();
        for name in value.split(',').filter(|name| !name.is_empty()) {
            let found = registry.definitions().resource_type(name);
            named.push(found.ok_or_else(|| SearchError::Invalid {
                parameter: "_type".to_owned(),
                reason: "names a resource type that doesn't exist".to_owned(),
            })?);
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
    Some(match name {
        "_count" => count(request, value),
        "_sort" => sort::keys(registry, types, value).map(|keys| request.query.sort = keys),
        "_total" => total(request, value),
        "_summary" => summary(request, value),
        "_elements" => {
            let names = value.split(',').map(str::trim).filter(|n| !n.is_empty());
            request.elements.extend(names.map(str::to_owned));
            Ok(())
        }
        // Read before, or handled where requests are negotiated and pages are made.
        "_type" | "_format" | "_pretty" | "_page" => Ok(()),
        "_include"
        | "_revinclude"
        | "_include:iterate"
        | "_revinclude:iterate"
        | "_contained"
        | "_containedType" => Err(Failure::Ignored("not supported yet".to_owned())),
        _ => return None,
    })
}

fn count(request: &mut SearchRequest, value: &str) -> Outcome<()> {
    let count = value.parse().map_err(|_| invalid("a whole number, not below 0"))?;
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

fn count_only(request: &mut SearchRequest) {
    request.count_only = true;
    request.total = TotalMode::Accurate;
}

fn invalid(wanted: &str) -> Failure {
    Failure::Invalid(format!("must be {wanted}"))
}
