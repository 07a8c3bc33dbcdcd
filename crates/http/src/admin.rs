use crate::accept::Format;
use crate::coding::Coding;
use crate::health::{Index, answer, index_states, lag};
use crate::respond::{self, Manner};
use crate::server::Server;
use crate::tenants::Served;
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

/// `GET /admin/index`: whether searches can be answered, of all datasources and of each.
pub(crate) async fn index(State(server): State<Arc<Server>>) -> Response {
    let states = index_states(&server).await;
    let (mut done, mut total, mut reason) = (0, 0, None);
    let mut datasources = Vec::with_capacity(states.len());
    for (served, state) in &states {
        let (tenant, datasource) = served.name();
        datasources.push(match state.as_ref().map(|index| index.state) {
            Ok(IndexState::Ready) => {
                let mut one = json!({"tenant": tenant, "datasource": datasource, "state": "ready"});
                if let Some(lag) = lag(state.as_ref().ok().into_iter()) {
                    one["unindexed"] = lag;
                }
                one
            }
            Ok(IndexState::Building { done: its, total: of }) => {
                (done, total) = (done + its, total + of);
                json!({"tenant": tenant, "datasource": datasource, "state": "building", "done": its, "total": of})
            }
            Err(problem) => {
                reason = reason.or(Some(problem));
                json!({"tenant": tenant, "datasource": datasource, "state": "unavailable", "reason": problem})
            }
        });
    }
    let is_building = states
        .iter()
        .any(|(_, state)| matches!(state, Ok(Index { state: IndexState::Building { .. }, .. })));
    match reason {
        Some(reason) => {
            let state =
                json!({"state": "unavailable", "reason": reason, "datasources": datasources});
            answer(StatusCode::SERVICE_UNAVAILABLE, &state)
        }
        None if is_building => {
            let state = json!({"state": "building", "done": done, "total": total, "datasources": datasources});
            answer(StatusCode::OK, &state)
        }
        None => answer(StatusCode::OK, &json!({"state": "ready", "datasources": datasources})),
    }
}

/// `GET /admin/jobs`: the background jobs of all datasources, the newest first. Of a datasource that
/// can't be asked only the name is there.
pub(crate) async fn jobs(State(server): State<Arc<Server>>) -> Response {
    let (mut jobs, mut unavailable) = (Vec::new(), Vec::new());
    for (served, known) in known_jobs(&server).await {
        match known {
            Ok(known) => jobs.extend(known.into_iter().map(|job| (Arc::clone(&served), job))),
            Err(failure) if server.tenants.all().len() == 1 => {
                return respond::failure(&failure, PLAIN);
            }
            Err(_) => {
                let (tenant, datasource) = served.name();
                unavailable.push(json!({"tenant": tenant, "datasource": datasource}));
            }
        }
    }
    jobs.sort_by_key(|(_, job)| std::cmp::Reverse(job.queued));
    let jobs: Vec<Value> = jobs.iter().map(|(served, job)| shown(served, job)).collect();
    let mut body = json!({"jobs": jobs});
    if !unavailable.is_empty() {
        body["unavailable"] = Value::Array(unavailable);
    }
    answer(StatusCode::OK, &body)
}

/// `GET /admin/jobs/{id}`
pub(crate) async fn job(State(server): State<Arc<Server>>, Path(id): Path<String>) -> Response {
    let problem = "there is no such job; /admin/jobs lists those that are known";
    let mut failure = Failure::new(ErrorKind::NotFound, "not-found", problem);
    for (served, known) in known_jobs(&server).await {
        match known.map(|jobs| jobs.into_iter().find(|job| job.id == id)) {
            Ok(Some(job)) => return answer(StatusCode::OK, &shown(&served, &job)),
            Ok(None) => {}
            // It may be there.
            Err(unknown) => failure = unknown,
        }
    }
    respond::failure(&failure, PLAIN)
}

/// The jobs of each datasource; all are asked at the same time.
async fn known_jobs(server: &Server) -> Vec<(Arc<Served>, Result<Vec<Job>, Failure>)> {
    let asked = server.tenants.all().into_iter().map(|served| async {
        let jobs = cresset_interaction::jobs(&**served.service.store(), &served.scope).await;
        (served, jobs.map_err(Failure::from))
    });
    futures::future::join_all(asked).await
}

fn shown(served: &Served, job: &Job) -> Value {
    let moment = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let (tenant, datasource) = served.name();
    json!({
        "id": job.id,
        "tenant": tenant,
        "datasource": datasource,
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
