//! Searches in compartments, and `If-Match` on conditional deletes.

mod rig;
use rig::Rig;

async fn filled() -> Rig {
    let rig = Rig::new().await;
    for id in ["a", "b"] {
        let patient = format!(r#"{{"resourceType":"Patient","id":"{id}","active":true}}"#);
        rig.put(&format!("/fhir/Patient/{id}"), &patient).await.is(201);
        for n in 0..3 {
            let status = if n == 0 { "final" } else { "amended" };
            let observation = format!(
                r#"{{"resourceType":"Observation","id":"{id}{n}","status":"{status}","code":{{"text":"x"}},"subject":{{"reference":"Patient/{id}"}},"performer":[{{"reference":"Practitioner/dr"}}]}}"#
            );
            rig.put(&format!("/fhir/Observation/{id}{n}"), &observation).await.is(201);
        }
    }
    let practitioner = r#"{"resourceType":"Practitioner","id":"dr"}"#;
    rig.put("/fhir/Practitioner/dr", practitioner).await.is(201);
    rig
}

#[tokio::test]
async fn a_search_in_a_compartment_finds_its_members_only() {
    let rig = filled().await;
    let found = rig.get("/fhir/Patient/a/Observation").await;
    assert_eq!(found.is(200).ids(), ["a0", "a1", "a2"]);
    let found = rig.get("/fhir/Patient/a/Observation?status=amended&_count=1").await;
    let page = found.is(200).json();
    assert_eq!(found.ids(), ["a1"]);
    let links = page["link"].as_array().unwrap();
    let next = links.iter().find(|l| l["relation"] == "next").unwrap()["url"].as_str().unwrap();
    assert!(next.starts_with("http://localhost/fhir/Patient/a/Observation?status=amended"));
    let next = next.replace("http://localhost", "");
    assert_eq!(rig.get(&next).await.is(200).ids(), ["a2"]);
    // The page of one compartment isn't one of another's.
    rig.get(&next.replace("Patient/a/", "Patient/b/")).await.fails(400, "value");
    let found = rig.get("/fhir/Practitioner/dr/Observation?_summary=count").await;
    assert_eq!(found.is(200).json()["total"], 6);
    assert!(rig.get("/fhir/Patient/nobody/Observation").await.is(200).ids().is_empty());
}

#[tokio::test]
async fn all_types_of_a_compartment_can_be_searched_at_once() {
    let rig = filled().await;
    let all = rig.get("/fhir/Patient/a/*?_total=accurate").await;
    assert_eq!(all.is(200).ids(), ["a", "a0", "a1", "a2"]);
    assert_eq!(all.json()["total"], 4);
    let typed = rig.get("/fhir/Patient/a/*?_type=Observation").await;
    assert_eq!(typed.is(200).ids(), ["a0", "a1", "a2"]);
    let outside = rig.get("/fhir/Patient/a/*?_type=Practitioner&_total=accurate").await;
    assert!(outside.is(200).ids().is_empty());
    assert_eq!(outside.json()["total"], 0);
}

#[tokio::test]
async fn a_compartment_can_be_searched_by_a_form() {
    let rig = filled().await;
    let form = ["content-type: application/x-www-form-urlencoded"];
    let url = "/fhir/Patient/a/Observation/_search?_count=1";
    let found = rig.request("POST", url, &form, "status=amended").await;
    assert_eq!(found.is(200).ids(), ["a1"]);
    let found = rig.request("POST", "/fhir/Patient/a/_search", &form, "_type=Patient").await;
    assert_eq!(found.is(200).ids(), ["a"]);
}

#[tokio::test]
async fn what_is_no_compartment_is_said_to_be_none() {
    let rig = filled().await;
    let never = rig.get("/fhir/Patient/a/Organization").await;
    never.fails(404, "not-found");
    assert!(never.text().contains("never"));
    rig.get("/fhir/Organization/a/Patient").await.fails(404, "not-found");
    rig.post("/fhir/Patient/a/Observation", "{}").await.fails(405, "not-supported");
}

#[tokio::test]
async fn a_conditional_delete_looks_at_if_match() {
    let rig = filled().await;
    let url = "/fhir/Observation?_id=a0";
    let wrong = rig.request("DELETE", url, &["if-match: W/\"7\""], "").await;
    wrong.fails(412, "conflict");
    rig.get("/fhir/Observation/a0").await.is(200);
    rig.request("DELETE", url, &["if-match: nonsense"], "").await.fails(400, "value");
    rig.request("DELETE", url, &["if-match: W/\"1\""], "").await.is(204);
    rig.get("/fhir/Observation/a0").await.is(410);
    rig.request("DELETE", url, &["if-match: W/\"1\""], "").await.fails(412, "conflict");
    rig.request("DELETE", url, &[], "").await.is(204);
}

#[tokio::test]
async fn a_transaction_looks_at_if_match_of_conditional_deletes() {
    let rig = filled().await;
    let bundle = |id: &str, tag: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"request":{{"method":"DELETE","url":"Observation?_id={id}","ifMatch":"{tag}"}}}}]}}"#
        )
    };
    rig.post("/fhir", &bundle("a0", "W/\\\"7\\\"")).await.fails(412, "conflict");
    rig.post("/fhir", &bundle("nobody", "W/\\\"1\\\"")).await.fails(412, "conflict");
    rig.get("/fhir/Observation/a0").await.is(200);
    rig.post("/fhir", &bundle("a0", "W/\\\"1\\\"")).await.is(200);
    rig.get("/fhir/Observation/a0").await.is(410);
}

#[tokio::test]
async fn a_batch_can_ask_for_everything_and_for_compartments() {
    let rig = filled().await;
    let get = |url: &str| format!(r#"{{"request":{{"method":"GET","url":"{url}"}}}}"#);
    let entries = [get("Patient/a/$everything"), get("Patient/b/Observation?_count=1")].join(",");
    let bundle = format!(r#"{{"resourceType":"Bundle","type":"batch","entry":[{entries}]}}"#);
    let json = rig.post("/fhir", &bundle).await.is(200).json();
    let found = |at: usize| json["entry"][at]["resource"]["entry"].as_array().unwrap().len();
    assert_eq!((found(0), found(1)), (5, 1));
}

#[tokio::test]
async fn the_capability_statement_tells_what_is_routed() {
    let rig = Rig::new().await;
    let answer = rig.get("/fhir/metadata").await;
    assert!(answer.bytes.len() < 2 << 20, "{} bytes", answer.bytes.len());
    let json = answer.is(200).json();
    let rest = &json["rest"][0];
    let compartments: Vec<_> = rest["compartment"].as_array().unwrap().iter().collect();
    assert_eq!(compartments.len(), 5);
    assert!(compartments.iter().any(|c| *c == "http://hl7.org/fhir/CompartmentDefinition/patient"));
    let of = |name: &str| {
        let mut resources = rest["resource"].as_array().unwrap().iter();
        resources.find(|r| r["type"] == name).unwrap().clone()
    };
    let has = |list: &serde_json::Value, name: &str| {
        list.as_array().is_some_and(|all| all.iter().any(|v| v == name))
    };
    let (patient, observation) = (of("Patient"), of("Observation"));
    assert!(has(&observation["searchInclude"], "Observation:subject"));
    assert!(has(&observation["searchInclude"], "*"));
    assert!(has(&patient["searchRevInclude"], "Observation:patient"));
    assert!(has(&patient["searchRevInclude"], "Provenance:target"));
    assert!(!has(&of("Group")["searchRevInclude"], "Observation:patient"));
    assert_eq!(patient["operation"][1]["name"], "everything");
    assert!(observation["operation"][1].is_null());
}
