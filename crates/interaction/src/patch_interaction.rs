//! `PATCH [base]/[type]/[id]` (R4, section 3.1.0.5); the patches themselves are in [`crate::patch`].

use crate::context::Context;
use crate::criteria::ATTEMPTS;
use crate::entity_tag::IfMatch;
use crate::failure::{ErrorKind, Failure, OutcomeIssue};
use crate::heavy::heavy;
use crate::outcome::Outcome;
use crate::patch::{PatchError, PatchErrorKind, fhirpath_patch, json_patch};
use crate::prepare::{Prepared, check_type, prepare};
use crate::request::{Body, Request, parsed};
use crate::service::Service;
use crate::store_failure::commit_failure;
use crate::update::check_id;
use cresset_fhir::json::Json;
use cresset_store::{Batch, Conflict, Guard, Key, Precondition, StoreError, Stored};

/// A patch that has been read.
#[derive(Debug)]
pub(crate) enum Patch {
    /// RFC 6902.
    Json(Json),
    /// A `Parameters` resource of operations.
    FhirPath(Json),
}

impl Service {
    pub(crate) async fn patch(
        &self,
        context: &Context,
        request: Request<'_>,
    ) -> Result<Outcome, Failure> {
        let key = request.target.key()?;
        let if_match = request.conditions.if_match()?;
        let patch = self.patch_of(request.body)?;
        for _ in 0..ATTEMPTS {
            let stored = self.current(context, &key).await?;
            match self.patch_once(context, &stored, &patch, if_match, None).await? {
                Some(outcome) => return Ok(outcome),
                None => continue,
            }
        }
        Err(kept_changing())
    }

    /// Reads a patch: JSON Patch by its media type, FHIRPath Patch as `Parameters`.
    pub(crate) fn patch_of(&self, body: Body<'_>) -> Result<Patch, Failure> {
        match body {
            Body::JsonPatch(bytes) => Ok(Patch::Json(parsed(bytes, &self.limits)?)),
            other => {
                let json = other.parsed(&self.limits)?;
                match json.get("resourceType").and_then(Json::as_str) {
                    Some("Parameters") => Ok(Patch::FhirPath(json)),
                    _ if json.as_array().is_some() => Ok(Patch::Json(json)),
                    _ => Err(Failure::bad_request(
                        "invalid",
                        "a patch is a JSON Patch (application/json-patch+json) or a Parameters resource",
                    )),
                }
            }
        }
    }

    /// Tries once; `None` when another writer came in between and the client set no condition.
    pub(crate) async fn patch_once(
        &self,
        context: &Context,
        stored: &Stored,
        patch: &Patch,
        if_match: Option<IfMatch>,
        guard: Option<Guard>,
    ) -> Result<Option<Outcome>, Failure> {
        let prepared = self.patched(stored, patch, if_match)?;
        let write = prepared.write(Precondition::Version(stored.version));
        let batch = Batch {
            guards: guard.into_iter().collect(),
            writes: vec![write.clone()],
            provenance: context.provenance(),
            ..Batch::default()
        };
        match self.commit(context, batch).await {
            Ok(committed) => self.written(context, &write, &committed.written[0]).map(Some),
            Err(StoreError::Guard(_)) => Ok(None),
            Err(StoreError::Conflict { conflict: Conflict::Version { .. }, .. })
                if !matches!(if_match, Some(IfMatch::Version(_))) =>
            {
                Ok(None)
            }
            Err(error) => Err(commit_failure(error, if_match.is_some())),
        }
    }

    /// The resource with the patch applied, ready to be written over this version.
    pub(crate) fn patched(
        &self,
        stored: &Stored,
        patch: &Patch,
        if_match: Option<IfMatch>,
    ) -> Result<Prepared, Failure> {
        if let Some(IfMatch::Version(version)) =
            if_match.filter(|i| *i != IfMatch::Version(stored.version))
        {
            let problem =
                format!("version {version} was expected, version {} is current", stored.version);
            return Err(Failure::new(ErrorKind::PreconditionFailed, "conflict", problem));
        }
        let body = stored.body()?.ok_or_else(|| self.deleted(stored))?;
        heavy(body.len(), || {
            let before = parsed(&body, &self.limits)?;
            let after = match patch {
                Patch::Json(patch) => json_patch(&before, patch),
                Patch::FhirPath(parameters) => {
                    fhirpath_patch(&before, parameters, self.definitions())
                }
            };
            let after = after.map_err(unpatched)?;
            self.check_identity(&after, &stored.key)?;
            prepare(&self.registry(), after, stored.key.id.clone())
        })
    }

    /// A patch may change anything but what resource it is.
    fn check_identity(&self, after: &Json, key: &Key) -> Result<(), Failure> {
        let resource_type = self.definitions().resource_type_numbered(key.resource_type.0);
        let checked = match resource_type {
            Some(resource_type) => check_type(&self.registry(), after, resource_type),
            None => Ok(()),
        };
        checked.and_then(|()| check_id(after, &key.id)).map_err(|_| {
            let problem = "a patch can't change 'id' or 'resourceType'";
            Failure::new(ErrorKind::Unprocessable, "business-rule", problem)
        })
    }
}

fn unpatched(error: PatchError) -> Failure {
    let (kind, code) = match error.kind() {
        PatchErrorKind::Invalid => (ErrorKind::BadRequest, "invalid"),
        PatchErrorKind::TargetMissing => (ErrorKind::Unprocessable, "not-found"),
        PatchErrorKind::TestFailed => (ErrorKind::Unprocessable, "conflict"),
        PatchErrorKind::Conflict => (ErrorKind::Unprocessable, "business-rule"),
        PatchErrorKind::TooLarge => (ErrorKind::Unprocessable, "too-costly"),
    };
    let mut issue = OutcomeIssue::error(code, error.to_string());
    issue.expression = error.expression();
    Failure::of(kind, vec![issue])
}

pub(crate) fn kept_changing() -> Failure {
    let problem = "the resource kept changing under the patch; try again";
    Failure::new(ErrorKind::Conflict, "conflict", problem)
}
