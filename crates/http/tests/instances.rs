//! Single resources: create, read, update, delete, versions, conditions on them.

mod rig;
use rig::{PATIENT, Rig};
use std::collections::BTreeSet;

#[tokio::test]
async fn what_is_sent_comes_back() {
    let rig = Rig::new().await;
    let body = r#"{"resourceType":"Observation","status":"final","code":{"text":"x"},"_status":{"extension":[{"url":"http://x","valueString":"y"}]},"valueQuantity":{"value":1.50,"unit":"g"}}"#;
    let created = rig.post("/fhir/Observation", body).await;
    created.is(201);
    assert_eq!(created.header("etag"), "W/\"1\"");
    let location = created.header("location").to_owned();
    assert!(location.starts_with("http://localhost/fhir/Observation/"), "{location}");
    assert!(location.ends_with("/_history/1"), "{location}");
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let read = rig.get(&format!("/fhir/Observation/{id}")).await;
    read.is(200);
    assert_eq!(read.bytes, created.bytes);
    assert_eq!(read.header("content-type"), "application/fhir+json; charset=utf-8");
    assert!(!read.header("last-modified").is_empty());
    let text = read.text();
    let rest = body.strip_prefix(r#"{"resourceType":"Observation","#).unwrap();
    assert!(text.ends_with(rest), "{text}");
    let updated = read.json()["meta"]["lastUpdated"].as_str().unwrap().to_owned();
    let head = format!(
        r#"{{"resourceType":"Observation","id":"{id}","meta":{{"versionId":"1","lastUpdated":"{updated}"}},"#
    );
    assert!(text.starts_with(&head), "{text}");
}

#[tokio::test]
async fn versions_are_kept_and_deletions_known() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let second = rig.put("/fhir/Patient/a", &PATIENT.replace("Ohm", "Watt")).await;
    second.is(200);
    assert_eq!(second.header("etag"), "W/\"2\"");
    assert_eq!(rig.get("/fhir/Patient/a").await.json()["name"][0]["family"], "Watt");
    assert_eq!(rig.get("/fhir/Patient/a/_history/1").await.json()["name"][0]["family"], "Ohm");
    rig.get("/fhir/Patient/a/_history/9").await.fails(404, "not-found");
    rig.get("/fhir/Patient/a/_history/x").await.fails(404, "not-found");
    let deleted = rig.delete("/fhir/Patient/a").await;
    deleted.is(204);
    assert_eq!(deleted.header("etag"), "W/\"3\"");
    let gone = rig.get("/fhir/Patient/a").await;
    gone.fails(410, "deleted");
    assert_eq!(gone.header("etag"), "W/\"3\"");
    rig.get("/fhir/Patient/a/_history/3").await.fails(410, "deleted");
    rig.delete("/fhir/Patient/a").await.is(204);
    rig.delete("/fhir/Patient/never").await.is(204);
    rig.get("/fhir/Patient/never").await.fails(404, "not-found");
    let again = rig.put("/fhir/Patient/a", PATIENT).await;
    again.is(201);
    assert_eq!(again.header("etag"), "W/\"4\"");
}

#[tokio::test]
async fn ids_in_body_and_url_must_agree() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/b", PATIENT).await.fails(400, "invalid");
    rig.put("/fhir/Patient/b", r#"{"resourceType":"Patient"}"#).await.fails(400, "invalid");
    rig.put("/fhir/Observation/a", PATIENT).await.fails(400, "invalid");
    rig.put("/fhir/Patient/..%2fx", PATIENT).await.fails(400, "value");
    let created = rig.post("/fhir/Patient", PATIENT).await;
    assert_ne!(created.is(201).json()["id"], "a");
}

#[tokio::test]
async fn reads_can_be_conditional() {
    let rig = Rig::new().await;
    let created = rig.put("/fhir/Patient/a", PATIENT).await;
    let not_modified = rig.request("GET", "/fhir/Patient/a", &["if-none-match: W/\"1\""], "").await;
    not_modified.is(304);
    assert!(not_modified.bytes.is_empty());
    assert_eq!(not_modified.header("etag"), "W/\"1\"");
    rig.request("GET", "/fhir/Patient/a", &["if-none-match: W/\"2\""], "").await.is(200);
    let since = format!("if-modified-since: {}", created.header("last-modified"));
    rig.request("GET", "/fhir/Patient/a", &[&since], "").await.is(304);
    let before = "if-modified-since: Mon, 01 Jan 2001 00:00:00 GMT";
    rig.request("GET", "/fhir/Patient/a", &[before], "").await.is(200);
    let head = rig.request("HEAD", "/fhir/Patient/a", &[], "").await;
    head.is(200);
    assert_eq!(head.header("etag"), "W/\"1\"");
}

