//! What only shows over a connection: slow clients, long heads, shutdown.

mod rig;
use cresset_http::{Settings, serve};
use rig::{PATIENT, Rig};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

struct Running {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn running(settings: Settings) -> Running {
    let rig = Rig::with(settings).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Arc::clone(&rig.server);
    let shutdown = async move { drop(stopped.await) };
    let ended = tokio::spawn(serve(listener, server, shutdown));
    Running { address, stop, ended }
}

async fn exchanged(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = vec![0; 65536];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

fn put(body: &str) -> String {
    let length = body.len();
    format!(
        "PUT /fhir/Patient/a HTTP/1.1\r\nhost: h\r\ncontent-type: application/fhir+json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

#[tokio::test]
async fn a_connection_serves_one_request_after_another() {
    let server = running(Settings::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let created = exchanged(&mut stream, &put(PATIENT)).await;
    assert!(created.starts_with("HTTP/1.1 201 Created\r\n"), "{created}");
    assert!(created.contains("location: http://h/fhir/Patient/a/_history/1\r\n"), "{created}");
    let read = exchanged(&mut stream, "GET /fhir/Patient/a HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert!(read.starts_with("HTTP/1.1 200 OK\r\n"), "{read}");
    let head = exchanged(&mut stream, "HEAD /fhir/Patient/a HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert!(head.ends_with("\r\n\r\n"), "{head}");
    assert!(head.contains("content-length: 1"), "{head}");
}

#[tokio::test]
async fn slow_heads_are_cut_off() {
    let settings = Settings { header_timeout: Duration::from_millis(200), ..Settings::default() };
    let server = running(settings).await;
    for start in ["", "GET /fhir/metadata HTTP/1.1\r\nhost:"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        let begin = Instant::now();
        let mut rest = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest))
            .await
            .unwrap();
        assert!(begin.elapsed() < Duration::from_secs(4));
        let rest = String::from_utf8(rest).unwrap();
        assert!(rest.is_empty() || rest.starts_with("HTTP/1.1 408"), "{rest}");
    }
}

#[tokio::test]
async fn ten_thousand_headers_are_refused() {
    let server = running(Settings::default()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let headers: String = (0..10_000).map(|n| format!("x-{n}: 1\r\n")).collect();
    let answer =
        exchanged(&mut stream, &format!("GET /fhir/Patient/a HTTP/1.1\r\n{headers}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let again = exchanged(&mut stream, "GET /health/live HTTP/1.1\r\nhost: h\r\n\r\n").await;
    assert!(again.starts_with("HTTP/1.1 200"), "{again}");
}

#[tokio::test]
async fn a_shutdown_finishes_what_was_accepted() {
    let server = running(Settings::default()).await;
    let mut idle = TcpStream::connect(server.address).await.unwrap();
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    exchanged(&mut idle, "GET /health/live HTTP/1.1\r\nhost: h\r\n\r\n").await;
    let request = put(PATIENT);
    let (first, second) = request.split_at(request.len() - 10);
    stream.write_all(first.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let answer = exchanged(&mut stream, second).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), server.ended).await.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(server.address).await.is_err());
}
