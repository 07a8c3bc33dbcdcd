//! What attackers send.

mod rig;
use axum::body::Body;
use bytes::Bytes;
use cresset_http::Settings;
use http::Request;
use rig::{PATIENT, Rig};
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

fn small() -> Settings {
    Settings { max_body: 10_000, ..Settings::default() }
}

#[tokio::test]
async fn deep_nesting_is_refused() {
    let rig = Rig::new().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    rig.post("/fhir/Patient", &deep).await.fails(400, "structure");
    let deep = format!("{}1{}", r#"{"a":"#.repeat(100_000), "}".repeat(100_000));
    rig.post("/fhir/Patient", &deep).await.fails(400, "structure");
    rig.post("/fhir", &deep).await.fails(400, "structure");
}

#[tokio::test]
async fn large_bodies_are_refused_before_they_are_read() {
    let rig = Rig::with(small()).await;
    let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
    let request = Request::post("/fhir/Patient")
        .header("content-type", "application/fhir+json")
        .header("content-length", "1000000000")
        .body(Body::from_stream(never));
    rig.send(request.unwrap()).await.fails(413, "too-long");
    let endless =
        futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(&[b' '; 1000])));
    let request = Request::post("/fhir/Patient")
        .header("content-type", "application/fhir+json")
        .body(Body::from_stream(endless));
    rig.send(request.unwrap()).await.fails(413, "too-long");
}

#[tokio::test]
async fn zip_bombs_are_refused() {
    let rig = Rig::with(small()).await;
    let zeros = vec![b' '; 50 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&zeros[..5 << 20]).unwrap();
    for (coding, bomb) in
        [("gzip", gzip.finish().unwrap()), ("zstd", zstd::encode_all(&zeros[..], 3).unwrap())]
    {
        assert!(bomb.len() < 10_000, "{coding} {}", bomb.len());
        let request = Request::post("/fhir/Patient")
            .header("content-type", "application/fhir+json")
            .header("content-encoding", coding)
            .body(Body::from(bomb));
        rig.send(request.unwrap()).await.fails(413, "too-long");
    }
}

#[tokio::test]
async fn slow_bodies_time_out() {
    let settings = Settings { body_timeout: Duration::from_millis(50), ..Settings::default() };
    let rig = Rig::with(settings).await;
    let never = futures::stream::pending::<Result<Bytes, std::io::Error>>();
    let request = Request::post("/fhir/Patient")
        .header("content-type", "application/fhir+json")
        .body(Body::from_stream(never));
    rig.send(request.unwrap()).await.fails(408, "timeout");
}

#[tokio::test]
async fn many_or_long_headers_are_refused() {
    let rig = Rig::new().await;
    let mut request = Request::get("/fhir/Patient/1");
    for number in 0..10_000 {
        request = request.header(format!("x-{number}"), "1");
    }
    rig.send(request.body(Body::empty()).unwrap()).await.fails(431, "too-long");
    let long = Request::get("/fhir/Patient/1").header("x-long", "x".repeat(100_000));
    rig.send(long.body(Body::empty()).unwrap()).await.fails(431, "too-long");
}

#[tokio::test]
async fn bad_bytes_and_twins_are_refused() {
    let rig = Rig::new().await;
    let request = Request::post("/fhir/Patient")
        .header("content-type", "application/fhir+json")
        .body(Body::from(&b"{\"resourceType\":\"Patient\",\"id\":\"\xff\"}"[..]));
    rig.send(request.unwrap()).await.fails(400, "structure");
    rig.post("/fhir/Patient", r#"{"resourceType":"Patient","active":true,"active":false}"#)
        .await
        .fails(400, "structure");
    rig.post("/fhir/Patient", r#"{"resourceType":"Patient","active":NaN}"#)
        .await
        .fails(400, "structure");
    for path in [
        "/fhir/Patient/..",
        "/fhir/Patient/%2e%2e%2f",
        "/fhir/Patient/a%00b",
        "/fhir/..%2f..%2fetc/passwd",
    ] {
        let status = rig.get(path).await.status.as_u16();
        assert!(matches!(status, 400 | 404), "{path} {status}");
    }
    let request = Request::get("/fhir/Patient/1").header("if-none-match", &b"\xff"[..]);
    rig.send(request.body(Body::empty()).unwrap()).await.fails(400, "value");
}

#[tokio::test]
async fn too_many_requests_at_once_are_turned_away() {
    let rig = Rig::with(Settings { concurrency: 1, ..Settings::default() }).await;
    let (open, body) = futures::channel::mpsc::unbounded::<Result<Bytes, std::io::Error>>();
    let request = Request::put("/fhir/Patient/a")
        .header("content-type", "application/fhir+json")
        .body(Body::from_stream(body))
        .unwrap();
    let busy = rig.clone();
    let first = tokio::spawn(async move { busy.send(request).await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    let turned_away = rig.get("/fhir/Patient/a").await;
    turned_away.fails(503, "throttled");
    assert_eq!(turned_away.header("retry-after"), "1");
    rig.get("/health/live").await.is(200);
    open.unbounded_send(Ok(Bytes::from_static(PATIENT.as_bytes()))).unwrap();
    drop(open);
    first.await.unwrap().is(201);
    rig.get("/fhir/Patient/a").await.is(200);
}

#[derive(Debug)]
struct Panicking;

impl cresset_http::Tenants for Panicking {
    fn served(
        &self,
        _: Option<&str>,
        _: Option<&str>,
    ) -> Result<Arc<cresset_http::Served>, cresset_interaction::Failure> {
        panic!("as the test wants it")
    }

    fn all(&self) -> Vec<Arc<cresset_http::Served>> {
        Vec::new()
    }
}

#[tokio::test]
async fn a_panic_ends_one_request_only() {
    let server = Arc::new(cresset_http::Server::new(Arc::new(Panicking), Settings::default()));
    let router = cresset_http::router(Arc::clone(&server));
    let rig = Rig { router, server };
    let failed = rig.get("/fhir/Patient/1").await;
    failed.fails(500, "exception");
    assert!(!failed.text().contains("wants"));
    rig.get("/health/live").await.is(200);
}