#[tokio::test]
async fn updates_can_be_conditional_on_a_version() {
    let rig = Rig::new().await;
    let stale = ["if-match: W/\"7\""];
    rig.request("PUT", "/fhir/Patient/a", &stale, PATIENT).await.fails(412, "conflict");
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    rig.request("PUT", "/fhir/Patient/a", &stale, PATIENT).await.fails(412, "conflict");
    rig.request("DELETE", "/fhir/Patient/a", &stale, "").await.fails(412, "conflict");
    rig.request("PUT", "/fhir/Patient/a", &["if-match: W/\"1\""], PATIENT).await.is(200);
    rig.request("PUT", "/fhir/Patient/a", &["if-none-match: *"], PATIENT)
        .await
        .fails(412, "conflict");
    rig.request("PUT", "/fhir/Patient/a", &["if-match: nonsense"], PATIENT)
        .await
        .fails(400, "value");
    rig.request("DELETE", "/fhir/Patient/a", &["if-match: W/\"2\""], "").await.is(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_of_a_version_one_wins() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let race = |rig: Rig| async move {
        let mut won = Vec::new();
        while won.len() < 200 {
            let version = rig.get("/fhir/Patient/a").await.header("etag").to_owned();
            let condition = format!("if-match: {version}");
            let answer = rig.request("PUT", "/fhir/Patient/a", &[&condition], PATIENT).await;
            match answer.status.as_u16() {
                200 => won.push(answer.header("etag").to_owned()),
                412 => {}
                other => panic!("{other}"),
            }
        }
        won
    };
    let (one, two) = tokio::join!(tokio::spawn(race(rig.clone())), tokio::spawn(race(rig.clone())));
    let all: Vec<String> = one.unwrap().into_iter().chain(two.unwrap()).collect();
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!(distinct.len(), 400);
    assert_eq!(rig.get("/fhir/Patient/a").await.header("etag"), "W/\"401\"");
}

#[tokio::test]
async fn preferences_decide_what_a_write_answers() {
    let rig = Rig::new().await;
    let minimal = rig.request("PUT", "/fhir/Patient/a", &["prefer: return=minimal"], PATIENT).await;
    assert!(minimal.is(201).bytes.is_empty());
    let outcome =
        rig.request("PUT", "/fhir/Patient/a", &["prefer: return=OperationOutcome"], PATIENT).await;
    assert_eq!(outcome.is(200).json()["resourceType"], "OperationOutcome");
    let whole =
        rig.request("PUT", "/fhir/Patient/a", &["prefer: return=representation"], PATIENT).await;
    assert_eq!(whole.is(200).json()["meta"]["versionId"], "3");
}

#[tokio::test]
async fn problems_of_a_resource_are_all_told() {
    let rig = Rig::new().await;
    let bad = r#"{"resourceType":"Patient","gender":"x","nonsense":1,"birthDate":"yesterday"}"#;
    let answer = rig.post("/fhir/Patient", bad).await;
    assert_eq!(answer.status, 422);
    let issues = answer.json()["issue"].as_array().unwrap().len();
    assert_eq!(issues, 3, "{}", answer.text());
    assert!(answer.text().contains("Patient.birthDate"));
    assert!(!answer.text().contains("yesterday"), "contents stay out of errors");
    let valid = rig.post("/fhir/Patient/$validate", PATIENT).await;
    assert_eq!(valid.is(200).json()["issue"][0]["severity"], "information");
    let validated = rig.post("/fhir/Patient/$validate", bad).await;
    assert_eq!(validated.is(200).json()["issue"].as_array().unwrap().len(), 3);
    let wrapped = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"resource","resource":{bad}}}]}}"#
    );
    assert_eq!(
        rig.post("/fhir/Patient/$validate", &wrapped).await.json()["issue"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let stored = rig.get("/fhir/Patient/a/$validate").await;
    assert_eq!(stored.is(200).json()["issue"][0]["severity"], "information", "{}", stored.text());
}

#[tokio::test]
async fn patches_change_a_part() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let json_patch = ["content-type: application/json-patch+json"];
    let patch = r#"[{"op":"replace","path":"/name/0/family","value":"Volt"}]"#;
    let patched = rig.request("PATCH", "/fhir/Patient/a", &json_patch, patch).await;
    assert_eq!(patched.is(200).json()["name"][0]["family"], "Volt");
    let fhirpath = r#"{"resourceType":"Parameters","parameter":[{"name":"operation","part":[
        {"name":"type","valueCode":"replace"},{"name":"path","valueString":"Patient.active"},{"name":"value","valueBoolean":false}]}]}"#;
    let patched = rig.request("PATCH", "/fhir/Patient/a", &[], fhirpath).await;
    assert_eq!(patched.is(200).json()["active"], false);
    assert_eq!(patched.header("etag"), "W/\"3\"");
    let stale = ["content-type: application/json-patch+json", "if-match: W/\"1\""];
    rig.request("PATCH", "/fhir/Patient/a", &stale, patch).await.fails(412, "conflict");
    let identity = r#"[{"op":"replace","path":"/id","value":"b"}]"#;
    let refused = rig.request("PATCH", "/fhir/Patient/a", &json_patch, identity).await;
    assert_eq!(refused.status, 422);
    let invalid = r#"[{"op":"add","path":"/gender","value":"nonsense"}]"#;
    assert_eq!(rig.request("PATCH", "/fhir/Patient/a", &json_patch, invalid).await.status, 422);
    rig.request("PATCH", "/fhir/Patient/z", &json_patch, patch).await.fails(404, "not-found");
    rig.request("PATCH", "/fhir/Patient/a", &[], PATIENT).await.fails(400, "invalid");
}
