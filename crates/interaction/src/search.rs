use crate::bundle::{BundleParts, Head, string};
use crate::context::{Context, Handling};
use crate::criteria::unsearchable;
use crate::failure::{ErrorKind, Failure, OutcomeIssue, Severity};
use crate::link;
use crate::operation_outcome::operation_outcome;
use crate::outcome::{Contents, Outcome, Success};
use crate::page_token;
use crate::request::Request;
use crate::service::Service;
use crate::summary::View;
use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, Object};
use cresset_search::{Ignored, SearchRequest, TotalMode};
use cresset_store::{Matches, Start, Stored};
use std::sync::Arc;

/// Resources of a page, unless `_count` says otherwise.
pub(crate) const DEFAULT_COUNT: usize = 50;
/// The most that `_count` can ask for.
pub(crate) const MOST_COUNT: usize = 1000;

impl Service {
    /// `GET [base]/[type]?…`, `POST [base]/[type]/_search`, and over all types (R4, section 3.1.0.11).
    pub(crate) async fn search(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let view = View::of(&request.parameters)?;
        let after = request.parameter(page_token::PARAMETER).map(page_token::decode).transpose()?;
        let resource_type = request.target.resource_type;
        let registry = self.registry();
        let sets = registry.code_sets(resource_type, &request.parameters);
        let expansions = self.expansions(context, sets).await;
        let search = registry.request(resource_type, &request.parameters, &expansions);
        let mut search = search.map_err(unsearchable)?;
        search.used.retain(|(name, _)| name != page_token::PARAMETER);
        if context.handling == Handling::Strict && !search.ignored.is_empty() {
            return Err(refused(&search.ignored));
        }
        let first = after.is_none();
        let count = search.count.unwrap_or(DEFAULT_COUNT).min(MOST_COUNT);
        let count_only = search.count_only || count == 0;
        search.query.start = after.map_or(Start::First, Start::After);
        search.query.limit = if count_only { 0 } else { count };
        search.query.total = count_only || search.total != TotalMode::None;
        let mut matches = self.store.search(&context.scope, search.query.clone()).await?;
        if count_only {
            (matches.resources, matches.next) = (Vec::new(), None);
        } else if first && matches.next.is_none() {
            // Everything is on this page: the total costs nothing.
            matches.total.get_or_insert(matches.resources.len() as u64);
        }
        let path = resource_type.map_or("", |t| self.name_of(t));
        Ok(self.searchset(context, path, &search, matches, view))
    }

    fn searchset(
        &self,
        context: &Context,
        path: &str,
        search: &SearchRequest,
        matches: Matches,
        view: Option<View>,
    ) -> Outcome {
        let used = &search.used;
        let mut links = vec![("self", link::url(&context.base_url, path, used, None))];
        if let Some(next) = &matches.next {
            links.push(("next", link::url(&context.base_url, path, used, Some(next))));
        }
        let head = Head { bundle_type: "searchset", total: matches.total, links: &links };
        let extra = warning(&search.ignored).into_iter().collect();
        let entry = Entry {
            definitions: self.definitions(),
            base: Arc::clone(&context.base_url),
            view,
            limits: self.limits,
        };
        let write = move |stored: &Stored, out: &mut Vec<u8>| entry.write(stored, out);
        let parts = BundleParts::new(&head, matches.resources, extra, Box::new(write));
        Outcome::new(Success::Ok, Contents::Bundle(parts))
    }
}

struct Entry {
    definitions: &'static Definitions,
    base: Arc<str>,
    view: Option<View>,
    limits: Limits,
}

impl Entry {
    fn write(&self, stored: &Stored, out: &mut Vec<u8>) -> Result<(), Failure> {
        let Some(body) = stored.body()? else {
            return Ok(());
        };
        let resource_type = self.definitions.resource_type_numbered(stored.key.resource_type.0);
        let name = resource_type.map_or("Resource", |t| self.definitions.resource_type_name(t));
        out.extend_from_slice(b"{\"fullUrl\":");
        string(&format!("{}/{name}/{}", self.base, stored.key.id), out);
        out.extend_from_slice(b",\"resource\":");
        match &self.view {
            None => out.extend_from_slice(&body),
            Some(view) => {
                out.extend_from_slice(&view.apply(self.definitions, &body, &self.limits)?)
            }
        }
        out.extend_from_slice(b",\"search\":{\"mode\":\"match\"}}");
        Ok(())
    }
}

fn issues(ignored: &[Ignored], severity: Severity) -> Vec<OutcomeIssue> {
    let issue = |i: &Ignored| {
        let name: String = i.parameter.chars().take(64).collect();
        let text = format!("search parameter '{name}': {}", i.reason);
        OutcomeIssue::new(severity, "not-supported", text).at(format!("http.{name}"))
    };
    ignored.iter().take(100).map(issue).collect()
}

fn refused(ignored: &[Ignored]) -> Failure {
    Failure::of(ErrorKind::BadRequest, issues(ignored, Severity::Error))
}

/// The entry that says what the search went on without (R4 search, section 3.1.1.3.4).
fn warning(ignored: &[Ignored]) -> Option<Json> {
    if ignored.is_empty() {
        return None;
    }
    let outcome = operation_outcome(&issues(ignored, Severity::Warning));
    let search = Object::new().with("mode", "outcome");
    Some(Object::new().with("resource", outcome).with("search", search).into())
}
