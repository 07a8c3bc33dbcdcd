//! One request, passed on to the server.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::Builder;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// There is no answer: the client's connection is to end without one.
#[derive(Debug)]
pub(crate) struct NoAnswer;

impl std::fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there is no answer")
    }
}

impl std::error::Error for NoAnswer {}

/// Sends the request as it came, over a connection of its own, and reads the whole answer. Requests are
/// signed, so that nothing of them may change; a connection of an earlier one might have been closed.
pub(crate) async fn forward(
    server: u16,
    request: Request<Full<Bytes>>,
) -> Result<Response<Full<Bytes>>, NoAnswer> {
    let stream = TcpStream::connect(("127.0.0.1", server)).await.map_err(|_| NoAnswer)?;
    stream.set_nodelay(true).map_err(|_| NoAnswer)?;
    let mut builder = Builder::new();
    builder.preserve_header_case(true);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer)?;
    // It ends with the sender; what went wrong on it, the sender says too.
    tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(|_| NoAnswer)?;
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| NoAnswer)?;
    Ok(Response::from_parts(head, Full::new(body.to_bytes())))
}
