//! What a read by id costs: `cargo test --release -p cresset-http --test read_cost -- --ignored --nocapture`.

mod rig;
use http::Request;
use rig::{PATIENT, Rig};
use std::time::Instant;

#[tokio::test]
#[ignore = "a measurement"]
async fn reads_by_id() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let rounds = 200_000;
    let start = Instant::now();
    for _ in 0..rounds {
        let request = Request::get("/fhir/Patient/a")
            .header("host", "localhost:8080")
            .header("accept", "application/fhir+json");
        let answer = rig
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await;
        assert_eq!(answer.status, 200);
    }
    let each = start.elapsed().as_secs_f64() / f64::from(rounds);
    eprintln!(
        "{:.2} µs a read in-process, without the connection",
        each * 1e6
    );
}
