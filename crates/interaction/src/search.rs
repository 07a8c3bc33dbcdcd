use crate::context::{Context, Handling};
use crate::criteria::{shown, unsearchable};
use crate::failure::{ErrorKind, Failure, OutcomeIssue, Severity};
use crate::include::Included;
use crate::outcome::Outcome;
use crate::page_token::{self, Binding};
use crate::request::Request;
use crate::route::Target;
use crate::searchset::Searchset;
use crate::service::Service;
use crate::summary::View;
use cresset_search::{Ignored, Registry, SearchRequest, TotalMode};
use cresset_store::{Matches, Plan, Start};

/// Resources of a page, unless `_count` says otherwise.
pub(crate) const DEFAULT_COUNT: usize = 50;
/// The most that `_count` can ask for.
pub(crate) const MOST_COUNT: usize = 1000;

/// A search ready for the store.
struct Prepared {
    search: SearchRequest,
    /// Where it is, relative to the base.
    path: String,
    /// The token of the page that was asked for.
    page: Option<String>,
    /// No resource can match.
    finds_nothing: bool,
}

impl Service {
    /// `GET [base]/[type]?…`, `POST [base]/[type]/_search`, and over all types (R4, section
    /// 3.1.0.11); inside a compartment, too (R4 search, section 3.1.1.3.1).
    ///
    /// The matches of a page and its total are those of one moment. What is included is read after
    /// that: a resource that was changed in between is included as it is then.
    pub(crate) async fn search(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let view = View::of(&request.parameters)?;
        let registry = self.registry();
        let Prepared { search, path, page, finds_nothing } =
            self.prepared(context, &registry, &request).await?;
        let mut matches = match finds_nothing {
            true => none(search.query.total),
            false => self.store.search(&context.scope, search.query.clone()).await?,
        };
        if page.is_none() && matches.next.is_none() && search.query.limit > 0 {
            // Everything is on this page: the total costs nothing.
            matches.total.get_or_insert(matches.resources.len() as u64);
        }
        let mut issues = issues(&search.ignored, Severity::Warning);
        let included =
            self.included(context, &registry, &search.includes, &matches.resources).await?;
        issues.extend(included.issues());
        let Included { resources: included, .. } = included;
        let set = Searchset {
            path,
            used: search.used,
            page,
            total: matches.total,
            next: matches.next.map(|p| page_token::start_bytes(&Start::After(p))),
            previous: matches.previous.map(|p| page_token::start_bytes(&Start::Before(p))),
            matches: matches.resources,
            included,
            issues,
            view,
        };
        self.searchset(context, set).await
    }

    /// How the store answers a search, without what the page includes; `None` when nothing can be
    /// found, so that the store isn't asked.
    ///
    /// # Errors
    /// Those of the search itself; a request for anything else is none.
    pub async fn explain(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Option<Plan>, Failure> {
        if !request.interaction.is_search() {
            let problem = "only searches have a plan: write /admin/explain?Type?parameter=value&…";
            return Err(Failure::bad_request("not-supported", problem));
        }
        let _in_use = self.in_force.enter();
        let prepared = self.prepared(context, &self.registry(), &request).await?;
        if prepared.finds_nothing {
            return Ok(None);
        }
        Ok(Some(self.store.explain(&context.scope, prepared.search.query).await?))
    }

    /// What the store is to be asked.
    async fn prepared(
        &self,
        context: &Context,
        registry: &Registry,
        request: &Request<'_>,
    ) -> Result<Prepared, Failure> {
        let mut search = self.understood(context, registry, request).await?;
        let path = self.search_path(&request.target);
        let page = request.parameter(page_token::PARAMETER).map(str::to_owned);
        search.query.start = match &page {
            None => Start::First,
            Some(token) => {
                let binding = Binding::new(&path, &search.used);
                page_token::start(&self.opened(context, &binding, token).await?)?
            }
        };
        let finds_nothing = !self.confine(context, registry, &request.target, &mut search)?;
        Ok(Prepared { search, path, page, finds_nothing })
    }

    /// The search that the parameters ask for, with its limit, before it is confined to a
    /// compartment.
    async fn understood(
        &self,
        context: &Context,
        registry: &Registry,
        request: &Request<'_>,
    ) -> Result<SearchRequest, Failure> {
        let of = request.target.searched();
        let sets = registry.code_sets(of, &request.parameters);
        let expansions = self.expansions(context, sets).await;
        let search = registry.request(of, &request.parameters, &expansions);
        let mut search = search.map_err(unsearchable)?;
        search.used.retain(|(name, _)| name != page_token::PARAMETER);
        if context.handling == Handling::Strict && !search.ignored.is_empty() {
            return Err(refused(&search.ignored));
        }
        if search.contained && request.target.id.is_some() {
            let problem = "can't be asked in a compartment";
            return Err(Failure::bad_request("not-supported", problem).at("http._contained"));
        }
        if !search.includes.is_empty() && search.summary.as_deref() == Some("text") {
            return Err(text_includes_nothing());
        }
        let count = search.count.unwrap_or(DEFAULT_COUNT).min(MOST_COUNT);
        let count_only = search.count_only || count == 0;
        search.query.limit = if count_only { 0 } else { count };
        search.query.total = count_only || search.total != TotalMode::None;
        Ok(search)
    }

    /// Where the search is, relative to the base.
    fn search_path(&self, target: &Target<'_>) -> String {
        let name = |of| self.name_of(of);
        match (target.resource_type, &target.id, target.member) {
            (Some(of), Some(id), Some(member)) => format!("{}/{id}/{}", name(of), name(member)),
            (Some(of), Some(id), None) => format!("{}/{id}/*", name(of)),
            (Some(of), ..) => name(of).to_owned(),
            (None, ..) => String::new(),
        }
    }
}

fn none(total: bool) -> Matches {
    Matches { resources: Vec::new(), next: None, previous: None, total: total.then_some(0) }
}

fn text_includes_nothing() -> Failure {
    // R4 search, section 3.1.1.5.8.
    let problem = "_summary=text can't be combined with _include or _revinclude";
    Failure::bad_request("invalid", problem).at("http._summary")
}

fn issues(ignored: &[Ignored], severity: Severity) -> Vec<OutcomeIssue> {
    let issue = |i: &Ignored| {
        let name = shown(&i.parameter);
        let text = format!("search parameter '{name}': {}", i.reason);
        OutcomeIssue::new(severity, "not-supported", text).at(format!("http.{name}"))
    };
    ignored.iter().take(100).map(issue).collect()
}

fn refused(ignored: &[Ignored]) -> Failure {
    Failure::of(ErrorKind::BadRequest, issues(ignored, Severity::Error))
}
