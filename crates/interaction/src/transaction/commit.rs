use super::Work;
use super::plan::Plan;
use crate::context::{Context, PreferReturn};
use crate::failure::Failure;
use crate::service::Service;
use crate::store_failure::commit_failure;
use cresset_store::{
    Action, Batch, Conflict, Key, Payload, Precondition, StoreError, Write, Written,
};

/// What the commit did for one entry.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) key: Key,
    pub(super) written: Written,
    /// What was written, for clients that want it back.
    pub(super) payload: Option<Payload>,
}

/// Where a write comes from.
struct Origin {
    entry: usize,
    /// Whether its precondition is the client's own.
    stated: bool,
    /// Whether it is a patch on a version that was read a moment ago.
    patch: bool,
}

impl Service {
    /// One commit. `None` when a guard failed, or the version that a patch was made for has been
    /// replaced: then the transaction is worth another attempt.
    pub(super) async fn commit_plan(
        &self,
        context: &Context,
        plan: &mut Plan,
    ) -> Result<Option<Vec<Option<Done>>>, Failure> {
        let mut done: Vec<Option<Done>> = plan.work.iter().map(|_| None).collect();
        let (writes, origins) = writes(plan);
        if writes.is_empty() {
            return Ok(Some(done));
        }
        let wanted = context.prefer_return == Some(PreferReturn::Representation);
        let kept: Vec<_> =
            writes.iter().map(|w| (w.key.clone(), payload_of(w).filter(|_| wanted))).collect();
        let guards = std::mem::take(&mut plan.guards);
        let batch = Batch { guards, writes, provenance: context.provenance(), ..Batch::default() };
        let committed = match self.commit(context, batch).await {
            Ok(committed) => committed,
            Err(StoreError::Guard(_)) => return Ok(None),
            Err(StoreError::Conflict { write, conflict: Conflict::Version { .. } })
                if origins[write].patch && !origins[write].stated =>
            {
                return Ok(None);
            }
            Err(error) => return Err(failed(error, &origins)),
        };
        for ((origin, (key, payload)), written) in origins.iter().zip(kept).zip(committed.written) {
            done[origin.entry] = Some(Done { key, written, payload });
        }
        Ok(Some(done))
    }
}

fn payload_of(write: &Write) -> Option<Payload> {
    match &write.action {
        Action::Put { payload, .. } => Some(payload.clone()),
        Action::Delete => None,
    }
}

fn failed(error: StoreError, origins: &[Origin]) -> Failure {
    match &error {
        StoreError::Conflict { write, .. } => {
            let Origin { entry, stated, .. } = origins[*write];
            commit_failure(error, stated).in_entry(entry)
        }
        _ => error.into(),
    }
}

/// The writes, deletions first.
fn writes(plan: &mut Plan) -> (Vec<Write>, Vec<Origin>) {
    let (mut writes, mut origins) = (Vec::new(), Vec::new());
    for (entry, work) in plan.work.iter_mut().enumerate() {
        if let Work::Delete { key, precondition, stated } = work {
            let (key, precondition, action) = (key.clone(), *precondition, Action::Delete);
            writes.push(Write { key, precondition, action });
            origins.push(Origin { entry, stated: *stated, patch: false });
        }
    }
    for (entry, work) in plan.work.iter_mut().enumerate() {
        if !matches!(work, Work::Ready { .. }) {
            continue;
        }
        if let Work::Ready { prepared, precondition, stated } =
            std::mem::replace(work, Work::Nothing)
        {
            let patch = matches!(precondition, Precondition::Version(_));
            writes.push(prepared.write(precondition));
            origins.push(Origin { entry, stated, patch });
        }
    }
    (writes, origins)
}
