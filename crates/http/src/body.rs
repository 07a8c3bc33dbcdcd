//! Reads bodies: bounded in bytes, time and number, before and after decompression.

use crate::coding::{Coding, decoded};
use crate::limits::{announced_length, too_large};
use crate::server::Server;
use axum::body::Body;
use cresset_interaction::{ErrorKind, Failure};
use http::HeaderMap;
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::sync::SemaphorePermit;

/// Bodies over this are few at a time.
const LARGE: usize = 1 << 20;
/// How long a large body waits for its turn.
const PATIENCE: Duration = Duration::from_secs(20);

/// A body that has arrived, with the right to its memory.
#[derive(Debug)]
pub(crate) struct Arrived<'a> {
    pub(crate) bytes: Vec<u8>,
    _permit: Option<SemaphorePermit<'a>>,
}

/// Reads a body of at most `limit` bytes.
pub(crate) async fn read<'a>(
    server: &'a Server,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Arrived<'a>, Failure> {
    let announced = announced_length(headers, limit)?;
    let coding = Coding::of_request(headers)?;
    let reading = receive(server, body, announced, limit);
    let arrived = tokio::time::timeout(server.settings.body_timeout, reading).await;
    let (bytes, mut permit) = arrived.map_err(|_| too_slow())??;
    let bytes = match coding {
        Coding::Identity => bytes,
        coding => unpack(server, coding, bytes, limit, &mut permit).await?,
    };
    Ok(Arrived { bytes, _permit: permit })
}

/// Unpacks a body. One that turns out to be large needs the right to that memory first.
async fn unpack<'a>(
    server: &'a Server,
    coding: Coding,
    bytes: Vec<u8>,
    limit: usize,
    permit: &mut Option<SemaphorePermit<'a>>,
) -> Result<Vec<u8>, Failure> {
    if permit.is_none() {
        match decoded(coding, &bytes, LARGE.min(limit)) {
            Err(failure) if failure.kind == ErrorKind::TooLarge && LARGE < limit => {
                *permit = Some(large(server).await?);
            }
            small => return small,
        }
    }
    let decoding = tokio::task::spawn_blocking(move || decoded(coding, &bytes, limit));
    decoding.await.map_err(|_| broken())?
}

async fn receive<'a>(
    server: &'a Server,
    mut body: Body,
    announced: Option<usize>,
    limit: usize,
) -> Result<(Vec<u8>, Option<SemaphorePermit<'a>>), Failure> {
    let mut permit = None;
    let mut bytes = Vec::new();
    if let Some(length) = announced {
        if length > LARGE {
            permit = Some(large(server).await?);
        }
        bytes.reserve_exact(length);
    }
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| broken())?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if bytes.len() + data.len() > limit {
            return Err(too_large(limit));
        }
        bytes.extend_from_slice(data);
        if bytes.len() > LARGE && permit.is_none() {
            permit = Some(large(server).await?);
        }
    }
    Ok((bytes, permit))
}

async fn large(server: &Server) -> Result<SemaphorePermit<'_>, Failure> {
    let permit = tokio::time::timeout(PATIENCE, server.large_bodies.acquire()).await;
    permit.ok().and_then(Result::ok).ok_or_else(|| {
        Failure::busy("the server has as many large bodies to work on as it can; try again")
    })
}

fn too_slow() -> Failure {
    let problem = "the body took too long to arrive";
    Failure::new(ErrorKind::Timeout, "timeout", problem)
}

fn broken() -> Failure {
    Failure::bad_request("incomplete", "the body broke off before its end")
}
