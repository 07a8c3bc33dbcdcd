use crate::accept::Format;
use crate::coding::Coding;
use crate::health::{answer, index_state};
use crate::respond::{self, Manner};
use crate::server::Server;
use axum::extract::State;
use axum::response::Response;
use cresset_interaction::{ErrorKind, Failure, Method};
use cresset_store::IndexState;
use http::StatusCode;
use serde_json::json;
use std::sync::Arc;

const PLAIN: Manner = Manner {
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

/// What isn't in the table of contents; views and `/admin/explain` are to come.
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
