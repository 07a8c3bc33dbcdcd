//! Against servers of the tests' own, whose slowness is known.

use super::*;
use crate::connection::Call;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// So long that nothing is given up, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

struct Gets;

impl Script for Gets {
    fn player(&self, _client: usize) -> Box<dyn Player> {
        Box::new(Gets)
    }
}

impl Player for Gets {
    fn next(&mut self) -> Option<Call> {
        Some(Call::get("/fhir/Patient".into()))
    }
}

/// A server on loopback that answers each request after `pause`.
async fn server(pause: Duration, status: &'static str) -> Target {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/fhir", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, pause, status));
        }
    });
    Target::parse(&base).expect("a base")
}

async fn answer(mut stream: TcpStream, pause: Duration, status: &str) {
    let mut buffer = [0; 4096];
    let mut request = Vec::new();
    while let Ok(read @ 1..) = stream.read(&mut buffer).await {
        request.extend_from_slice(&buffer[..read]);
        if !request.ends_with(b"\r\n\r\n") {
            continue;
        }
        request.clear();
        tokio::time::sleep(pause).await;
        let text = format!("HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\n{{}}");
        if stream.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// For half a second, unless a test says how many there are.
fn arrivals(rate: f64, connections: usize) -> Arrivals {
    Arrivals {
        rate,
        time: Duration::from_millis(500),
        most: 10_000,
        connections,
        answer: Duration::from_secs(10),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sends_as_many_as_are_due_and_takes_as_long_as_they_are() {
    let target = server(Duration::ZERO, "200 OK").await;
    let hundred = Arrivals { most: 100, time: PATIENCE, ..arrivals(200.0, 4) };
    let tally = drive(&target, hundred, &Gets).await.expect("a tally");
    assert_eq!(tally.requests(), 100);
    assert!(tally.errors.is_empty(), "{:?}", tally.errors);
    assert!(tally.elapsed >= Duration::from_millis(495), "{:?}", tally.elapsed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_connection_is_part_of_the_latency() {
    // 40 ms each over one connection; due every 20 ms: the 20th waits for half of those before it.
    let target = server(Duration::from_millis(40), "200 OK").await;
    let slow = Arrivals { most: 20, time: PATIENCE, ..arrivals(50.0, 1) };
    let tally = drive(&target, slow, &Gets).await.expect("a tally");
    assert_eq!(tally.requests(), 20);
    let longest = tally.latencies().quantile(1.0).expect("samples");
    assert!(longest >= Duration::from_millis(400), "{longest:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_not_be_sent_in_time_is_an_error() {
    let target = server(Duration::from_millis(300), "200 OK").await;
    let tally = drive(&target, arrivals(100.0, 1), &Gets).await.expect("a tally");
    let unsent = tally.errors.get(NOT_SENT).copied().unwrap_or_default();
    assert_eq!(tally.requests() + unsent, 50);
    assert!(tally.requests() <= 5 && unsent >= 45, "{tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refusals_are_errors_by_status() {
    let target = server(Duration::ZERO, "503 Service Unavailable").await;
    let few = Arrivals { most: 7, time: PATIENCE, ..arrivals(1000.0, 2) };
    let tally = drive(&target, few, &Gets).await.expect("a tally");
    assert_eq!(tally.requests(), 0);
    assert_eq!(tally.errors, [("503".to_owned(), 7)].into());
}
