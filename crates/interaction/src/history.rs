use crate::bundle::{BundleParts, Head, string};
use crate::context::{Context, Handling};
use crate::failure::Failure;
use crate::moment;
use crate::outcome::{Contents, Outcome, Success};
use crate::page_token::{self, Binding};
use crate::request::Request;
use crate::route::{Interaction, Target};
use crate::search::{DEFAULT_COUNT, MOST_COUNT};
use crate::service::{Service, unknown_parameter};
use cresset_fhir::definitions::Definitions;
use cresset_store::{
    ChangeKind, HistoryPage, HistoryQuery, HistoryRange, Position, Stored, Timestamp, TypeNumber,
};
use std::sync::Arc;

/// The parameters of a history.
#[derive(Debug, Default)]
struct Parameters {
    since: Option<Timestamp>,
    at: Option<(Timestamp, Timestamp)>,
    page: Option<String>,
    count: Option<usize>,
    used: Vec<(String, String)>,
}

impl Service {
    /// `GET [base](/[type](/[id]))/_history` (R4, section 3.1.0.12).
    pub(crate) async fn history(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let parameters = parameters(&request.parameters, context.handling)?;
        let limit = parameters.count.unwrap_or(DEFAULT_COUNT);
        let first = parameters.page.is_none();
        let path = self.history_path(&request.target);
        let after = match &parameters.page {
            None => None,
            Some(token) => {
                let binding = Binding::new(&path, &parameters.used);
                Some(Position(self.opened(context, &binding, token).await?))
            }
        };
        let unbounded = parameters.since.is_none() && parameters.at.is_none();
        let query = HistoryQuery {
            range: range(request.interaction, &request.target)?,
            since: parameters.since,
            at: parameters.at,
            after,
            limit: limit.max(1),
        };
        let mut page = self.store.history(&context.scope, query).await?;
        page.total = page.total.filter(|_| unbounded);
        if first && page.versions.is_empty() {
            self.refuse_unknown(context, request).await?;
        }
        if limit == 0 {
            (page.versions, page.next) = (Vec::new(), None);
        }
        self.history_bundle(context, &path, &parameters, page).await
    }

    /// A history without versions may be a short span, or a resource that nobody knows.
    async fn refuse_unknown(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<(), Failure> {
        if request.interaction != Interaction::HistoryInstance {
            return Ok(());
        }
        let key = request.target.key()?;
        let found = self.store.read(&context.scope, std::slice::from_ref(&key)).await?;
        match found.into_iter().flatten().next() {
            Some(_) => Ok(()),
            None => Err(self.unknown(&key)),
        }
    }

    /// Where the history is, relative to the base.
    fn history_path(&self, target: &Target<'_>) -> String {
        match (target.resource_type, &target.id) {
            (Some(t), Some(id)) => format!("{}/{id}/_history", self.name_of(t)),
            (Some(t), None) => format!("{}/_history", self.name_of(t)),
            (None, _) => "_history".to_owned(),
        }
    }

    async fn history_bundle(
        &self,
        context: &Context,
        path: &str,
        parameters: &Parameters,
        page: HistoryPage,
    ) -> Result<Outcome, Failure> {
        let next = [("next", page.next.as_ref().map(|p| &p.0[..]))];
        let (used, token) = (&parameters.used, parameters.page.as_deref());
        let links = self.links(context, path, used, token, &next).await?;
        let head = Head { bundle_type: "history", total: page.total, links: &links };
        let base = Arc::clone(&context.base_url);
        let definitions = self.definitions();
        let write =
            move |stored: &Stored, out: &mut Vec<u8>| entry(definitions, &base, stored, out);
        let parts = BundleParts::new(&head, page.versions, Vec::new(), Box::new(write));
        Ok(Outcome::new(Success::Ok, Contents::Bundle(parts)))
    }
}

fn range(interaction: Interaction, target: &Target<'_>) -> Result<HistoryRange, Failure> {
    match interaction {
        Interaction::HistoryInstance => Ok(HistoryRange::Instance(target.key()?)),
        Interaction::HistoryType => {
            Ok(HistoryRange::Type(TypeNumber(target.resource_type()?.number())))
        }
        _ => Ok(HistoryRange::System),
    }
}

fn parameters(given: &[(String, String)], handling: Handling) -> Result<Parameters, Failure> {
    let mut parameters = Parameters::default();
    for (name, value) in given {
        match name.as_str() {
            "_since" => parameters.since = Some(moment::since(value)?),
            "_at" => parameters.at = Some(moment::at(value)?),
            "_count" => parameters.count = Some(count(value)?),
            page_token::PARAMETER => {
                parameters.page = Some(value.clone());
                continue;
            }
            "_format" | "_pretty" => {}
            unknown if handling == Handling::Strict => return Err(unknown_parameter(unknown)),
            _ => continue,
        }
        parameters.used.push((name.clone(), value.clone()));
    }
    Ok(parameters)
}

fn count(text: &str) -> Result<usize, Failure> {
    let count = text.parse::<usize>().map_err(|_| {
        Failure::bad_request("value", "_count must be a number of versions").at("http._count")
    })?;
    Ok(count.min(MOST_COUNT))
}

/// An entry with what happened and, unless that was a deletion, what it led to.
fn entry(
    definitions: &Definitions,
    base: &str,
    stored: &Stored,
    out: &mut Vec<u8>,
) -> Result<(), Failure> {
    let resource_type = definitions.resource_type_numbered(stored.key.resource_type.0);
    let name = resource_type.map_or("Resource", |t| definitions.resource_type_name(t));
    let id = &stored.key.id;
    out.extend_from_slice(b"{\"fullUrl\":");
    string(&format!("{base}/{name}/{id}"), out);
    if let Some(body) = stored.body()? {
        out.extend_from_slice(b",\"resource\":");
        out.extend_from_slice(&body);
    }
    // A creation with an id of the client's was a PUT; which it was isn't kept, and an id that the
    // server gave says the same.
    let (method, status) = match stored.kind {
        ChangeKind::Create => ("PUT", "201 Created"),
        ChangeKind::Update => ("PUT", "200 OK"),
        ChangeKind::Delete | ChangeKind::Purge => ("DELETE", "204 No Content"),
    };
    let rest = format!(
        ",\"request\":{{\"method\":\"{method}\",\"url\":\"{name}/{id}\"}},\"response\":{{\"status\":\"{status}\",\
         \"etag\":\"W/\\\"{}\\\"\",\"lastModified\":\"{}\"}}}}",
        stored.version, stored.updated
    );
    out.extend_from_slice(rest.as_bytes());
    Ok(())
}
