use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::prepare::{Prepared, check_type, new_id, prepare};
use crate::request::{Body, Request};
use crate::service::Service;
use crate::store_failure::commit_failure;
use cresset_fhir::definitions::ResourceType;
use cresset_store::{Batch, Precondition, Write};

impl Service {
    /// `POST [base]/[type]` (R4, section 3.1.0.8). The server gives the id; one in the body is ignored.
    pub(crate) async fn create(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let resource_type = request.target.resource_type()?;
        let prepared = self.prepare_new(request.body, resource_type)?;
        match request.conditions.if_none_exist {
            Some(criteria) => {
                self.conditional_create(context, resource_type, criteria, prepared).await
            }
            None => self.commit_one(context, prepared.write(Precondition::Unknown), false).await,
        }
    }

    fn prepare_new(
        &self,
        body: Body<'_>,
        resource_type: ResourceType,
    ) -> Result<Prepared, Failure> {
        heavy(body.len(), || {
            let resource = body.parsed(&self.limits)?;
            check_type(&self.registry(), &resource, resource_type)?;
            prepare(&self.registry(), resource, new_id())
        })
    }

    /// Commits a single write. `stated`: its precondition is the client's own.
    pub(crate) async fn commit_one(
        &self,
        context: &Context,
        write: Write,
        stated: bool,
    ) -> Result<Outcome, Failure> {
        let provenance = context.provenance();
        let batch = Batch { writes: vec![write.clone()], provenance, ..Batch::default() };
        let committed = self.commit(context, batch).await;
        let committed = committed.map_err(|e| commit_failure(e, stated))?;
        self.written(context, &write, &committed.written[0])
    }
}
