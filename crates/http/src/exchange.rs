//! One request below a FHIR base, from HTTP to an interaction and back.

use crate::accept::{Format, negotiate};
use crate::base::Base;
use crate::body;
use crate::coding::Coding;
use crate::consistency::{POSITION, consistency};
use crate::limits::check_headers;
use crate::media_type::{Json, MediaType};
use crate::observe::{Seen, observe};
use crate::preconditions::conditions;
use crate::prefer::preferences;
use crate::request_id::{self, request_id};
use crate::respond::{self, Manner};
use crate::server::Server;
use crate::tenants::Served;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use cresset_interaction::{
    Body as RequestBody, Context, ErrorKind, Failure, Interaction, Method, Outcome, Reached,
    Request, Service, route,
};
use cresset_store::Consistency;
use futures::FutureExt;
use http::request::Parts;
use http::{HeaderName, header};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

/// The body of a POSTed search: parameters only.
const MAX_FORM: usize = 1 << 20;

/// Everything below `/fhir` and `/tenants/{tenant}/{dsid}/fhir`.
pub(crate) async fn fhir(
    State(server): State<Arc<Server>>,
    request: axum::extract::Request,
) -> Response {
    let start = Instant::now();
    let (parts, body) = request.into_parts();
    let id = request_id(&parts.headers);
    let mut seen = Seen::default();
    let coding = Coding::of_answer(&parts.headers);
    let mut manner = Manner { format: Format::default(), coding };
    let answered = AssertUnwindSafe(exchange(&server, &parts, body, &id, &mut manner, &mut seen));
    let answered = answered.catch_unwind().await.unwrap_or_else(|_| Err(panicked()));
    let mut response = answered.unwrap_or_else(|failure| {
        if failure.kind == ErrorKind::Internal {
            tracing::error!(request = &*id, cause = failure.cause.as_deref(), "a request failed");
        }
        respond::failure(&failure, manner)
    });
    respond::set(&mut response, HeaderName::from_static(request_id::HEADER), &id);
    observe(seen, &parts.method, response.status(), start.elapsed(), &id);
    response
}

async fn exchange(
    server: &Server,
    parts: &Parts,
    body: Body,
    id: &Arc<str>,
    manner: &mut Manner,
    seen: &mut Seen,
) -> Result<Response, Failure> {
    let _place = server.place()?;
    let headers = &parts.headers;
    check_headers(headers, &server.settings)?;
    let parameters = match parts.uri.query() {
        None => Vec::new(),
        Some(query) => form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
    };
    manner.format = negotiate(headers, &parameters)?;
    let base = Base::of(parts.uri.path());
    let served = base.served(server, headers)?;
    let mut request = understood(&served.service, parts, base.path)?;
    note(&served.service, &request, seen);
    request.parameters = parameters;
    request.conditions = conditions(headers)?;
    let mut context = context(server, &served, parts, &base, id);
    context.consistency = consistency(headers)?;
    let arrived = arrive(server, parts, body, &mut request).await?;
    if let Some(arrived) = &arrived {
        hand_over(headers, &arrived.bytes, &mut request)?;
    }
    let outcome = within_time(server, &served.service, &context, request).await?;
    let mut response = respond::outcome(outcome, &context.base_url, *manner)?;
    if let Some(seq) = context.reached.seq() {
        respond::set(&mut response, HeaderName::from_static(POSITION), &seq.0.to_string());
    }
    Ok(response)
}

fn understood<'a>(service: &Service, parts: &Parts, path: &'a str) -> Result<Request<'a>, Failure> {
    let definitions = service.definitions();
    match Method::from_name(parts.method.as_str()) {
        Some(method) => Request::new(definitions, method, path),
        None => {
            let mut failure = Failure::new(
                ErrorKind::MethodNotAllowed,
                "not-supported",
                "FHIR has no use for this method",
            );
            failure.allow = route::target(definitions, path)?.place.methods();
            Err(failure)
        }
    }
}

fn note(service: &Service, request: &Request<'_>, seen: &mut Seen) {
    let definitions = service.definitions();
    seen.interaction = Some(request.interaction);
    seen.route = Some(request.target.place.template());
    seen.resource_type = request.target.resource_type.map(|t| definitions.resource_type_name(t));
}

pub(crate) fn context(
    server: &Server,
    served: &Served,
    parts: &Parts,
    base: &Base<'_>,
    id: &Arc<str>,
) -> Context {
    let (handling, prefer_return) = preferences(&parts.headers);
    let authority = parts.uri.authority().map(|a| a.as_str());
    Context {
        scope: served.scope.clone(),
        base_url: base.url(server, &parts.headers, authority),
        request_id: Arc::clone(id),
        handling,
        prefer_return,
        consistency: Consistency::default(),
        reached: Reached::default(),
    }
}

