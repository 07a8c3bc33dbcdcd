use crate::context::Context;
use crate::criteria::{ATTEMPTS, Found};
use crate::entity_tag::IfMatch;
use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::prepare::{body_id, check_type, new_id, prepare};
use crate::request::Request;
use crate::route::resource_id;
use crate::service::Service;
use crate::store_failure::commit_failure;
use cresset_fhir::json::Json;
use cresset_store::{Batch, Conflict, Precondition, ResourceId, StoreError};

impl Service {
    /// `PUT [base]/[type]?criteria` (R4, section 3.1.0.4.3).
    pub(crate) async fn conditional_update(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let if_match = request.conditions.if_match()?;
        let criteria = self.criteria(context, resource_type, &request.parameters).await?;
        let length = request.body.len();
        let resource = heavy(length, || request.body.parsed(&self.limits))?;
        check_type(&self.registry(), &resource, resource_type)?;
        for _ in 0..ATTEMPTS {
            let found = self.find(context, &criteria).await?;
            let (id, precondition) = update_target(&found, &resource, if_match)?;
            let resource = resource.clone();
            let prepared = heavy(length, || prepare(&self.registry(), resource, id))?;
            let write = prepared.write(precondition);
            let batch = Batch {
                guards: vec![found.guard()],
                writes: vec![write.clone()],
                provenance: context.provenance(),
                ..Batch::default()
            };
            match self.commit(context, batch).await {
                Ok(committed) => return self.written(context, &write, &committed.written[0]),
                Err(StoreError::Guard(_)) => {}
                Err(StoreError::Conflict { conflict: Conflict::Exists(_), .. }) => {
                    return Err(taken());
                }
                Err(error) => return Err(commit_failure(error, if_match.is_some())),
            }
        }
        Err(StoreError::Guard(0).into())
    }
}

/// Which resource is to be written, and under which precondition.
pub(crate) fn update_target(
    found: &Found,
    resource: &Json,
    if_match: Option<IfMatch>,
) -> Result<(ResourceId, Precondition), Failure> {
    let given = body_id(resource);
    match (found.at_most_one()?, given) {
        (Some(key), Some(id)) if id != key.id.as_str() => {
            let problem = "the criteria match a resource with another id than the body has";
            Err(Failure::bad_request("invalid", problem).at("id"))
        }
        (Some(key), _) => Ok((key.id.clone(), IfMatch::precondition(if_match))),
        (None, _) if if_match.is_some() => Err(Failure::new(
            ErrorKind::PreconditionFailed,
            "not-found",
            "If-Match is given, but the criteria match nothing",
        )),
        (None, Some(id)) => Ok((resource_id(id)?, Precondition::Absent)),
        (None, None) => Ok((new_id(), Precondition::Unknown)),
    }
}

/// R4, section 3.1.0.4.3: no match, but the id that the client gave is in use.
fn taken() -> Failure {
    let problem = "the criteria match nothing, but a resource with the body's id exists";
    Failure::new(ErrorKind::Conflict, "duplicate", problem).at("id")
}
