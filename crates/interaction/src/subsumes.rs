//! `CodeSystem/$subsumes` (R4, codesystem-operation-subsumes), and which code system an operation is
//! about.

use crate::context::Context;
use crate::failure::Failure;
use crate::operation_parameters::{OperationParameters, invalid};
use crate::outcome::Outcome;
use crate::request::Request;
use crate::service::Service;
use crate::terminology::unusable;
use crate::validate_code::{parameter, parameters};
use cresset_fhir::json::Json;
use cresset_store::Key;
use cresset_terminology::{Canonical, CodeSystem, Lookup, Need, Problem, subsumes};
use std::sync::Arc;

const KNOWN: [&str; 6] = ["codeA", "codeB", "system", "version", "codingA", "codingB"];

impl Service {
    /// How two codes of a code system are related.
    pub(crate) async fn subsumes(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.id.is_some().then(|| request.target.key()).transpose()?;
        let given = OperationParameters::read(request, &self.limits, "codeSystem")?;
        given.refuse_others(&KNOWN)?;
        let (a, system_a) = code(&given, "codeA", "codingA")?;
        let (b, system_b) = code(&given, "codeB", "codingB")?;
        if system_a != system_b && system_a.is_some() && system_b.is_some() {
            return Err(invalid("codingB", "must be of the same system as codingA"));
        }
        let of_codings = system_a.or(system_b);
        let system = self.the_code_system(context, key, &given, of_codings).await?;
        if of_codings.is_some_and(|url| url != &*system.url) {
            return Err(invalid("system", "must be the system of the codings"));
        }
        let outcome = subsumes(&system, a, b).map_err(unusable)?;
        let outcome = parameter("outcome", "valueCode", outcome.code().into());
        Ok(Outcome::json(&parameters(vec![outcome])))
    }

    /// The code system that an operation is about: the instance, the one sent along, or the one that
    /// `url`, `system`, or the coding names.
    pub(crate) async fn the_code_system(
        &self,
        context: &Context,
        key: Option<Key>,
        given: &OperationParameters,
        of_coding: Option<&str>,
    ) -> Result<Arc<CodeSystem>, Failure> {
        if let Some(key) = key {
            return self.code_system(context, &key).await;
        }
        if let Some(sent) = given.object("codeSystem")? {
            return CodeSystem::read(sent).map(Arc::new).map_err(unusable);
        }
        let url = given.text("url")?.or(given.text("system")?).or(of_coding);
        let url = url.ok_or_else(|| {
            let problem = "name the code system by its URL, or put its id into the path";
            Failure::bad_request("required", problem)
        })?;
        let canonical = Canonical::parse(url);
        let version = given.text("version")?.or(canonical.version.as_deref());
        let canonical = Canonical::new(&canonical.url, version);
        let library = self.gather(context, vec![Need::CodeSystem(canonical.clone())]).await?;
        let unknown =
            || unusable(Problem::Unknown { kind: "CodeSystem", canonical: canonical.clone() });
        library.code_system(&canonical).ok_or_else(unknown)
    }
}

/// A code, and the system that its coding names.
fn code<'p>(
    given: &'p OperationParameters,
    plain: &str,
    coding: &str,
) -> Result<(&'p str, Option<&'p str>), Failure> {
    match (given.text(plain)?, given.object(coding)?) {
        (Some(code), None) => Ok((code, None)),
        (None, Some(object)) => {
            let text = |name: &str| object.get(name).and_then(Json::as_str);
            let code = text("code").ok_or_else(|| invalid(coding, "must have a code"))?;
            Ok((code, text("system")))
        }
        _ => Err(invalid(plain, &format!("or '{coding}' must be given, and not both"))),
    }
}
