use crate::conditional_read::not_modified;
use crate::context::Context;
use crate::failure::{ErrorKind, Failure};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::summary::View;
use cresset_store::{Key, State, Stored};

impl Service {
    /// `GET [base]/[type]/[id]` (R4, section 3.1.0.2): the stored bytes, not parsed on the way.
    pub(crate) async fn read(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.key()?;
        let stored = self.current(context, &key).await?;
        if not_modified(&request.conditions, &stored) {
            return Ok(crate::conditional_read::unchanged(&stored));
        }
        let view = View::of(&request.parameters)?;
        self.shown(&stored, view.as_ref())
    }

    /// The current version, unless there is none or it is a deletion.
    pub(crate) async fn current(&self, context: &Context, key: &Key) -> Result<Stored, Failure> {
        let found = self.store.read(&context.scope, std::slice::from_ref(key)).await?;
        let stored = found.into_iter().next().flatten().ok_or_else(|| self.unknown(key))?;
        match stored.state {
            State::Live(_) => Ok(stored),
            State::Deleted => Err(self.deleted(&stored)),
        }
    }

    pub(crate) fn shown(&self, stored: &Stored, view: Option<&View>) -> Result<Outcome, Failure> {
        let body = stored.body()?.ok_or_else(|| self.deleted(stored))?;
        let body = match view {
            None => body,
            Some(view) => view.apply(self.definitions(), &body, &self.limits)?,
        };
        Ok(Outcome::ok(body).with_version(stored.version, stored.updated))
    }

    pub(crate) fn unknown(&self, key: &Key) -> Failure {
        let problem = format!("{}/{} is not known here", self.type_name(key), key.id);
        Failure::new(ErrorKind::NotFound, "not-found", problem)
    }

    pub(crate) fn deleted(&self, stored: &Stored) -> Failure {
        let name = self.type_name(&stored.key);
        let problem = format!("{name}/{} was deleted at {}", stored.key.id, stored.updated);
        let mut failure = Failure::new(ErrorKind::Gone, "deleted", problem);
        failure.version = Some((stored.version, stored.updated));
        failure
    }
}
