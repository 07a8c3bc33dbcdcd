use crate::server::Server;
use crate::{admin, exchange, explain, health, prometheus};
use axum::Router;
use axum::routing::{any, get};
use std::sync::Arc;

/// Everything that the server has an address for.
pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/fhir", any(exchange::fhir))
        .route("/fhir/", any(exchange::fhir))
        .route("/fhir/{*path}", any(exchange::fhir))
        .route("/tenants/{tenant}/{dsid}/fhir", any(exchange::fhir))
        .route("/tenants/{tenant}/{dsid}/fhir/", any(exchange::fhir))
        .route("/tenants/{tenant}/{dsid}/fhir/{*path}", any(exchange::fhir))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/metrics", get(prometheus::metrics))
        .route("/admin/explain", get(explain::explain))
        .route("/admin/index", get(admin::index))
        .route("/admin/jobs", get(admin::jobs))
        .route("/admin/jobs/{id}", get(admin::job))
        .fallback(admin::nothing_here)
        .method_not_allowed_fallback(admin::only_get)
        .with_state(server)
}
