use crate::context::{Context, PreferReturn};
use crate::entity_tag::IfMatch;
use crate::failure::Failure;
use crate::operation_outcome::all_ok;
use crate::outcome::{Contents, Outcome, Success};
use crate::request::Request;
use crate::service::Service;
use crate::store_failure::commit_failure;
use cresset_store::{Action, Batch, Write, Written};

impl Service {
    /// `DELETE [base]/[type]/[id]` (R4, section 3.1.0.7). Deleting what isn't there is fine.
    pub(crate) async fn delete(
        &self,
        context: &Context,
        request: &Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.key()?;
        let if_match = request.conditions.if_match()?;
        let precondition = IfMatch::precondition(if_match);
        let write = Write { key, precondition, action: Action::Delete };
        let provenance = context.provenance();
        let batch = Batch { writes: vec![write], provenance, ..Batch::default() };
        let committed = self.commit(context, batch).await;
        let committed = committed.map_err(|e| commit_failure(e, if_match.is_some()))?;
        Ok(deleted(context, Some(&committed.written[0])))
    }
}

/// 204, or 200 with an `OperationOutcome` for whoever prefers one.
pub(crate) fn deleted(context: &Context, written: Option<&Written>) -> Outcome {
    let version = written.and_then(|w| Some((w.version?, w.updated)));
    let mut outcome = match context.prefer_return {
        Some(PreferReturn::OperationOutcome) => Outcome::json(&all_ok("deleted")),
        _ => Outcome::new(Success::NoContent, Contents::Empty),
    };
    outcome.version = version;
    outcome
}
