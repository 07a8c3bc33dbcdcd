use crate::context::Context;
use crate::criteria::ATTEMPTS;
use crate::delete::deleted;
use crate::entity_tag::IfMatch;
use crate::failure::{ErrorKind, Failure};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::store_failure::commit_failure;
use cresset_store::{Action, Batch, StoreError, Write};

impl Service {
    /// `DELETE [base]/[type]?criteria`, single (R4, section 3.1.0.7.1): several matches are refused.
    /// `If-Match` must hold of the match; where there is none, it fails.
    pub(crate) async fn conditional_delete(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let if_match = request.conditions.if_match()?;
        let criteria = self.criteria(context, resource_type, &request.parameters).await?;
        for _ in 0..ATTEMPTS {
            let found = self.find(context, &criteria).await?;
            let Some(key) = found.at_most_one()? else {
                return match if_match {
                    None => Ok(deleted(context, None)),
                    Some(_) => Err(nothing_to_match()),
                };
            };
            let precondition = IfMatch::precondition(if_match);
            let batch = Batch {
                guards: vec![found.guard()],
                writes: vec![Write { key: key.clone(), precondition, action: Action::Delete }],
                provenance: context.provenance(),
                ..Batch::default()
            };
            match self.commit(context, batch).await {
                Ok(committed) => return Ok(deleted(context, committed.written.first())),
                Err(StoreError::Guard(_)) => {}
                Err(error) => return Err(commit_failure(error, if_match.is_some())),
            }
        }
        Err(StoreError::Guard(0).into())
    }
}

/// `If-Match` can't hold of nothing.
pub(crate) fn nothing_to_match() -> Failure {
    let problem = "If-Match names a version, but the criteria match nothing";
    Failure::new(ErrorKind::PreconditionFailed, "conflict", problem)
}
