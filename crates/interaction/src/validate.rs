use crate::context::Context;
use crate::failure::{ErrorKind, Failure, OutcomeIssue};
use crate::heavy::heavy;
use crate::operation_outcome::{all_ok, operation_outcome};
use crate::outcome::Outcome;
use crate::prepare::check_type;
use crate::request::{Body, Request, parsed};
use crate::service::Service;
use crate::update::check_id;
use cresset_fhir::json::Json;

impl Service {
    /// `$validate` (R4, resource-operation-validate): 200 with every problem, or that there is none.
    /// Without a body, an instance is checked as it is stored.
    pub(crate) async fn validate(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let id = request.target.id.clone();
        let resource = match (&request.body, &id) {
            (Body::None, Some(_)) => {
                let stored = self.current(context, &request.target.key()?).await?;
                let body = stored.body()?.ok_or_else(|| self.deleted(&stored))?;
                parsed(&body, &self.limits)?
            }
            _ => heavy(request.body.len(), || request.body.parsed(&self.limits))?,
        };
        let resource = the_resource(resource)?;
        let checked = check_type(&self.registry(), &resource, resource_type)
            .and_then(|()| id.map_or(Ok(()), |id| check_id(&resource, &id)));
        let mut issues = checked.err().map_or(Vec::new(), |f| f.issues);
        if let Err(found) = self.registry().analyze(&resource) {
            issues.extend(found.into_iter().map(OutcomeIssue::from));
        }
        issues.extend(self.registry().check(&resource).into_iter().map(OutcomeIssue::from));
        let outcome = if issues.is_empty() { all_ok("All OK") } else { operation_outcome(&issues) };
        Ok(Outcome::json(&outcome))
    }
}

/// The resource itself, or the one in `Parameters`.
fn the_resource(body: Json) -> Result<Json, Failure> {
    if body.get("resourceType").and_then(Json::as_str) != Some("Parameters") {
        return Ok(body);
    }
    let parameters = body.get("parameter").map_or(&[][..], Json::items);
    let named = |p: &&Json| p.get("name").and_then(Json::as_str) == Some("resource");
    let resource = parameters.iter().find(named).and_then(|p| p.get("resource"));
    resource.cloned().ok_or_else(|| {
        let problem = "Parameters must have a parameter 'resource' with the resource to validate";
        Failure::new(ErrorKind::BadRequest, "required", problem).at("Parameters.parameter")
    })
}
