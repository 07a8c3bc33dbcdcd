use crate::bundle::string;
use crate::bundle_entry::{Entry, entries};
use crate::context::{Context, PreferReturn};
use crate::failure::{ErrorKind, Failure};
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::request::{Body, Request, parsed};
use crate::route::Method;
use crate::service::Service;
use crate::status::with_reason;
use cresset_fhir::json::Json;

impl Service {
    /// `POST [base]` with a Bundle (R4, section 3.1.0.11).
    pub(crate) async fn batch_or_transaction(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let Body::Text(bytes) = request.body else {
            return Err(Failure::bad_request("required", "the request needs a Bundle as its body"));
        };
        let bundle = heavy(bytes.len(), || parsed(bytes, &self.limits))?;
        match entries(bundle)? {
            (kind, entries) if kind == "batch" => self.batch(context, entries).await,
            (kind, entries) if kind == "transaction" => {
                self.transaction(context, entries, bytes).await
            }
            _ => {
                let problem = "a posted Bundle must be of type batch or transaction";
                Err(Failure::bad_request("value", problem).at("Bundle.type"))
            }
        }
    }

    /// Each entry for itself, one after another, each with its own status (section 3.1.0.11.1).
    async fn batch(&self, context: &Context, entries: Vec<Json>) -> Result<Outcome, Failure> {
        let mut context = context.clone();
        context.prefer_return.get_or_insert(PreferReturn::Minimal);
        let any = !entries.is_empty();
        let mut out = Vec::with_capacity(entries.len() * 256);
        out.extend_from_slice(b"{\"resourceType\":\"Bundle\",\"type\":\"batch-response\"");
        let registry = self.registry();
        for (index, entry) in entries.into_iter().enumerate() {
            out.extend_from_slice(if index == 0 { b",\"entry\":[" } else { b"," });
            let full = out.len() > self.limits.bytes;
            let answer = match Entry::read(entry, &context.base_url, &registry) {
                Ok(entry) if full && entry.method == Method::Get => Err(answer_full()),
                Ok(entry) => self.one_of_a_batch(&context, entry).await,
                Err(failure) => Err(failure),
            };
            let start = out.len();
            if let Err(failure) = write_answer(answer, &mut out) {
                out.truncate(start);
                write_failure(&failure, &mut out);
            }
        }
        out.extend_from_slice(if any { b"]}" } else { b"}" });
        Ok(Outcome::ok(out))
    }

    /// Does what one entry asks for.
    pub(crate) async fn one_of_a_batch(
        &self,
        context: &Context,
        mut entry: Entry,
    ) -> Result<Outcome, Failure> {
        let body = entry.take_body(&self.limits)?;
        let mut request = entry.request(self.definitions())?;
        request.body = body;
        // Boxed, since an interaction contains the batch that contains it.
        Box::pin(self.handle(context, request)).await
    }
}

/// Reads stop when the answer is as large as a request may be; writes go on.
fn answer_full() -> Failure {
    let problem = "the answer to this Bundle has grown too large; ask for less at once";
    Failure::new(ErrorKind::TooLarge, "too-costly", problem)
}

/// Writes the entry of a response.
pub(crate) fn write_answer(
    answer: Result<Outcome, Failure>,
    out: &mut Vec<u8>,
) -> Result<(), Failure> {
    let outcome = match answer {
        Ok(outcome) => outcome,
        Err(failure) => {
            write_failure(&failure, out);
            return Ok(());
        }
    };
    let body = outcome.contents.collect()?;
    out.push(b'{');
    if let Some(body) = body {
        out.extend_from_slice(b"\"resource\":");
        out.extend_from_slice(&body);
        out.push(b',');
    }
    out.extend_from_slice(b"\"response\":{\"status\":");
    string(with_reason(outcome.success.status()), out);
    if let Some(location) = &outcome.location {
        out.extend_from_slice(b",\"location\":");
        string(location, out);
    }
    if let Some((version, updated)) = outcome.version {
        let rest = format!(",\"etag\":\"W/\\\"{version}\\\"\",\"lastModified\":\"{updated}\"");
        out.extend_from_slice(rest.as_bytes());
    }
    out.extend_from_slice(b"}}");
    Ok(())
}

fn write_failure(failure: &Failure, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"response\":{\"status\":");
    string(with_reason(failure.kind.status()), out);
    out.extend_from_slice(b",\"outcome\":");
    out.extend_from_slice(&failure.operation_outcome());
    out.extend_from_slice(b"}}");
}
