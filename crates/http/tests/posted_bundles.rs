//! Whole patients as Synthea writes them, posted as transactions: each is taken, entry by entry.

mod rig;
use rig::Rig;

/// How many patients; all of them take a minute in an unoptimized build.
const PATIENTS: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn synthea_patients_are_taken_as_transactions() {
    let Some(folder) = std::env::var_os("CRESSET_SYNTHEA") else {
        eprintln!("SKIPPED: CRESSET_SYNTHEA names no folder of Bundles");
        return;
    };
    let rig = Rig::new().await;
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut files: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    files.sort();
    for file in files.iter().take(PATIENTS) {
        let text = std::fs::read_to_string(file).expect("the file can be read");
        let answer = rig.post("/fhir", &text).await;
        let (status, sent) = (answer.status, text.matches("\"fullUrl\"").count());
        assert_eq!(status, 200, "{}", file.display());
        assert_eq!(answer.text().matches("\"201 Created\"").count(), sent, "{}", file.display());
    }
}
