use crate::context::Context;
use crate::criteria::ATTEMPTS;
use crate::delete::{deleted, deletion};
use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use cresset_store::{Batch, StoreError};

impl Service {
    /// `DELETE [base]/[type]?criteria`, single (R4, section 3.1.0.7.1): several matches are refused.
    pub(crate) async fn conditional_delete(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let criteria = self.criteria(resource_type, &request.parameters)?;
        for _ in 0..ATTEMPTS {
            let found = self.find(context, &criteria).await?;
            let Some(key) = found.at_most_one()? else {
                return Ok(deleted(context, None));
            };
            let batch = Batch {
                guards: vec![found.guard()],
                writes: vec![deletion(key.clone())],
                provenance: context.provenance(),
                ..Batch::default()
            };
            match self.commit(context, batch).await {
                Ok(committed) => return Ok(deleted(context, committed.written.first())),
                Err(StoreError::Guard(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Guard(0).into())
    }
}
