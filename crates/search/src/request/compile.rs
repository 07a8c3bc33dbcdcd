use super::criterion::{Criteria, Failure, Outcome};
use super::{Ignored, SearchError, SearchRequest, TotalMode, control, overlap};
use crate::contained;
use crate::index::all;
use crate::{Expansions, Registry};
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Filter, Query, Start, TypeNumber};

/// How many parameters one search may have.
const MOST_PARAMETERS: usize = 100;

/// Compiles the parameters of a search URL.
pub(crate) fn compile(
    registry: &Registry,
    resource_type: Option<ResourceType>,
    parameters: &[(String, String)],
    expansions: &Expansions,
) -> Result<SearchRequest, SearchError> {
    if parameters.len() > MOST_PARAMETERS {
        let reason = format!("a search may have {MOST_PARAMETERS} parameters");
        return Err(invalid("", reason));
    }
    let types = match resource_type {
        Some(resource_type) => vec![resource_type],
        None => control::types(registry, parameters)?,
    };
    let mut request = empty(&types);
    let mut criteria = Criteria::new(registry, expansions);
    let mut filters = Vec::new();
    for (name, value) in parameters {
        let outcome = if name == "_type" {
            type_parameter(resource_type, value)
        } else if let Some(outcome) = control::apply(registry, &types, &mut request, name, value) {
            outcome
        } else {
            criteria.filter(&types, name, value).map(|filter| {
                match overlap::with_earlier(registry, &types, name, &filter, &filters) {
                    Some((at, both)) => filters[at].1 = both,
                    None => filters.push((name.clone(), filter)),
                }
            })
        };
        match outcome {
            // A link that goes on from a page has its own.
            Ok(()) if name == "_page" => {}
            Ok(()) => request.used.push((name.clone(), value.clone())),
            Err(Failure::Ignored(reason)) => {
                request.ignored.push(Ignored { parameter: name.clone(), reason })
            }
            Err(Failure::Invalid(reason) | Failure::TooMuch(reason)) => {
                return Err(invalid(name, reason));
            }
        }
    }
    request.query.filter = all(filters.into_iter().map(|(_, filter)| filter));
    if request.contained {
        into_contained(registry, &types, &mut request)?;
    }
    Ok(request)
}

/// `_contained=true`: what the search asks is asked of contained resources, and their containers are
/// found, whatever their type.
fn into_contained(
    registry: &Registry,
    types: &[ResourceType],
    request: &mut SearchRequest,
) -> Result<(), SearchError> {
    let refuse = |reason: &str| Err(invalid("_contained", reason.to_owned()));
    let [only] = types else {
        return refuse("needs one type: search for /Type?_contained=true");
    };
    if !request.query.sort.is_empty() || !request.includes.is_empty() {
        return refuse("can't be combined with _sort, _include and _revinclude");
    }
    let asks_container = |(name, _): &(String, String)| {
        matches!(
            name.split(':').next(),
            Some("_id" | "_lastUpdated" | "_list" | "_text" | "_content")
        ) || name.contains('.')
            || name.starts_with("_has:")
    };
    if let Some((name, _)) = request.used.iter().find(|used| asks_container(used)) {
        return Err(invalid(name, "can't be asked of contained resources".to_owned()));
    }
    let name = registry.definitions().resource_type_name(*only);
    request.query.filter = contained::containing(name, &request.query.filter);
    request.query.types = Vec::new();
    Ok(())
}

/// `_type` is applied before all others (R4 search, section 3.1.1.1.4).
fn type_parameter(resource_type: Option<ResourceType>, value: &str) -> Outcome<()> {
    let reason = match resource_type {
        Some(_) => "is for searches over several types",
        None if value.split(',').all(str::is_empty) => "has no value",
        None => return Ok(()),
    };
    Err(Failure::Ignored(reason.to_owned()))
}

fn invalid(parameter: &str, reason: String) -> SearchError {
    SearchError::Invalid { parameter: parameter.to_owned(), reason }
}

/// The search without parameters.
fn empty(types: &[ResourceType]) -> SearchRequest {
    let types = types.iter().map(|t| TypeNumber(t.number())).collect();
    SearchRequest {
        query: Query {
            types,
            filter: Filter::All,
            sort: Vec::new(),
            start: Start::First,
            limit: 0,
            total: false,
        },
        count: None,
        total: TotalMode::None,
        count_only: false,
        summary: None,
        includes: Vec::new(),
        contained: false,
        elements: Vec::new(),
        ignored: Vec::new(),
        used: Vec::new(),
    }
}
