use crate::context::Context;
use crate::criteria::ATTEMPTS;
use crate::failure::{ErrorKind, Failure};
use crate::outcome::Outcome;
use crate::patch_interaction::kept_changing;
use crate::request::Request;
use crate::service::Service;

impl Service {
    /// `PATCH [base]/[type]?criteria` (R4, section 3.1.0.5.1).
    pub(crate) async fn conditional_patch(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let if_match = request.conditions.if_match()?;
        let criteria = self.criteria(context, resource_type, &request.parameters).await?;
        let patch = self.patch_of(request.body)?;
        for _ in 0..ATTEMPTS {
            let found = self.find(context, &criteria).await?;
            let key = found.at_most_one()?.ok_or_else(no_match)?;
            let stored = self.current(context, key).await?;
            let guard = Some(found.guard());
            if let Some(outcome) =
                self.patch_once(context, &stored, &patch, if_match, guard).await?
            {
                return Ok(outcome);
            }
        }
        Err(kept_changing())
    }
}

fn no_match() -> Failure {
    Failure::new(ErrorKind::NotFound, "not-found", "the criteria match no resource")
}
