//! One keep-alive HTTP/1.1 connection; an answer is awaited on the caller's thread.

use crate::answer::{Answer, Exchange, Request};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);
const FHIR_JSON: &str = "application/fhir+json";

/// A client of the FHIR server at a base URL.
pub struct Client {
    runtime: Runtime,
    authority: String,
    base_path: String,
    sender: Option<SendRequest<Full<Bytes>>>,
    always: Vec<(String, String)>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The base is no `http` URL.
    #[error("the base must be like http://127.0.0.1:8080/fhir; TLS is not spoken")]
    Base,
    /// The machine has no runtime for us.
    #[error("no connections can be made")]
    Runtime(#[source] std::io::Error),
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

impl Client {
    /// A client that connects with its first request.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn new(base: &str) -> Result<Self, ClientError> {
        let rest = base.strip_prefix("http://").ok_or(ClientError::Base)?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.trim_end_matches('/');
        let runtime = Builder::new_current_thread().enable_all().build();
        Ok(Self {
            runtime: runtime.map_err(ClientError::Runtime)?,
            authority: authority.to_owned(),
            base_path: if path.is_empty() { String::new() } else { format!("/{path}") },
            sender: None,
            always: Vec::new(),
        })
    }

    /// Sends a header with each request.
    #[must_use]
    pub fn always(mut self, name: &str, value: &str) -> Self {
        self.always.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The path on the wire. A link may lead to this server and to no other.
    fn path(&self, url: &str) -> Result<String, String> {
        let Some(rest) = url.strip_prefix("http://") else {
            return Ok(format!("{}{url}", self.base_path));
        };
        let path = rest.strip_prefix(&self.authority).filter(|p| p.starts_with('/'));
        let elsewhere = || format!("leads away from the server under test: {url}");
        path.map(str::to_owned).ok_or_else(elsewhere)
    }
}

impl Exchange for Client {
    fn exchange(&mut self, request: &Request) -> Result<Answer, String> {
        let path = self.path(&request.url)?;
        let Self { runtime, authority, sender, always, .. } = self;
        let mut request = request.clone();
        request.headers.extend_from_slice(always);
        let exchange = exchange(sender, authority, &path, &request);
        match runtime.block_on(async { tokio::time::timeout(PATIENCE, exchange).await }) {
            Ok(Ok(answer)) => Ok(answer),
            failed => {
                // Half an answer may still be on its way: such a connection is not used again.
                *sender = None;
                match failed {
                    Ok(Err(problem)) => Err(chain(problem.as_ref())),
                    _ => Err(format!("no answer within {} s", PATIENCE.as_secs())),
                }
            }
        }
    }
}

async fn exchange(
    sender: &mut Option<SendRequest<Full<Bytes>>>,
    authority: &str,
    path: &str,
    request: &Request,
) -> Result<Answer, Problem> {
    let mut builder = http::Request::builder().method(request.method.as_str()).uri(path);
    builder = builder.header("host", authority);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let has = |name: &str| request.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case(name));
    if !has("accept") {
        builder = builder.header("accept", FHIR_JSON);
    }
    if !request.body.is_empty() && !has("content-type") {
        builder = builder.header("content-type", FHIR_JSON);
    }
    let message = builder.body(Full::new(Bytes::from(request.body.clone())))?;
    let response = connected(sender, authority).await?.send_request(message).await?;
    let status = response.status().as_u16();
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(n, v)| (n.as_str().to_owned(), text(v)));
    let headers = headers.collect();
    let body = response.into_body().collect().await?.to_bytes();
    Ok(Answer::new(status, headers, String::from_utf8_lossy(&body).into_owned()))
}

async fn connected<'a>(
    sender: &'a mut Option<SendRequest<Full<Bytes>>>,
    authority: &str,
) -> Result<&'a mut SendRequest<Full<Bytes>>, Problem> {
    let usable = match sender {
        Some(sender) => sender.ready().await.is_ok(),
        None => false,
    };
    if !usable {
        let address = match authority.rsplit_once(':') {
            Some((_, port)) if port.parse::<u16>().is_ok() => authority.to_owned(),
            _ => format!("{authority}:80"),
        };
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (fresh, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender; what went wrong on it, the sender says too.
        tokio::spawn(connection);
        *sender = Some(fresh);
    }
    sender.as_mut().ok_or_else(|| "not connected".into())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}
