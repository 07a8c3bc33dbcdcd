use crate::context::Context;
use crate::entity_tag::IfMatch;
use crate::failure::Failure;
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::prepare::{body_id, check_type, prepare};
use crate::request::{Conditions, Request};
use crate::service::Service;
use cresset_fhir::json::Json;
use cresset_store::{Precondition, ResourceId};

impl Service {
    /// `PUT [base]/[type]/[id]` (R4, section 3.1.0.4), which creates what isn't there.
    pub(crate) async fn update(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let key = request.target.key()?;
        let (precondition, stated) = update_precondition(&request.conditions)?;
        let prepared = heavy(request.body.len(), || {
            let resource = request.body.parsed(&self.limits)?;
            check_type(&self.registry(), &resource, resource_type)?;
            check_id(&resource, &key.id)?;
            prepare(&self.registry(), resource, key.id)
        })?;
        self.commit_one(context, prepared.write(precondition), stated).await
    }
}

/// What `If-Match` and `If-None-Match: *` demand of an update, and whether they demand anything.
pub(crate) fn update_precondition(
    conditions: &Conditions<'_>,
) -> Result<(Precondition, bool), Failure> {
    let if_match = conditions.if_match()?;
    match (if_match, conditions.if_none_match.map(str::trim)) {
        (None, Some("*")) => Ok((Precondition::Absent, true)),
        (_, Some(_)) => {
            let problem = "a write takes If-Match with a version, or If-None-Match: *";
            Err(Failure::bad_request("value", problem).at("http.If-None-Match"))
        }
        (if_match, None) => Ok((IfMatch::precondition(if_match), if_match.is_some())),
    }
}

/// The body must have the id that the URL has (R4, section 3.1.0.4).
pub(crate) fn check_id(resource: &Json, id: &ResourceId) -> Result<(), Failure> {
    let problem = match body_id(resource) {
        Some(found) if found == id.as_str() => return Ok(()),
        Some(_) => format!("the body's id is not the URL's, {id}"),
        None => format!("the body has no id; it must have the URL's, {id}"),
    };
    Err(Failure::bad_request("invalid", problem).at("id"))
}
