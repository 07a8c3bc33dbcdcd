//! The criteria of conditional interactions: searches that must find none or one.

use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::request::query_parameters;
use crate::service::Service;
use cresset_fhir::definitions::ResourceType;
use cresset_search::{Ignored, SearchError};
use cresset_store::{Consistency, Filter, Guard, Key, Query, Start};

/// How often a conditional write is tried again when others change what it relies on.
pub(crate) const ATTEMPTS: usize = 16;

/// A search that finds what a conditional interaction is about.
#[derive(Clone, Debug)]
pub(crate) struct Criteria {
    query: Query,
}

/// What the criteria found, as it was at the time.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// At most two: more makes no difference.
    pub(crate) keys: Vec<Key>,
    query: Query,
}

impl Found {
    /// Makes the commit fail unless the criteria still find the same.
    pub(crate) fn guard(&self) -> Guard {
        let query = Query { limit: self.keys.len() + 1, ..self.query.clone() };
        Guard { query, found: self.keys.clone() }
    }

    /// The one that was found, if any.
    ///
    /// # Errors
    /// 412 when there are more (R4, sections 3.1.0.4.3, 3.1.0.7.1, 3.1.0.8.1).
    pub(crate) fn at_most_one(&self) -> Result<Option<&Key>, Failure> {
        match self.keys.as_slice() {
            [] => Ok(None),
            [key] => Ok(Some(key)),
            _ => Err(Failure::new(
                ErrorKind::PreconditionFailed,
                "multiple-matches",
                "the criteria match more than one resource; make them more selective",
            )),
        }
    }
}

impl Service {
    /// Compiles criteria. Unlike a search, a parameter that isn't understood is always an error:
    /// without it the criteria would mean something else.
    pub(crate) async fn criteria(
        &self,
        context: &Context,
        resource_type: ResourceType,
        parameters: &[(String, String)],
    ) -> Result<Criteria, Failure> {
        let wanted = |name: &str| !matches!(name, "_format" | "_pretty");
        let parameters: Vec<_> = parameters.iter().filter(|(n, _)| wanted(n)).cloned().collect();
        let registry = self.registry();
        let sets = registry.code_sets(Some(resource_type), &parameters);
        let expansions = self.expansions(context, sets).await;
        let request = registry
            .request(Some(resource_type), &parameters, &expansions)
            .map_err(unsearchable)?;
        if let Some(ignored) = request.ignored.first() {
            return Err(unusable_parameter(ignored));
        }
        if matches!(request.query.filter, Filter::All) {
            return Err(Failure::new(
                ErrorKind::PreconditionFailed,
                "required",
                "a conditional request needs search criteria",
            ));
        }
        let query = Query {
            sort: Vec::new(),
            start: Start::First,
            limit: 2,
            total: false,
            ..request.query
        };
        Ok(Criteria { query })
    }

    /// Criteria as a query string: `If-None-Exist`, a conditional reference.
    pub(crate) async fn criteria_text(
        &self,
        context: &Context,
        resource_type: ResourceType,
        text: &str,
    ) -> Result<Criteria, Failure> {
        // A header may repeat the type in front: `Patient?identifier=…`.
        let query = text.split_once('?').map_or(text, |(_, query)| query);
        self.criteria(context, resource_type, &query_parameters(query)).await
    }

    /// Searches for what the criteria mean now.
    pub(crate) async fn find(
        &self,
        context: &Context,
        criteria: &Criteria,
    ) -> Result<Found, Failure> {
        // What was acknowledged before must not be missed, whatever the client asks for.
        self.store.await_index(&context.scope, Consistency::Strong).await?;
        let matches = self.store.search(&context.scope, criteria.query.clone()).await?;
        let keys = matches.resources.into_iter().map(|r| r.key).collect();
        Ok(Found { keys, query: criteria.query.clone() })
    }
}

/// Unlike a search, a conditional interaction can't go on without one of its criteria.
fn unusable_parameter(ignored: &Ignored) -> Failure {
    let name = shown(&ignored.parameter);
    let problem = format!("parameter '{name}' can't be used here: {}", ignored.reason);
    Failure::bad_request("not-supported", problem).at(&format!("http.{name}"))
}

pub(crate) fn unsearchable(error: SearchError) -> Failure {
    let SearchError::Invalid { parameter, reason } = error;
    if parameter.is_empty() {
        // About the search as a whole.
        return Failure::bad_request("value", reason);
    }
    let name = shown(&parameter);
    Failure::bad_request("value", format!("search parameter '{name}': {reason}"))
        .at(&format!("http.{name}"))
}

/// As much of a parameter's name as an answer repeats: it may be as long as a form. Eight
/// links of a chain fit in.
pub(crate) fn shown(parameter: &str) -> &str {
    const MOST: usize = 200;
    parameter.char_indices().nth(MOST).map_or(parameter, |(end, _)| &parameter[..end])
}
