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
        self.refuse_criteria(resource_type, &request.parameters)?;
        let prepared = self.prepare_new(request.body, resource_type)?;
        match request.conditions.if_none_exist {
            Some(criteria) => {
                self.conditional_create(context, resource_type, criteria, prepared).await
            }
            None => self.commit_one(context, prepared.write(Precondition::Unknown), false).await,
        }
    }

    /// Some clients ask for a conditional create in the URL. To ignore it would make duplicates.
    fn refuse_criteria(
        &self,
        resource_type: ResourceType,
        parameters: &[(String, String)],
    ) -> Result<(), Failure> {
        if parameters.is_empty() {
            return Ok(());
        }
        let registry = self.registry();
        let known = registry.parameters(resource_type);
        let is_criterion = |name: &&str| {
            let code = name.split([':', '.']).next().unwrap_or_default();
            code == "_has" || known.iter().any(|parameter| parameter.code == code)
        };
        let criterion = parameters.iter().map(|(name, _)| name.as_str()).find(is_criterion);
        criterion.map_or(Ok(()), |name| {
            let problem = "search parameters don't belong into the URL of a create: for a \
                           conditional create, put them into the header If-None-Exist";
            Err(Failure::bad_request("invalid", problem).at(&format!("http.{name}")))
        })
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
