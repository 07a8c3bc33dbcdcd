use crate::conditional_read::{not_modified, unchanged};
use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::summary::View;
use cresset_store::{State, Version};

impl Service {
    /// `GET [base]/[type]/[id]/_history/[vid]` (R4, section 3.1.0.3).
    pub(crate) async fn vread(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.key()?;
        let unknown = || {
            let problem = format!("{}/{} has no such version", self.type_name(&key), key.id);
            Failure::new(ErrorKind::NotFound, "not-found", problem)
        };
        let version = request.target.version.and_then(Version::parse).ok_or_else(unknown)?;
        let found = self.store.read_version(&context.scope, &key, version).await?;
        let stored = found.ok_or_else(unknown)?;
        if stored.state == State::Deleted {
            return Err(self.deleted(&stored));
        }
        if not_modified(&request.conditions, &stored) {
            return Ok(unchanged(&stored));
        }
        self.shown(&stored, View::of(&request.parameters)?.as_ref())
    }
}
