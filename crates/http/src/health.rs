//! Health: alive as long as the process answers, ready as long as every store does.

use crate::server::Server;
use crate::tenants::Served;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use cresset_store::{IndexState, StoreError, Unindexed};
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

/// `GET /health/ready`: whether every datasource answers. Whose doesn't is for the log and for
/// operators (`/admin/index`): anybody may ask here.
pub(crate) async fn ready(State(server): State<Arc<Server>>) -> Response {
    let states = index_states(&server).await;
    if server.is_draining() {
        return unready("the server is stopping");
    }
    let mut building: Option<(u64, u64)> = None;
    for (_, state) in &states {
        match state.as_ref().map(|index| index.state) {
            Ok(IndexState::Ready) => {}
            Ok(IndexState::Building { done, total }) => {
                let (before_done, before_total) = building.unwrap_or_default();
                building = Some((before_done + done, before_total + total));
            }
            Err(reason) if states.len() == 1 => return unready(reason),
            Err(_) => {
                let missing = states.iter().filter(|(_, state)| state.is_err()).count();
                let all = states.len();
                return unready(&format!("{missing} of {all} datasources don't answer"));
            }
        }
    }
    let mut body = json!({"status": "ready"});
    if let Some((done, total)) = building {
        body["index"] = json!({"done": done, "total": total});
    }
    if let Some(lag) = lag(states.iter().filter_map(|(_, state)| state.as_ref().ok())) {
        body["unindexed"] = lag;
    }
    answer(StatusCode::OK, &body)
}

/// How far searches are behind, where another process fills the index; `None` where they aren't.
pub(crate) fn lag<'a>(states: impl Iterator<Item = &'a Index>) -> Option<Value> {
    let lists = states.map(|index| &index.unindexed).filter(|list| list.count > 0);
    let (resources, oldest) = lists.fold((0, Duration::ZERO), |(count, oldest), list| {
        (count + list.count, oldest.max(list.oldest.unwrap_or_default()))
    });
    let seconds = oldest.as_secs_f64();
    (resources > 0).then(|| json!({"resources": resources, "oldestSeconds": seconds}))
}

/// How an index is.
pub(crate) struct Index {
    pub(crate) state: IndexState,
    pub(crate) unindexed: Unindexed,
}

/// How each datasource's index is, or why it can't be told; all are asked at the same time.
pub(crate) async fn index_states(server: &Server) -> Vec<(Arc<Served>, Result<Index, String>)> {
    let asked = server.tenants.all().into_iter().map(|served| async {
        let state = index_state(&served).await;
        if let Err(reason) = &state {
            let (tenant, datasource) = served.name();
            tracing::warn!(tenant, datasource, reason, "a datasource isn't ready");
        }
        (served, state)
    });
    futures::future::join_all(asked).await
}

async fn index_state(served: &Served) -> Result<Index, String> {
    let store = served.service.store();
    let asked = async {
        let state = store.index_state(&served.scope).await?;
        let unindexed = store.unindexed(&served.scope, Duration::ZERO, 0).await?;
        Ok::<_, StoreError>(Index { state, unindexed })
    };
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
