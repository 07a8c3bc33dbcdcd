//! One client: one keep-alive HTTP/1.1 connection, opened again when the server closes it.

use crate::BenchError;
use crate::target::Target;
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue, LOCATION};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::fmt;
use std::time::Duration;
use tokio::net::TcpStream;

const FHIR_JSON: &str = "application/fhir+json";

/// A request of a work.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query, as they go on the wire.
    pub(crate) path: String,
    pub(crate) body: Bytes,
    /// How many operations it counts for: the entries of a transaction, otherwise one.
    pub(crate) operations: u64,
}

/// What the server answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    /// The id in `Location`, where there is one.
    pub(crate) id_in_location: Option<String>,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The id of what was created.
    pub(crate) fn id(&self) -> Option<String> {
        self.id_in_location.clone().or_else(|| {
            let resource: Value = serde_json::from_slice(&self.body).ok()?;
            Some(resource.get("id")?.as_str()?.into())
        })
    }
}

/// The id in `[base]/Type/id/_history/version`, or in the same without version.
fn id_of(location: &HeaderValue) -> Option<String> {
    let location = location.to_str().ok()?;
    let unversioned = location.split("/_history/").next()?;
    Some(unversioned.rsplit('/').next()?.into())
}

/// Why there was no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Silence {
    #[error("no answer in time")]
    Timeout,
    #[error("cannot connect")]
    Refused(#[source] std::io::Error),
    #[error("connection lost")]
    Lost(#[source] hyper::Error),
    #[error("not a URL")]
    Request(#[source] http::Error),
}

/// One client's connection.
pub(crate) struct Connection {
    target: Target,
    timeout: Duration,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Call {
    pub(crate) fn get(path: String) -> Self {
        Self::with_body(Method::GET, path, Bytes::new())
    }

    pub(crate) fn with_body(method: Method, path: String, body: Bytes) -> Self {
        Self { method, path, body, operations: 1 }
    }
}

impl Connection {
    pub(crate) fn new(target: &Target, timeout: Duration) -> Self {
        Self { target: target.clone(), timeout, sender: None }
    }

    /// Connects unless it is connected.
    pub(crate) async fn open(&mut self) -> Result<&mut SendRequest<Full<Bytes>>, Silence> {
        let usable = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !usable {
            let stream =
                TcpStream::connect(self.target.address()).await.map_err(Silence::Refused)?;
            stream.set_nodelay(true).map_err(Silence::Refused)?;
            let (sender, connection) =
                handshake(TokioIo::new(stream)).await.map_err(Silence::Lost)?;
            // It ends with the sender; what went wrong on it, the sender says too.
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        Ok(self.sender.as_mut().expect("it was just set"))
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&mut self, call: &Call) -> Result<Reply, Silence> {
        let timeout = self.timeout;
        match tokio::time::timeout(timeout, self.exchange(call)).await {
            Ok(Ok(reply)) => Ok(reply),
            failed => {
                // Half an answer may still be on its way: such a connection is not used again.
                self.sender = None;
                failed.unwrap_or(Err(Silence::Timeout))
            }
        }
    }

    async fn exchange(&mut self, call: &Call) -> Result<Reply, Silence> {
        let request = self.request(call)?;
        let sender = self.open().await?;
        let response = sender.send_request(request).await.map_err(Silence::Lost)?;
        let status = response.status();
        let id_in_location = response.headers().get(LOCATION).and_then(id_of);
        let body = response.into_body().collect().await.map_err(Silence::Lost)?;
        Ok(Reply { status, id_in_location, body: body.to_bytes() })
    }

    fn request(&self, call: &Call) -> Result<Request<Full<Bytes>>, Silence> {
        let mut request = Request::builder()
            .method(&call.method)
            .uri(&call.path)
            .header(HOST, self.target.authority())
            .header(ACCEPT, FHIR_JSON);
        if call.method != Method::GET {
            request = request.header(CONTENT_TYPE, FHIR_JSON).header("prefer", "return=minimal");
        }
        request.body(Full::new(call.body.clone())).map_err(Silence::Request)
    }

    /// Sends a request that must succeed for the benchmark to go on.
    pub(crate) async fn expect(&mut self, call: &Call) -> Result<Reply, BenchError> {
        let failed = |reason: &dyn fmt::Display| BenchError::Server {
            request: format!("{} {}", call.method, call.path),
            reason: reason.to_string(),
        };
        let reply = self.send(call).await.map_err(|e| failed(&e))?;
        if !reply.status.is_success() {
            let start: String = String::from_utf8_lossy(&reply.body).chars().take(300).collect();
            return Err(failed(&format_args!("{}: {start}", reply.status)));
        }
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_id() {
        let id = |location| id_of(&HeaderValue::from_static(location));
        assert_eq!(id("http://h/fhir/Patient/7/_history/1").as_deref(), Some("7"));
        assert_eq!(id("Patient/7").as_deref(), Some("7"));
        let reply = Reply {
            status: StatusCode::CREATED,
            id_in_location: None,
            body: Bytes::from_static(br#"{"resourceType":"Patient","id":"8"}"#),
        };
        assert_eq!(reply.id().as_deref(), Some("8"));
    }
}
