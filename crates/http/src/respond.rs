//! Outcomes and failures as HTTP answers.

use crate::accept::Format;
use crate::coding::{Coding, Packer};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use cresset_fhir::json::{Limits, parse};
use cresset_interaction::{Contents, Failure, Outcome, Success};
use cresset_store::{Timestamp, Version};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::io;
use std::time::{Duration, UNIX_EPOCH};

/// Shorter answers gain nothing by compression.
const COMPRESSED_FROM: usize = 1024;
/// Longer ones are sent piece by piece.
const PIECE: usize = 64 << 10;

/// How the client wants the answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    pub(crate) format: Format,
    pub(crate) coding: Coding,
}

/// The answer to a request that was done.
pub(crate) fn outcome(
    outcome: Outcome,
    base_url: &str,
    manner: Manner,
) -> Result<Response, Failure> {
    let Outcome { success, contents, version, location } = outcome;
    let mut headers = HeaderMap::with_capacity(10);
    if let Some((version, updated)) = version {
        versioned(&mut headers, version, updated);
    }
    if let Some(location) = location {
        let url = HeaderValue::try_from(format!("{base_url}/{location}"));
        let name = match success {
            Success::Created => header::LOCATION,
            _ => header::CONTENT_LOCATION,
        };
        headers.extend(url.ok().map(|url| (name, url)));
    }
    let body = body(contents, manner, &mut headers)?;
    Ok(response(success.status(), headers, body))
}

/// The answer to a request that wasn't.
pub(crate) fn failure(failure: &Failure, manner: Manner) -> Response {
    let mut headers = HeaderMap::with_capacity(10);
    if let Some((version, updated)) = failure.version {
        versioned(&mut headers, version, updated);
    }
    if let Some(after) = failure.retry_after {
        headers.insert(header::RETRY_AFTER, after.as_secs().max(1).into());
    }
    if !failure.allow.is_empty() {
        let names: Vec<_> = failure.allow.iter().map(|m| m.name()).collect();
        headers.extend(HeaderValue::try_from(names.join(", ")).ok().map(|v| (header::ALLOW, v)));
    }
    let contents = Contents::Bytes(failure.operation_outcome());
    let body = body(contents, manner, &mut headers).unwrap_or_default();
    response(failure.kind.status(), headers, body)
}

fn response(status: u16, mut headers: HeaderMap, body: Body) -> Response {
    const VARY: &str = "Accept, Accept-Encoding, Prefer, X-FHIR-TENANT-ID, X-FHIR-DSID";
    headers.insert(header::VARY, HeaderValue::from_static(VARY));
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.headers_mut() = headers;
    response
}

fn versioned(headers: &mut HeaderMap, version: Version, updated: Timestamp) {
    let tag = HeaderValue::try_from(format!("W/\"{version}\""));
    headers.extend(tag.ok().map(|tag| (header::ETAG, tag)));
    let milliseconds = u64::try_from(updated.milliseconds()).unwrap_or_default();
    let moment = UNIX_EPOCH + Duration::from_millis(milliseconds);
    let date = HeaderValue::try_from(httpdate::fmt_http_date(moment));
    headers.extend(date.ok().map(|date| (header::LAST_MODIFIED, date)));
}

fn body(contents: Contents, manner: Manner, headers: &mut HeaderMap) -> Result<Body, Failure> {
    let contents = match contents {
        Contents::Empty => return Ok(Body::empty()),
        contents if manner.format.pretty => Contents::Bytes(pretty(contents)?),
        contents => contents,
    };
    let kind = HeaderValue::from_static(manner.format.json.content_type());
    headers.insert(header::CONTENT_TYPE, kind);
    match contents {
        Contents::Empty => Ok(Body::empty()),
        Contents::Bytes(bytes) if bytes.len() <= PIECE => whole(bytes, manner.coding, headers),
        Contents::Bytes(bytes) if manner.coding == Coding::Identity => Ok(Body::from(bytes)),
        Contents::Bytes(bytes) => {
            let bytes = Bytes::from(bytes);
            let starts = (0..bytes.len()).step_by(PIECE);
            let pieces =
                starts.map(move |at| Ok(bytes[at..(at + PIECE).min(bytes.len())].to_vec()));
            pieced(pieces, manner.coding, headers)
        }
        Contents::Bundle(mut parts) => {
            let first = parts.next().transpose()?.unwrap_or_default();
            match parts.next() {
                None => whole(first, manner.coding, headers),
                Some(second) => {
                    let pieces = [Ok(first), second].into_iter().chain(parts);
                    pieced(pieces, manner.coding, headers)
                }
            }
        }
    }
}

fn pretty(contents: Contents) -> Result<Vec<u8>, Failure> {
    let bytes = contents.collect()?.unwrap_or_default();
    let limits = Limits { bytes: usize::MAX, ..Limits::default() };
    Ok(parse(&bytes, &limits).map_or(bytes, |json| json.to_pretty_bytes()))
}

fn whole(bytes: Vec<u8>, coding: Coding, headers: &mut HeaderMap) -> Result<Body, Failure> {
    if coding == Coding::Identity || bytes.len() < COMPRESSED_FROM {
        return Ok(Body::from(bytes));
    }
    let packed = Packer::new(coding).and_then(|mut packer| {
        let mut out = packer.pack(bytes)?;
        out.extend(packer.finish()?);
        Ok(out)
    });
    coded(headers, coding);
    packed.map(Body::from).map_err(|e| internal(&e))
}

fn pieced(
    pieces: impl Iterator<Item = Result<Vec<u8>, Failure>> + Send + 'static,
    coding: Coding,
    headers: &mut HeaderMap,
) -> Result<Body, Failure> {
    coded(headers, coding);
    let packer = Packer::new(coding).map_err(|e| internal(&e))?;
    let packed = Packed { pieces, packer: Some(packer) };
    let filled = packed.filter(|piece| !matches!(piece, Ok(bytes) if bytes.is_empty()));
    Ok(Body::from_stream(futures::stream::iter(filled)))
}

fn coded(headers: &mut HeaderMap, coding: Coding) {
    if coding != Coding::Identity {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
    }
}

fn internal(error: &io::Error) -> Failure {
    let kind = cresset_interaction::ErrorKind::Internal;
    let mut failure = Failure::new(kind, "exception", "the answer could not be compressed");
    failure.cause = Some(error.to_string().into());
    failure
}

/// Pieces, packed as they are asked for.
struct Packed<I> {
    pieces: I,
    packer: Option<Packer>,
}

impl<I: Iterator<Item = Result<Vec<u8>, Failure>>> Iterator for Packed<I> {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let packer = self.packer.as_mut()?;
        let packed = match self.pieces.next() {
            Some(Ok(piece)) => packer.pack(piece),
            // The status has gone out: all that is left is to break off.
            Some(Err(failure)) => {
                tracing::error!(cause = failure.cause.as_deref(), "an answer broke off");
                Err(io::Error::other("a stored resource can't be decoded"))
            }
            None => self.packer.take()?.finish(),
        };
        if packed.is_err() {
            self.packer = None;
        }
        Some(packed.map(Bytes::from))
    }
}

/// Sets a header whose value the server made.
pub(crate) fn set(response: &mut Response, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
