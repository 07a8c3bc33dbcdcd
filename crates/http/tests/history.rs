//! Histories of a resource, a type, the system.

mod rig;
use rig::{PATIENT, Rig};

#[tokio::test]
async fn a_history_tells_what_happened_newest_first() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    rig.put("/fhir/Patient/a", PATIENT).await.is(200);
    rig.delete("/fhir/Patient/a").await.is(204);
    let history = rig.get("/fhir/Patient/a/_history").await;
    let bundle = history.is(200).json();
    assert_eq!(bundle["type"], "history");
    assert_eq!(bundle["total"], 3);
    let entries = bundle["entry"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["request"]["method"], "DELETE");
    assert!(entries[0]["resource"].is_null());
    assert_eq!(entries[0]["response"]["etag"], "W/\"3\"");
    assert_eq!(entries[1]["request"]["method"], "PUT");
    assert_eq!(entries[1]["resource"]["meta"]["versionId"], "2");
    assert_eq!(entries[2]["response"]["status"], "201 Created");
    assert_eq!(entries[2]["fullUrl"], "http://localhost/fhir/Patient/a");
    rig.get("/fhir/Patient/unknown/_history").await.fails(404, "not-found");
}

#[tokio::test]
async fn pages_follow_their_links() {
    let rig = Rig::new().await;
    for id in 0..7 {
        let body = PATIENT.replace("\"a\"", &format!("\"{id}\""));
        rig.put(&format!("/fhir/Patient/{id}"), &body).await.is(201);
    }
    for start in ["/fhir/_history?_count=3", "/fhir/Patient/_history?_count=3"] {
        let (mut next, mut ids) = (Some(start.to_owned()), Vec::new());
        while let Some(url) = next {
            let page = rig.get(&url).await;
            ids.extend(page.is(200).ids());
            let links = page.json()["link"].as_array().unwrap().clone();
            let link = links.iter().find(|l| l["relation"] == "next");
            next = link.map(|l| l["url"].as_str().unwrap().replace("http://localhost", ""));
        }
        assert_eq!(ids, ["6", "5", "4", "3", "2", "1", "0"]);
    }
}

#[tokio::test]
async fn spans_are_understood() {
    let rig = Rig::new().await;
    rig.put("/fhir/Patient/a", PATIENT).await.is(201);
    let all = rig.get("/fhir/Patient/_history?_since=2020-01-01T00:00:00Z").await;
    assert_eq!(all.is(200).ids(), ["a"]);
    let none = rig.get("/fhir/Patient/_history?_since=2999-01-01T00:00:00Z").await;
    assert!(none.is(200).ids().is_empty());
    let none = rig.get("/fhir/Patient/a/_history?_at=2001").await;
    assert!(none.is(200).ids().is_empty());
    rig.get("/fhir/_history?_since=yesterday").await.fails(400, "value");
    rig.get("/fhir/_history?_page=%00").await.fails(400, "value");
    rig.get("/fhir/_history?nonsense=1").await.is(200);
    let strict =
        rig.request("GET", "/fhir/_history?nonsense=1", &["prefer: handling=strict"], "").await;
    strict.fails(400, "not-supported");
}
