use crate::server::Server;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;

/// Upper bounds of histograms that count jobs.
const JOBS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
/// Upper bounds of histograms of time, in seconds.
const SECONDS: &[f64] = &[
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0, 10.0, 30.0,
];

/// Makes this process keep metrics. Once.
///
/// # Errors
/// When the process keeps metrics already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    let jobs = Matcher::Suffix("_jobs".to_owned());
    PrometheusBuilder::new()
        .set_buckets(SECONDS)?
        .set_buckets_for_metric(jobs, JOBS)?
        .install_recorder()
}

/// `GET /metrics`
pub(crate) async fn metrics(State(server): State<Arc<Server>>) -> Response {
    let Some(metrics) = &server.metrics else {
        return (StatusCode::NOT_FOUND, "this server keeps no metrics\n").into_response();
    };
    metrics::gauge!("cresset_http_requests_in_flight").set(server.in_flight() as f64);
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, metrics.0.render()).into_response()
}