/// Reads the body, where the interaction has one. A form's parameters join the URL's.
async fn arrive<'a>(
    server: &'a Server,
    parts: &Parts,
    body: Body,
    request: &mut Request<'_>,
) -> Result<Option<body::Arrived<'a>>, Failure> {
    if !matches!(parts.method, http::Method::POST | http::Method::PUT | http::Method::PATCH) {
        return Ok(None);
    }
    if is_search(request.interaction) {
        let form = body::read(server, &parts.headers, body, MAX_FORM).await?;
        if !form.bytes.is_empty() {
            check_form(&parts.headers)?;
            request.parameters.extend(form_urlencoded::parse(&form.bytes).into_owned());
        }
        return Ok(None);
    }
    body::read(server, &parts.headers, body, server.settings.max_body).await.map(Some)
}

fn is_search(interaction: Interaction) -> bool {
    use Interaction as I;
    matches!(interaction, I::SearchType | I::SearchSystem | I::SearchCompartment)
}

fn check_form(headers: &http::HeaderMap) -> Result<(), Failure> {
    let media = content_type(headers)?;
    let form = "application/x-www-form-urlencoded";
    match media {
        Some(media) if media.essence.eq_ignore_ascii_case(form) && media.charset_fits() => Ok(()),
        _ => Err(unsupported(&format!("the parameters of a search must be sent as {form}"))),
    }
}

/// Gives the request its body, if that is of a type that the interaction takes.
fn hand_over<'a>(
    headers: &http::HeaderMap,
    bytes: &'a [u8],
    request: &mut Request<'a>,
) -> Result<(), Failure> {
    use Interaction as I;
    // Operations that may have all of their parameters in the URL.
    let may_lack = match request.interaction {
        I::Validate => request.target.id.is_some(),
        I::Expand | I::ValidateCode | I::Subsumes | I::Everything => true,
        _ => false,
    };
    if bytes.is_empty() && may_lack {
        return Ok(());
    }
    let patches = matches!(request.interaction, Interaction::Patch | Interaction::ConditionalPatch);
    let media = content_type(headers)?;
    let json_patch =
        media.is_some_and(|m| m.essence.eq_ignore_ascii_case("application/json-patch+json"));
    request.body = match media {
        Some(media) if !media.charset_fits() => return Err(unsupported("bodies must be UTF-8")),
        Some(media) if !media.version_fits() => {
            return Err(unsupported("only resources of fhirVersion 4.0 are understood"));
        }
        _ if json_patch && patches => RequestBody::JsonPatch(bytes),
        Some(media) if Json::named(media.essence).is_none() => {
            return Err(unsupported(match patches {
                true => {
                    "a patch must be sent as application/json-patch+json, or as a Parameters resource in application/fhir+json"
                }
                false => "the body must be sent as application/fhir+json or application/json",
            }));
        }
        _ => RequestBody::Text(bytes),
    };
    Ok(())
}

fn content_type(headers: &http::HeaderMap) -> Result<Option<MediaType<'_>>, Failure> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let text = value.to_str().map_err(|_| unsupported("Content-Type must be plain ASCII"))?;
    Ok(Some(MediaType::of(text)))
}

fn unsupported(problem: &str) -> Failure {
    let failure = Failure::new(ErrorKind::UnsupportedMediaType, "not-supported", problem);
    failure.at("http.Content-Type")
}

/// Reads are given up when they take too long. Writes are finished: a client that is told of a
/// time-out couldn't know whether it was done.
async fn within_time(
    server: &Server,
    service: &Service,
    context: &Context,
    request: Request<'_>,
) -> Result<Outcome, Failure> {
    use Interaction as I;
    let reads = matches!(
        request.interaction,
        I::Read
            | I::Vread
            | I::SearchType
            | I::SearchSystem
            | I::SearchCompartment
            | I::Everything
            | I::HistoryInstance
            | I::HistoryType
            | I::HistorySystem
            | I::Expand
            | I::ValidateCode
            | I::Subsumes
    );
    let handling = service.handle(context, request);
    if !reads {
        return handling.await;
    }
    let done = tokio::time::timeout(server.settings.request_timeout, handling).await;
    done.unwrap_or_else(|_| {
        let mut failure =
            Failure::busy("the answer took too long to find; narrow the request, or try again");
        failure.issues[0].code = "timeout";
        Err(failure)
    })
}

fn panicked() -> Failure {
    let problem = "the server failed over this request; the log has it under this request's id";
    Failure::new(ErrorKind::Internal, "exception", problem)
}
