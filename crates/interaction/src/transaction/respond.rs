use super::Work;
use super::commit::Done;
use super::plan::Plan;
use crate::batch::write_answer;
use crate::context::{Context, PreferReturn};
use crate::failure::{ErrorKind, Failure};
use crate::outcome::{Contents, Outcome, Success};
use crate::service::Service;
use cresset_store::{ChangeKind, Key, Stored};
use std::collections::HashMap;

impl Service {
    /// The answer, in the order of the entries.
    pub(super) async fn transaction_response(
        &self,
        context: &Context,
        plan: Plan,
        mut done: Vec<Option<Done>>,
    ) -> Result<Outcome, Failure> {
        let existing = self.existing_versions(context, &plan.work).await?;
        let any = !plan.work.is_empty();
        let mut out = Vec::with_capacity(plan.work.len() * 256 + 64);
        out.extend_from_slice(b"{\"resourceType\":\"Bundle\",\"type\":\"transaction-response\"");
        for (index, work) in plan.work.into_iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"entry\":[" } else { b"," });
            let answer = match (done[index].take(), work) {
                (Some(done), _) => self.done(context, done),
                (None, Work::Existing(key)) => Ok(self.found(&key, &existing)),
                (None, Work::Read(_)) if out.len() > self.limits.bytes => Err(answer_full()),
                (None, Work::Read(entry)) => self.one_of_a_batch(context, *entry).await,
                (None, _) => Ok(Outcome::new(Success::NoContent, Contents::Empty)),
            };
            // The commit stands: what can't be read now is told in its entry.
            let start = out.len();
            if let Err(failure) = write_answer(answer, &mut out) {
                out.truncate(start);
                write_answer(Err(failure), &mut out)?;
            }
        }
        out.extend_from_slice(if any { b"]}" } else { b"}" });
        Ok(Outcome::ok(out))
    }

    async fn existing_versions(
        &self,
        context: &Context,
        work: &[Work],
    ) -> Result<HashMap<Key, Stored>, Failure> {
        let existing = |work: &Work| match work {
            Work::Existing(key) => Some(key.clone()),
            _ => None,
        };
        let keys: Vec<Key> = work.iter().filter_map(existing).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let found = self.store.read(&context.scope, &keys).await?;
        Ok(keys.into_iter().zip(found).filter_map(|(key, stored)| Some((key, stored?))).collect())
    }

    fn done(&self, context: &Context, done: Done) -> Result<Outcome, Failure> {
        let success = match done.written.kind {
            Some(ChangeKind::Create) => Success::Created,
            Some(ChangeKind::Update) => Success::Ok,
            _ => Success::NoContent,
        };
        let mut outcome = Outcome::new(success, Contents::Empty);
        let Some(version) = done.written.version else {
            return Ok(outcome);
        };
        outcome.version = Some((version, done.written.updated));
        if success != Success::NoContent {
            outcome.location =
                Some(format!("{}/{}/_history/{version}", self.type_name(&done.key), done.key.id));
        }
        if let (Some(PreferReturn::Representation), Some(payload)) =
            (context.prefer_return, &done.payload)
        {
            outcome.contents = Contents::Bytes(payload.body(version, done.written.updated)?);
        }
        Ok(outcome)
    }

    fn found(&self, key: &Key, existing: &HashMap<Key, Stored>) -> Outcome {
        let mut outcome = Outcome::new(Success::Ok, Contents::Empty);
        let reference = format!("{}/{}", self.type_name(key), key.id);
        outcome.location = match existing.get(key) {
            None => Some(reference),
            Some(stored) => {
                outcome.version = Some((stored.version, stored.updated));
                Some(format!("{reference}/_history/{}", stored.version))
            }
        };
        outcome
    }
}

fn answer_full() -> Failure {
    let problem = "the transaction is done, but its answer has grown too large for this read";
    Failure::new(ErrorKind::TooLarge, "too-costly", problem)
}
