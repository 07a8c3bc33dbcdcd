//! Health: alive as long as the process answers, ready as long as the store does.

use crate::server::Server;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cresset_store::IndexState;
use http::{StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long the store may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(5);

/// `GET /health/live`
pub(crate) async fn live() -> Response {
    answer(StatusCode::OK, &json!({"status": "live"}))
}

/// `GET /health/ready`
pub(crate) async fn ready(State(server): State<Arc<Server>>) -> Response {
    match index_state(&server).await {
        _ if server.is_draining() => unready("the server is stopping"),
        Ok(IndexState::Ready) => answer(StatusCode::OK, &json!({"status": "ready"})),
        Ok(IndexState::Building { done, total }) => {
            let index = json!({"done": done, "total": total});
            answer(StatusCode::OK, &json!({"status": "ready", "index": index}))
        }
        Err(reason) => unready(&reason),
    }
}

pub(crate) async fn index_state(server: &Server) -> Result<IndexState, String> {
    let scope = server.tenants.scope(None, None);
    let scope = scope.map_err(|_| "there is no default tenant".to_owned())?;
    let asked = server.service.store().index_state(&scope);
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(state) => state.map_err(|e| e.to_string()),
        Err(_) => Err("the store doesn't answer".to_owned()),
    }
}

fn unready(reason: &str) -> Response {
    answer(StatusCode::SERVICE_UNAVAILABLE, &json!({"status": "unavailable", "reason": reason}))
}

pub(crate) fn answer(status: StatusCode, value: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}
