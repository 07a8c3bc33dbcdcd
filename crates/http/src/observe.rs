//! What is written down of each request: names of routes and types, never ids, queries or contents.

use cresset_interaction::Interaction;
use http::{Method, StatusCode};
use std::time::Duration;

/// What a request turned out to be.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) interaction: Option<Interaction>,
    pub(crate) route: Option<&'static str>,
    pub(crate) resource_type: Option<&'static str>,
}

/// One event and two measurements.
pub(crate) fn observe(
    seen: Seen,
    method: &Method,
    status: StatusCode,
    took: Duration,
    request: &str,
) {
    let interaction = seen.interaction.map_or("none", Interaction::name);
    let resource_type = seen.resource_type.unwrap_or("none");
    tracing::info!(
        method = known(method),
        route = seen.route.unwrap_or("none"),
        status = status.as_u16(),
        microseconds = took.as_micros() as u64,
        request,
        "request"
    );
    metrics::counter!(
        "cresset_http_requests_total",
        "interaction" => interaction, "type" => resource_type, "status" => label(status)
    )
    .increment(1);
    metrics::histogram!("cresset_http_request_seconds", "interaction" => interaction).record(took);
}

/// The status as a label that lives as long as the program.
fn label(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200 => "200",
        201 => "201",
        204 => "204",
        304 => "304",
        400 => "400",
        401 => "401",
        403 => "403",
        404 => "404",
        405 => "405",
        406 => "406",
        408 => "408",
        409 => "409",
        410 => "410",
        412 => "412",
        413 => "413",
        415 => "415",
        422 => "422",
        429 => "429",
        431 => "431",
        500 => "500",
        503 => "503",
        _ => "other",
    }
}

/// A method's name; one that a client made up is not repeated in the log.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}
