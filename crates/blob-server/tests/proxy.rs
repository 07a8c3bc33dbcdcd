//! What a proxy does to the requests that come through it.

#[allow(dead_code, reason = "each test program uses its part")]
mod support;

use cresset_blob_server::{Azurite, Fault, Proxy, Rule, shared_if_there};
use http::Request;
use http_body_util::Full;
use std::time::{Duration, Instant};
use support::{Client, exchange, status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// A proxy before the shared server, a client of each, and a container of this test's own.
async fn proxied(container: &str) -> Option<(Proxy, Client, Client)> {
    let azurite = shared_if_there()?;
    let proxy = Proxy::start(azurite.port());
    let through = Client::of(azurite, proxy.port());
    let beside = Client::of(azurite, azurite.port());
    assert_eq!(beside.create(container).await, 201);
    Some((proxy, through, beside))
}

/// Polls, with a bound.
async fn until(what: &str, holds: impl Fn() -> bool) {
    let bound = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < bound, "{what}: not in time");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn signed_requests_pass_and_are_counted() {
    let Some((proxy, through, _)) = proxied("passes").await else { return };
    let blob = "passes/97/a*b%20c/1/d";
    assert_eq!(status(&through.put(blob, b"body").await), Some(201));
    assert_eq!(through.get(blob).await.expect("an answer").body(), "body");
    assert_eq!(status(&through.get("passes/none").await), Some(404));
    let head = through.send("HEAD", blob, "", b"").await.expect("an answer");
    assert_eq!(
        (head.status().as_u16(), &head.headers()["content-length"]),
        (200, &"4".parse().unwrap())
    );
    // The list is sent in chunks.
    let list = through.send("GET", "passes", "comp=list&restype=container", b"").await;
    let list = String::from_utf8(list.expect("an answer").body().to_vec()).expect("XML");
    assert!(list.contains("<Name>97/a*b c/1/d</Name>"), "{list}");
    let counts = ["PUT", "GET", "HEAD", "DELETE"].map(|m| (proxy.requests(m), proxy.forwarded(m)));
    assert_eq!(counts, [(1, 1), (3, 3), (1, 1), (0, 0)]);
    assert_eq!((proxy.struck(), proxy.most_at_once()), (0, 1));
}

#[tokio::test]
async fn the_server_gets_each_byte_of_the_head_that_matters() {
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxy = Proxy::start(server.local_addr().expect("an address").port());
    let got = tokio::spawn(async move {
        let (mut stream, _) = server.accept().await.expect("the proxy");
        let mut got = vec![0; 4096];
        let length = stream.read(&mut got).await.expect("a request");
        stream.write_all(b"HTTP/1.1 204 No Content\r\nX-Kept: Yes\r\n\r\n").await.expect("sent");
        String::from_utf8_lossy(&got[..length]).into_owned()
    });
    let mut client = tokio::net::TcpStream::connect(("127.0.0.1", proxy.port())).await.expect("it");
    let head =
        "DELETE /a/b*c/%7e//.%2F?x=%2a&y HTTP/1.1\r\nHost: somebody.example\r\nX-Ms-Date: now\r\n";
    client.write_all(format!("{head}\r\n").as_bytes()).await.expect("sent");
    let mut answer = vec![0; 4096];
    let length = client.read(&mut answer).await.expect("an answer");
    let answer = String::from_utf8_lossy(&answer[..length]);
    assert!(
        answer.starts_with("HTTP/1.1 204") && answer.contains("\r\nX-Kept: Yes\r\n"),
        "{answer}"
    );
    assert_eq!(got.await.expect("a server"), format!("{head}\r\n"));
}

#[tokio::test]
async fn an_answer_before_forwarding_leaves_the_server_alone() {
    let Some((proxy, through, beside)) = proxied("answers-before").await else { return };
    proxy.add(Rule::new(Fault::Answer(503)).method("PUT").path("/97/").next(1));
    proxy.add(Rule::new(Fault::Answer(500)).method("PUT").path("/97/").next(1));
    let (blob, other) = ("answers-before/97/1", "answers-before/98/1");
    assert_eq!(status(&through.put(other, b"x").await), Some(201));
    assert_eq!(status(&through.get(blob).await), Some(404));
    assert_eq!(status(&through.put(blob, b"x").await), Some(503));
    assert_eq!(status(&through.put(blob, b"x").await), Some(500));
    assert_eq!(status(&beside.get(blob).await), Some(404));
    assert_eq!(status(&through.put(blob, b"x").await), Some(201));
    assert_eq!((proxy.requests("PUT"), proxy.forwarded("PUT"), proxy.struck()), (4, 2, 2));
}

#[tokio::test]
async fn an_answer_afterwards_hides_what_the_server_did() {
    let Some((proxy, through, beside)) = proxied("answers-after").await else { return };
    proxy.add(Rule::new(Fault::Answer(500)).afterwards().method("PUT"));
    assert_eq!(status(&through.put("answers-after/1", b"x").await), Some(500));
    assert_eq!(status(&beside.get("answers-after/1").await), Some(200));
    assert_eq!(proxy.forwarded("PUT"), 1);
    proxy.clear();
    assert_eq!(status(&through.put("answers-after/2", b"x").await), Some(201));
}

#[tokio::test]
async fn a_cut_ends_the_connection_without_an_answer() {
    let Some((proxy, through, beside)) = proxied("cuts").await else { return };
    proxy.add(Rule::new(Fault::Cut).path("/before").next(1));
    proxy.add(Rule::new(Fault::Cut).afterwards().path("/after").next(1));
    assert_eq!(status(&through.put("cuts/before", b"x").await), None);
    assert_eq!(status(&beside.get("cuts/before").await), Some(404));
    assert_eq!(status(&through.put("cuts/after", b"x").await), None);
    assert_eq!(status(&beside.get("cuts/after").await), Some(200));
    assert_eq!(status(&through.put("cuts/before", b"x").await), Some(201));
    assert_eq!((proxy.requests("PUT"), proxy.forwarded("PUT")), (3, 2));
}

#[tokio::test]
async fn a_stalled_request_goes_on_when_it_is_released() {
    let Some((proxy, through, beside)) = proxied("stalls").await else { return };
    proxy.add(Rule::new(Fault::Stall).path("/before"));
    proxy.add(Rule::new(Fault::Stall).afterwards().path("/after"));
    let before = tokio::spawn(async move { status(&through.put("stalls/before", b"x").await) });
    let after = tokio::spawn(async move { status(&through.put("stalls/after", b"x").await) });
    until("both stall", || proxy.stalled() == 2).await;
    assert_eq!(status(&beside.get("stalls/before").await), Some(404));
    assert_eq!(status(&beside.get("stalls/after").await), Some(200));
    proxy.clear();
    assert!(!before.is_finished() && !after.is_finished(), "without rules they still stall");
    assert_eq!(proxy.most_at_once(), 2);
    proxy.release();
    assert_eq!(
        (before.await.expect("it ends"), after.await.expect("it ends")),
        (Some(201), Some(201))
    );
    assert_eq!(proxy.stalled(), 0);
    // What stalls later isn't released by this.
    proxy.add(Rule::new(Fault::Stall).path("/late"));
    let late = tokio::spawn(async move { status(&through.put("stalls/late", b"x").await) });
    until("it stalls", || proxy.stalled() == 1).await;
    drop(proxy);
    assert_eq!(late.await.expect("it ends"), None, "the end of the proxy is no answer");
    assert_eq!(status(&beside.get("stalls/late").await), Some(404));
}

#[tokio::test]
async fn a_client_that_goes_away_takes_its_stalled_request_along() {
    let Some((proxy, through, beside)) = proxied("leaves").await else { return };
    proxy.add(Rule::new(Fault::Stall).next(1));
    let put = tokio::spawn(async move { status(&through.put("leaves/1", b"x").await) });
    until("it stalls", || proxy.stalled() == 1).await;
    put.abort();
    until("it is gone", || proxy.stalled() == 0).await;
    proxy.release();
    assert_eq!((proxy.requests("PUT"), proxy.forwarded("PUT")), (1, 0));
    assert_eq!(status(&beside.get("leaves/1").await), Some(404));
}

#[tokio::test]
async fn a_delay_is_at_least_as_long_as_said() {
    let Some((proxy, through, _)) = proxied("delays").await else { return };
    let delay = Duration::from_millis(400);
    for rule in [Rule::new(Fault::Delay(delay)), Rule::new(Fault::Delay(delay)).afterwards()] {
        proxy.add(rule.next(1));
        let began = Instant::now();
        assert_eq!(status(&through.put("delays/1", b"x").await), Some(201));
        assert!(began.elapsed() >= delay, "only {:?}", began.elapsed());
    }
    assert_eq!(proxy.struck(), 2);
}

#[tokio::test]
async fn some_requests_fail_as_the_seed_says() {
    let Some((proxy, through, _)) = proxied("some").await else { return };
    let mut runs = Vec::new();
    for _ in 0..2 {
        proxy.add(Rule::new(Fault::Answer(503)).sometimes(0.5, 42));
        let mut run = Vec::new();
        for _ in 0..30 {
            run.push(status(&through.get("some/1").await).expect("an answer"));
        }
        proxy.clear();
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&503) && runs[0].contains(&404), "{:?}", runs[0]);
}

#[tokio::test]
async fn without_its_server_connections_end_without_an_answer() {
    let Some(azurite) = Azurite::start() else { return };
    let proxy = Proxy::start(azurite.port());
    let ask = || async {
        let request = Request::get("/").header("host", "127.0.0.1");
        let request = request.body(Full::default()).expect("a request");
        status(&exchange(proxy.port(), request).await)
    };
    assert!(ask().await.is_some());
    azurite.kill();
    assert_eq!(ask().await, None);
    azurite.restart();
    assert!(ask().await.is_some());
}
