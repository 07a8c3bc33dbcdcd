use crate::admin::PLAIN;
use crate::base::Base;
use crate::exchange::context;
use crate::health::answer;
use crate::request_id::request_id;
use crate::respond;
use crate::server::Server;
use axum::extract::State;
use axum::response::Response;
use cresset_interaction::{Failure, Method, Request};
use cresset_store::Plan;
use http::StatusCode;
use http::request::Parts;
use serde_json::{Value, json};
use std::sync::Arc;

/// `GET /admin/explain?Observation?code=http://loinc.org|8302-2&_sort=-date`: how that search is
/// answered, by an operator's question: it is run as well, so that what it took can be told.
///
/// What follows the first `?` is the search as it stands behind the FHIR base, which may stand before
/// it (`/fhir/Observation?…`).
pub(crate) async fn explain(
    State(server): State<Arc<Server>>,
    request: axum::extract::Request,
) -> Response {
    let (parts, _) = request.into_parts();
    match plan(&server, &parts).await {
        Ok(plan) => answer(StatusCode::OK, &shown(plan)),
        Err(failure) => respond::failure(&failure, PLAIN),
    }
}

async fn plan(server: &Server, parts: &Parts) -> Result<Option<Plan>, Failure> {
    let _place = server.place()?;
    let asked = parts.uri.query().unwrap_or_default();
    let (path, query) = asked.split_once('?').unwrap_or((asked, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    let path = match path.starts_with("/fhir") || path.starts_with("/tenants/") {
        true => path,
        false => format!("/fhir{path}"),
    };
    let base = Base::of(&path);
    let served = base.served(server, &parts.headers)?;
    let mut request = Request::new(served.service.definitions(), Method::Get, base.path)?;
    request.parameters = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let context = context(server, &served, parts, &base, &request_id(&parts.headers));
    let explained = served.service.explain(&context, request);
    match tokio::time::timeout(server.settings.request_timeout, explained).await {
        Ok(plan) => plan,
        Err(_) => Err(Failure::busy(
            "the search takes too long: name a type, or add a parameter that few resources match",
        )),
    }
}

fn shown(plan: Option<Plan>) -> Value {
    let Some(plan) = plan else {
        return json!({"plan": [], "found": 0, "rows": 0, "note": "nothing can match"});
    };
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|step| json!({"depth": step.depth, "step": step.what, "estimate": step.estimate}))
        .collect();
    json!({
        "plan": steps,
        "found": plan.found,
        "total": plan.total,
        "rows": plan.rows,
        "milliseconds": plan.time.as_micros() as f64 / 1000.0,
    })
}
