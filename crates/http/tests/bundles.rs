//! Batches and transactions.

mod rig;
use rig::{PATIENT, Rig};
use serde_json::{Value, json};

fn bundle(kind: &str, entries: Value) -> String {
    json!({"resourceType": "Bundle", "type": kind, "entry": entries}).to_string()
}

fn entry(method: &str, url: &str, full_url: &str, resource: Value) -> Value {
    let mut entry = json!({"request": {"method": method, "url": url}});
    if !full_url.is_empty() {
        entry["fullUrl"] = full_url.into();
    }
    if !resource.is_null() {
        entry["resource"] = resource;
    }
    entry
}

fn patient() -> Value {
    serde_json::from_str(PATIENT).unwrap()
}

fn observation(subject: &str) -> Value {
    json!({"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": subject}})
}

#[tokio::test]
async fn references_inside_a_transaction_are_resolved() {
    let rig = Rig::new().await;
    let entries = json!([
        entry("POST", "Observation", "urn:uuid:2", observation("urn:uuid:1")),
        entry("POST", "Patient", "urn:uuid:1", patient()),
    ]);
    let answer = rig.post("/fhir", &bundle("transaction", entries)).await;
    let answer = answer.is(200).json();
    assert_eq!(answer["type"], "transaction-response");
    assert_eq!(answer["entry"][0]["response"]["status"], "201 Created");
    assert_eq!(answer["entry"][0]["response"]["etag"], "W/\"1\"");
    let location = answer["entry"][0]["response"]["location"].as_str().unwrap();
    let subject = answer["entry"][1]["response"]["location"].as_str().unwrap();
    let read = rig.get(&format!("/fhir/{}", location.split("/_history").next().unwrap())).await;
    assert_eq!(read.json()["subject"]["reference"], subject.split("/_history").next().unwrap());
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing_and_names_the_entry_at_fault() {
    let rig = Rig::new().await;
    let mut bad = patient();
    bad["gender"] = "nonsense".into();
    let entries = json!([
        entry("PUT", "Patient/a", "", patient()),
        entry("POST", "Patient", "urn:uuid:1", bad),
    ]);
    let refused = rig.post("/fhir", &bundle("transaction", entries)).await;
    refused.fails(422, "code-invalid");
    assert_eq!(refused.json()["issue"][0]["expression"][0], "Bundle.entry[1].resource.gender");
    rig.get("/fhir/Patient/a").await.fails(404, "not-found");

    let mut stale = entry("PUT", "Patient/a", "", patient());
    stale["request"]["ifMatch"] = "W/\"5\"".into();
    let entries = json!([entry("POST", "Patient", "", patient()), stale]);
    let refused = rig.post("/fhir", &bundle("transaction", entries)).await;
    refused.fails(412, "conflict");
    assert_eq!(refused.json()["issue"][0]["expression"][0], "Bundle.entry[1]");
    assert!(rig.get("/fhir/Patient").await.ids().is_empty());

    let entries = json!([
        entry("PUT", "Patient/a", "", patient()),
        entry("DELETE", "Patient/a", "", Value::Null)
    ]);
    rig.post("/fhir", &bundle("transaction", entries)).await.fails(400, "duplicate");
    let entries = json!([entry("PUT", "Nonsense/a", "", patient())]);
    rig.post("/fhir", &bundle("transaction", entries)).await.fails(404, "not-supported");
}

#[tokio::test]
async fn deletions_come_first_and_reads_last() {
    let rig = Rig::new().await;
    let mut identified = patient();
    identified["identifier"] = json!([{"system": "http://x", "value": "1"}]);
    identified["id"] = "old".into();
    rig.put("/fhir/Patient/old", &identified.to_string()).await.is(201);
    let mut create = entry("POST", "Patient", "urn:uuid:1", identified.clone());
    create["request"]["ifNoneExist"] = "identifier=http://x|1".into();
    let entries = json!([
        entry("GET", "Patient/a", "", Value::Null),
        entry("GET", "Patient/none", "", Value::Null),
        entry("PUT", "Patient/a", "", patient()),
        create,
        entry("DELETE", "Patient/old", "", Value::Null),
    ]);
    let answer = rig.post("/fhir", &bundle("transaction", entries)).await;
    let answer = answer.is(200).json();
    assert_eq!(answer["entry"][0]["resource"]["id"], "a", "{answer}");
    assert_eq!(answer["entry"][1]["response"]["status"], "404 Not Found");
    assert_eq!(answer["entry"][2]["response"]["status"], "201 Created");
    assert_eq!(answer["entry"][3]["response"]["status"], "201 Created");
    assert_eq!(answer["entry"][4]["response"]["status"], "204 No Content");
}

#[tokio::test]
async fn conditions_of_entries_hold() {
    let rig = Rig::new().await;
    let mut identified = patient();
    identified["identifier"] = json!([{"system": "http://x", "value": "1"}]);
    identified.as_object_mut().unwrap().remove("id");
    let mut create = entry("POST", "Patient", "urn:uuid:1", identified.clone());
    create["request"]["ifNoneExist"] = "identifier=http://x|1".into();
    let mut twin = create.clone();
    twin["fullUrl"] = "urn:uuid:2".into();
    let entries =
        json!([create, twin, entry("POST", "Observation", "", observation("urn:uuid:2"))]);
    let text = bundle("transaction", entries);
    let first = rig.post("/fhir", &text).await.is(200).json();
    assert_eq!(first["entry"][0]["response"]["status"], "201 Created");
    assert_eq!(first["entry"][1]["response"]["status"], "200 OK");
    assert_eq!(
        first["entry"][0]["response"]["location"],
        first["entry"][1]["response"]["location"]
    );
    let second = rig.post("/fhir", &text).await.is(200).json();
    assert_eq!(second["entry"][0]["response"]["status"], "200 OK");

    let entries = json!([
        entry("PUT", "Patient?identifier=http://x|1", "urn:uuid:1", identified),
        entry("POST", "Observation", "", observation("Patient?identifier=http://x|1")),
        entry("DELETE", "Patient?identifier=http://x|none", "", Value::Null),
    ]);
    let third = rig.post("/fhir", &bundle("transaction", entries)).await.is(200).json();
    assert_eq!(third["entry"][0]["response"]["etag"], "W/\"2\"");
    assert_eq!(third["entry"][2]["response"]["status"], "204 No Content");
    let entries =
        json!([entry("POST", "Observation", "", observation("Patient?identifier=http://x|none"))]);
    let refused = rig.post("/fhir", &bundle("transaction", entries)).await;
    refused.fails(412, "not-found");
    assert_eq!(refused.json()["issue"][0]["expression"][0], "Bundle.entry[0]");
}

#[tokio::test]
async fn entries_of_a_batch_stand_alone() {
    let rig = Rig::new().await;
    let entries = json!([
        entry("PUT", "Patient/a", "", patient()),
        entry("PUT", "Patient/b", "", patient()),
        entry("GET", "Patient/a", "", Value::Null),
        entry("GET", "Patient?_count=1", "", Value::Null),
        entry("POST", "", "", json!({"resourceType": "Bundle", "type": "batch"})),
        json!({}),
    ]);
    let answer = rig.post("/fhir", &bundle("batch", entries)).await.is(200).json();
    assert_eq!(answer["type"], "batch-response");
    let statuses: Vec<_> = answer["entry"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["response"]["status"].as_str().unwrap())
        .collect();
    assert_eq!(
        statuses,
        [
            "201 Created",
            "400 Bad Request",
            "200 OK",
            "200 OK",
            "400 Bad Request",
            "400 Bad Request"
        ]
    );
    assert_eq!(answer["entry"][1]["response"]["outcome"]["resourceType"], "OperationOutcome");
    assert_eq!(answer["entry"][3]["resource"]["type"], "searchset");
    let empty = rig.post("/fhir", r#"{"resourceType":"Bundle","type":"batch"}"#).await;
    assert_eq!(empty.is(200).json()["type"], "batch-response");
    rig.post("/fhir", &bundle("history", json!([]))).await.fails(400, "value");
    rig.post("/fhir", PATIENT).await.fails(400, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn large_transactions_take_time_in_proportion() {
    let rig = Rig::new().await;
    let mut entries = vec![entry("POST", "Patient", "urn:uuid:p", patient())];
    entries.extend((0..20_000).map(|n| {
        entry("POST", "Observation", &format!("urn:uuid:{n}"), observation("urn:uuid:p"))
    }));
    let text = bundle("transaction", entries.into());
    let start = std::time::Instant::now();
    let answer = rig.post("/fhir", &text).await;
    assert_eq!(answer.is(200).json()["entry"].as_array().unwrap().len(), 20_001);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
