//! `ValueSet/$expand` (R4, valueset-operation-expand).

mod answer;
mod filter;

use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::operation_parameters::{OperationParameters, invalid};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::terminology::unusable;
use cresset_fhir::json::Json;
use cresset_store::Key;
use cresset_terminology::{Canonical, Library, ValueSet, expand, needs};
use std::sync::Arc;

/// Codes of an answer at most; there are pages for more.
const MOST_CODES: usize = 10_000;

/// The parameters that it takes. Expansions are flat anyway, and hold no codes that are composed.
const KNOWN: [&str; 12] = [
    "url",
    "valueSet",
    "valueSetVersion",
    "filter",
    "offset",
    "count",
    "includeDesignations",
    "activeOnly",
    "excludeNested",
    "excludeNotForUI",
    "excludePostCoordinated",
    "displayLanguage",
];

/// What is wanted of an expansion.
#[derive(Debug)]
pub(super) struct Wanted<'p> {
    filter: Option<&'p str>,
    offset: usize,
    count: Option<usize>,
    include_designations: bool,
    active_only: bool,
    without_abstract: bool,
    language: Option<&'p str>,
}

impl<'p> Wanted<'p> {
    fn read(parameters: &'p OperationParameters) -> Result<Self, Failure> {
        let flag = |name| parameters.flag(name).map(|value| value.unwrap_or(false));
        flag("excludeNested")?;
        flag("excludePostCoordinated")?;
        Ok(Self {
            filter: parameters.text("filter")?.filter(|filter| !filter.trim().is_empty()),
            offset: parameters.number("offset")?.unwrap_or(0),
            count: parameters.number("count")?,
            include_designations: flag("includeDesignations")?,
            active_only: flag("activeOnly")?,
            without_abstract: flag("excludeNotForUI")?,
            language: parameters.text("displayLanguage")?,
        })
    }
}

impl Service {
    /// `ValueSet/$expand` and `ValueSet/[id]/$expand`: the codes of a value set, in a flat list.
    pub(crate) async fn expand(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.id.is_some().then(|| request.target.key()).transpose()?;
        let parameters = OperationParameters::read(request, &self.limits, "valueSet")?;
        parameters.refuse_others(&KNOWN)?;
        let wanted = Wanted::read(&parameters)?;
        let (value_set, library) = self.the_value_set(context, key, &parameters).await?;
        let answer = heavy(usize::MAX, || {
            let expansion = expand(&value_set, &library).map_err(unusable)?;
            let chosen = filter::chosen(&expansion, &wanted);
            if wanted.count.is_none() && chosen.len() > MOST_CODES {
                let problem = format!(
                    "the expansion has {} codes: ask for pages of at most {MOST_CODES} with offset and count",
                    chosen.len()
                );
                return Err(Failure::new(ErrorKind::Unprocessable, "too-costly", problem));
            }
            Ok(answer::answer(&value_set, &expansion, &chosen, &wanted).to_bytes())
        });
        answer.map(Outcome::ok)
    }

    /// The value set that an operation is about: the instance, the one sent along, or the one that
    /// `url` names; with all that its expansion needs.
    pub(crate) async fn the_value_set(
        &self,
        context: &Context,
        key: Option<Key>,
        parameters: &OperationParameters,
    ) -> Result<(Arc<ValueSet>, Library), Failure> {
        let sent = parameters.object("valueSet")?;
        let url = parameters.text("url")?;
        match (key, sent, url) {
            (Some(key), None, None) => {
                let value_set = self.value_set(context, &key).await?;
                let library = self.gather(context, needs(&value_set)).await?;
                Ok((value_set, library))
            }
            (None, Some(sent), None) => {
                if sent.get("resourceType").and_then(Json::as_str) != Some("ValueSet") {
                    return Err(invalid("valueSet", "must be a ValueSet"));
                }
                let value_set = Arc::new(ValueSet::read(sent));
                let library = self.gather(context, needs(&value_set)).await?;
                Ok((value_set, library))
            }
            (None, None, Some(url)) => {
                let canonical = Canonical::parse(url);
                let version = parameters.text("valueSetVersion")?.or(canonical.version.as_deref());
                let name = match version {
                    Some(version) => format!("{}|{version}", canonical.url),
                    None => canonical.url.clone(),
                };
                self.named_value_set(context, &name).await
            }
            (None, None, None) => {
                let problem = "name the value set by 'url', send it as 'valueSet', or put its id into the URL";
                Err(Failure::bad_request("required", problem))
            }
            _ => {
                let problem =
                    "only one of 'url', 'valueSet' and an id in the URL can name the value set";
                Err(Failure::bad_request("invalid", problem))
            }
        }
    }
}
