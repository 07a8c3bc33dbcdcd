//! A client of a blob service that signs by hand.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use cresset_blob_server::Azurite;
use hmac::{Hmac, KeyInit, Mac};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use sha2::Sha256;
use std::error::Error;
use std::time::SystemTime;
use tokio::net::TcpStream;

/// What every request says of itself besides its date.
const VERSION: &str = "2021-08-06";

/// The account on a port: that of the server, or of a proxy before it.
#[derive(Clone, Copy)]
pub(crate) struct Client {
    azurite: &'static Azurite,
    port: u16,
}

/// What an answer says; nothing, if there was none.
pub(crate) type Answer = Result<Response<Bytes>, Box<dyn Error + Send + Sync>>;

impl Client {
    pub(crate) fn of(azurite: &'static Azurite, port: u16) -> Self {
        Self { azurite, port }
    }

    /// Makes a container, and tells its name.
    pub(crate) async fn create(&self, container: &str) -> u16 {
        let answer = self.send("PUT", container, "restype=container", b"").await;
        answer.expect("an answer").status().as_u16()
    }

    pub(crate) async fn put(&self, blob: &str, body: &[u8]) -> Answer {
        self.send("PUT", blob, "", body).await
    }

    pub(crate) async fn get(&self, blob: &str) -> Answer {
        self.send("GET", blob, "", b"").await
    }

    /// A request that Azure's shared key signs.
    pub(crate) async fn send(&self, method: &str, path: &str, query: &str, body: &[u8]) -> Answer {
        let path = format!("/{}/{path}", self.azurite.account());
        let date = httpdate::fmt_http_date(SystemTime::now());
        let is_blob = method == "PUT" && query.is_empty();
        let kind = if is_blob { "x-ms-blob-type:BlockBlob\n" } else { "" };
        let length = if body.is_empty() { String::new() } else { body.len().to_string() };
        let asked: String = query.split('&').filter(|part| !part.is_empty()).map(asked).collect();
        let signed = format!(
            "{method}\n\n\n{length}\n\n\n\n\n\n\n\n\n{kind}x-ms-date:{date}\nx-ms-version:{VERSION}\n\
             /{}{path}{asked}",
            self.azurite.account()
        );
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", format!("127.0.0.1:{}", self.port))
            .header("content-length", body.len())
            .header("x-ms-date", date)
            .header("x-ms-version", VERSION)
            .header("authorization", self.authorization(&signed));
        if is_blob {
            request = request.header("x-ms-blob-type", "BlockBlob");
        }
        let body = Full::new(Bytes::copy_from_slice(body));
        exchange(self.port, request.body(body).expect("a request")).await
    }

    fn authorization(&self, signed: &str) -> String {
        let key = BASE64_STANDARD.decode(self.azurite.key()).expect("base 64");
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length is one");
        mac.update(signed.as_bytes());
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        format!("SharedKey {}:{signature}", self.azurite.account())
    }
}

/// A parameter of the query, as it is signed.
fn asked(parameter: &str) -> String {
    format!("\n{}", parameter.replacen('=', ":", 1))
}

/// Sends a request over a connection of its own.
pub(crate) async fn exchange(port: u16, request: Request<Full<Bytes>>) -> Answer {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

/// The status of an answer; none if there was no answer.
pub(crate) fn status(answer: &Answer) -> Option<u16> {
    answer.as_ref().ok().map(|answer| answer.status().as_u16())
}
