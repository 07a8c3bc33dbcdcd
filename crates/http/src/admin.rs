use crate::accept::Format;
use crate::coding::Coding;
use crate::health::{answer, index_state};
use crate::respond::{self, Manner};
use crate::server::Server;
use axum::extract::{Path, State};
use axum::response::Response;
use cresset_interaction::{ErrorKind, Failure, Job, Method};
use cresset_store::{IndexState, Timestamp};
use http::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) const PLAIN: Manner = Manner {
    format: Format { json: crate::media_type::Json::Fhir, pretty: false },
    coding: Coding::Identity,
};

/// `GET /admin/index`: whether searches can be answered.
pub(crate) async fn index(State(server): State<Arc<Server>>) -> Response {
    match index_state(&server).await {
        Ok(IndexState::Ready) => answer(StatusCode::OK, &json!({"state": "ready"})),
        Ok(IndexState::Building { done, total }) => {
            answer(StatusCode::OK, &json!({"state": "building", "done": done, "total": total}))
        }
        Err(reason) => {
            let state = json!({"state": "unavailable", "reason": reason});
            answer(StatusCode::SERVICE_UNAVAILABLE, &state)
        }
    }
}

/// `GET /admin/jobs`: the background jobs of the default tenant, the newest first.
pub(crate) async fn jobs(State(server): State<Arc<Server>>) -> Response {
    match known_jobs(&server).await {
        Ok(jobs) => {
            let jobs: Vec<Value> = jobs.iter().map(shown).collect();
            answer(StatusCode::OK, &json!({"jobs": jobs}))
        }
        Err(failure) => respond::failure(&failure, PLAIN),
    }
}

/// `GET /admin/jobs/{id}`
pub(crate) async fn job(State(server): State<Arc<Server>>, Path(id): Path<String>) -> Response {
    let found = known_jobs(&server).await.and_then(|jobs| {
        let problem = "there is no such job; /admin/jobs lists those that are known";
        let missing = || Failure::new(ErrorKind::NotFound, "not-found", problem);
        jobs.into_iter().find(|job| job.id == id).ok_or_else(missing)
    });
    match found {
        Ok(job) => answer(StatusCode::OK, &shown(&job)),
        Err(failure) => respond::failure(&failure, PLAIN),
    }
}

async fn known_jobs(server: &Server) -> Result<Vec<Job>, Failure> {
    let scope = server.tenants.scope(None, None)?;
    Ok(cresset_interaction::jobs(&**server.service.store(), &scope).await?)
}

fn shown(job: &Job) -> Value {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": job.id,
        "kind": job.kind,
        "status": job.status.name(),
        "progress": {"done": job.done, "total": job.total, "skipped": job.skipped},
        "error": job.error,
        "attempts": job.attempts,
        "owner": job.owner,
        "queued": job.queued.to_string(),
        "started": moment(job.started),
        "heartbeat": moment(job.heartbeat),
        "ended": moment(job.ended),
    })
}

/// What isn't in the table of contents; views are to come.
pub(crate) async fn nothing_here() -> Response {
    let problem = "there is nothing at this path; the FHIR base is /fhir, and /fhir/metadata says what it has";
    respond::failure(&Failure::new(ErrorKind::NotFound, "not-found", problem), PLAIN)
}

/// Another method at a path that has only `GET`.
pub(crate) async fn only_get() -> Response {
    let mut failure =
        Failure::new(ErrorKind::MethodNotAllowed, "not-supported", "only GET is possible here");
    failure.allow = vec![Method::Get];
    respond::failure(&failure, PLAIN)
}
