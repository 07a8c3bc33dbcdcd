//! Posts the Bundles that `CRESSET_BUNDLES` names, in order, and says how long each took:
//! `CRESSET_BUNDLES="a.json b.json" cargo test --release -p cresset-http --test posted_bundles -- --ignored --nocapture`.

mod rig;
use rig::Rig;
use std::time::Instant;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn posted() {
    let rig = Rig::new().await;
    let files = std::env::var("CRESSET_BUNDLES").expect("CRESSET_BUNDLES names files");
    for file in files.split_whitespace() {
        let text = std::fs::read_to_string(file).expect("the file can be read");
        let start = Instant::now();
        let answer = rig.post("/fhir", &text).await;
        let took = start.elapsed();
        let problem = match answer.status.as_u16() {
            200 => String::new(),
            _ => answer.text().chars().take(2000).collect(),
        };
        eprintln!(
            "{file}: {} bytes, {} in {took:?} {problem}",
            text.len(),
            answer.status
        );
    }
}
