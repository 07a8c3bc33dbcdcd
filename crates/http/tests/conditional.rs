//! Conditional create, update, patch and delete.

mod rig;
use rig::Rig;

fn patient(number: usize) -> String {
    format!(
        r#"{{"resourceType":"Patient","identifier":[{{"system":"http://x","value":"{number}"}}]}}"#
    )
}

#[tokio::test]
async fn a_conditional_create_creates_once() {
    let rig = Rig::new().await;
    let condition = ["if-none-exist: identifier=http://x|1"];
    let first = rig.request("POST", "/fhir/Patient", &condition, &patient(1)).await;
    first.is(201);
    let second = rig.request("POST", "/fhir/Patient", &condition, &patient(1)).await;
    second.is(200);
    assert_eq!(second.json()["id"], first.json()["id"]);
    rig.post("/fhir/Patient", &patient(1)).await.is(201);
    let third = rig.request("POST", "/fhir/Patient", &condition, &patient(1)).await;
    third.fails(412, "multiple-matches");
    let empty = rig.request("POST", "/fhir/Patient", &["if-none-exist: "], &patient(1)).await;
    empty.fails(412, "required");
    let unknown =
        rig.request("POST", "/fhir/Patient", &["if-none-exist: nonsense=1"], &patient(1)).await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_conditional_creates_at_once_make_one() {
    let rig = Rig::new().await;
    let mut tasks = Vec::new();
    for _ in 0..32 {
        let rig = rig.clone();
        tasks.push(tokio::spawn(async move {
            let condition = ["if-none-exist: identifier=http://x|7"];
            rig.request("POST", "/fhir/Patient", &condition, &patient(7)).await.status.as_u16()
        }));
    }
    let mut statuses = Vec::new();
    for task in tasks {
        statuses.push(task.await.unwrap());
    }
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 31, "{statuses:?}");
}

#[tokio::test]
async fn a_conditional_update_finds_its_resource() {
    let rig = Rig::new().await;
    let url = "/fhir/Patient?identifier=http://x|1";
    let created = rig.put(url, &patient(1)).await;
    created.is(201);
    let updated = rig.put(url, &patient(1)).await;
    updated.is(200);
    assert_eq!(updated.json()["id"], created.json()["id"]);
    assert_eq!(updated.header("etag"), "W/\"2\"");
    let other_id = patient(1).replace("\"identifier\"", "\"id\":\"zz\",\"identifier\"");
    rig.put(url, &other_id).await.fails(400, "invalid");
    let own_id = patient(2).replace("\"identifier\"", "\"id\":\"mine\",\"identifier\"");
    let created = rig.put("/fhir/Patient?identifier=http://x|2", &own_id).await;
    assert_eq!(created.is(201).json()["id"], "mine");
    rig.put("/fhir/Patient?identifier=http://x|3", &own_id).await.fails(409, "duplicate");
    rig.post("/fhir/Patient", &patient(1)).await.is(201);
    rig.put(url, &patient(1)).await.fails(412, "multiple-matches");
    rig.put("/fhir/Patient", &patient(1)).await.fails(412, "required");
}

#[tokio::test]
async fn a_conditional_delete_deletes_one() {
    let rig = Rig::new().await;
    rig.delete("/fhir/Patient?identifier=http://x|1").await.is(204);
    let created = rig.post("/fhir/Patient", &patient(1)).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    rig.delete("/fhir/Patient?identifier=http://x|1").await.is(204);
    rig.get(&format!("/fhir/Patient/{id}")).await.fails(410, "deleted");
    rig.post("/fhir/Patient", &patient(1)).await.is(201);
    rig.post("/fhir/Patient", &patient(1)).await.is(201);
    rig.delete("/fhir/Patient?identifier=http://x|1").await.fails(412, "multiple-matches");
    rig.delete("/fhir/Patient").await.fails(412, "required");
}

#[tokio::test]
async fn a_conditional_patch_finds_its_resource() {
    let rig = Rig::new().await;
    let url = "/fhir/Patient?identifier=http://x|1";
    let headers = ["content-type: application/json-patch+json"];
    let patch = r#"[{"op":"add","path":"/active","value":true}]"#;
    rig.request("PATCH", url, &headers, patch).await.fails(404, "not-found");
    rig.post("/fhir/Patient", &patient(1)).await.is(201);
    let patched = rig.request("PATCH", url, &headers, patch).await;
    assert_eq!(patched.is(200).json()["active"], true);
}

#[tokio::test]
async fn criteria_in_the_url_of_a_create_are_refused() {
    let rig = Rig::new().await;
    for url in ["/fhir/Patient?identifier=urn:x|1", "/fhir/Patient?family:exact=x&_format=json"] {
        let answer = rig.post(url, &patient(1)).await;
        answer.fails(400, "invalid");
        assert!(answer.text().contains("If-None-Exist"));
    }
    rig.post("/fhir/Patient?_format=json&_pretty=true&tracking=7", &patient(1)).await.is(201);
    assert_eq!(rig.get("/fhir/Patient?_summary=count").await.json()["total"], 1);
}
