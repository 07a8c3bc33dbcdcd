//! Entries of a batch or a transaction (R4, section 3.1.0.11), read once and kept with their place.

use crate::Failure;
use crate::request::{Body, Conditions, Request, parsed, query_parameters};
use crate::route::{Interaction, Method};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cresset_fhir::definitions::Definitions;
use cresset_fhir::json::{Json, Limits, Object};
use cresset_search::Registry;

/// An entry that asks for an interaction.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) full_url: Option<String>,
    pub(crate) method: Method,
    path: String,
    query: String,
    if_match: Option<String>,
    if_none_match: Option<String>,
    if_modified_since: Option<i64>,
    if_none_exist: Option<String>,
    resource: Option<Json>,
}

impl Entry {
    /// Reads an entry; `base`, or another base of the registry's, may stand before its URL.
    pub(crate) fn read(entry: Json, base: &str, registry: &Registry) -> Result<Self, Failure> {
        let Json::Object(mut entry) = entry else {
            return Err(Failure::bad_request("structure", "an entry must be an object"));
        };
        let request = entry.remove("request");
        let request = request
            .as_ref()
            .and_then(Json::as_object)
            .ok_or_else(|| Failure::bad_request("required", "the entry has no 'request'"))?;
        let method = text(request, "method").and_then(Method::from_name).ok_or_else(|| {
            let problem = "'request.method' must be GET, HEAD, POST, PUT, PATCH or DELETE";
            Failure::bad_request("value", problem)
        })?;
        let url = text(request, "url")
            .ok_or_else(|| Failure::bad_request("required", "the entry has no 'request.url'"))?;
        let below = url.strip_prefix(base).or_else(|| registry.below_base(url));
        let url = below.unwrap_or(url);
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let owned = |name| text(request, name).map(str::to_owned);
        let since = text(request, "ifModifiedSince").and_then(cresset_store::Timestamp::parse);
        Ok(Self {
            full_url: text(&entry, "fullUrl").map(str::to_owned),
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            if_match: owned("ifMatch"),
            if_none_match: owned("ifNoneMatch"),
            if_modified_since: since.map(|t| t.milliseconds().div_euclid(1000)),
            if_none_exist: owned("ifNoneExist"),
            resource: entry.remove("resource"),
        })
    }

    /// Takes out the body: the resource, or for a JSON Patch what the `Binary` carries.
    pub(crate) fn take_body(&mut self, limits: &Limits) -> Result<Body<'static>, Failure> {
        let Some(resource) = self.resource.take() else {
            return Ok(Body::None);
        };
        let is_patch = self.method == Method::Patch
            && resource.get("resourceType").and_then(Json::as_str) == Some("Binary");
        if !is_patch {
            return Ok(Body::Parsed(resource));
        }
        let data = resource.get("data").and_then(Json::as_str).unwrap_or_default();
        let patch = STANDARD.decode(data).map_err(|_| {
            Failure::bad_request("value", "the Binary's data is not base64").at("Binary.data")
        })?;
        Ok(Body::Parsed(parsed(&patch, limits)?))
    }

    /// The interaction that it asks for, without its body.
    pub(crate) fn request(&self, definitions: &Definitions) -> Result<Request<'_>, Failure> {
        let mut request = Request::new(definitions, self.method, &self.path)?;
        if request.interaction == Interaction::BatchTransaction {
            let problem = "a Bundle can't contain a batch or transaction";
            return Err(Failure::bad_request("not-supported", problem));
        }
        request.parameters = query_parameters(&self.query);
        request.conditions = Conditions {
            if_match: self.if_match.as_deref(),
            if_none_match: self.if_none_match.as_deref(),
            if_modified_since: self.if_modified_since,
            if_none_exist: self.if_none_exist.as_deref(),
        };
        Ok(request)
    }
}

fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Json::as_str)
}

/// The entries of a Bundle and its type.
pub(crate) fn entries(bundle: Json) -> Result<(String, Vec<Json>), Failure> {
    let Json::Object(mut bundle) = bundle else {
        return Err(Failure::bad_request("structure", "the body must be a Bundle"));
    };
    if text(&bundle, "resourceType") != Some("Bundle") {
        let problem = "only a Bundle can be posted here; a resource goes to /[type]";
        return Err(Failure::bad_request("invalid", problem).at("resourceType"));
    }
    let bundle_type = text(&bundle, "type").unwrap_or_default().to_owned();
    match bundle.remove("entry") {
        None => Ok((bundle_type, Vec::new())),
        Some(Json::Array(entries)) => Ok((bundle_type, entries)),
        Some(_) => {
            let problem = "'entry' must be an array";
            Err(Failure::bad_request("structure", problem).at("Bundle.entry"))
        }
    }
}
