//! SearchParameter resources of the user's own, from being posted to being removed.

mod rig;

use cresset_http::Settings;
use cresset_interaction::search_parameters::{Pace, SearchParameters};
use cresset_interaction::{Service, extract};
use cresset_search::Registry;
use cresset_store::{CollectionName, Principal, Scope, TypeNumber};
use rig::Rig;
use serde_json::Value;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

const NICKNAME: &str = r#"{"resourceType": "SearchParameter", "id": "nickname", "status": "active",
    "url": "http://example.org/nickname", "name": "nickname", "description": "What friends say",
    "code": "nickname", "base": ["Patient"], "type": "string",
    "expression": "Patient.name.where(use='nickname').given"}"#;

fn patient(id: &str, nickname: &str) -> String {
    format!(
        r#"{{"resourceType": "Patient", "id": "{id}", "name": [
            {{"use": "official", "given": ["Bill"]}}, {{"use": "nickname", "given": ["{nickname}"]}}]}}"#
    )
}

/// A rig with the service that it stands on.
struct Server {
    rig: Rig,
    service: Arc<Service>,
    scope: Scope,
}

impl Deref for Server {
    type Target = Rig;

    fn deref(&self) -> &Rig {
        &self.rig
    }
}

impl Server {
    async fn new() -> Self {
        let (rig, service, catalogue) = Rig::with_parts(Settings::default()).await;
        let name = CollectionName::new("default", "default", "fhir").unwrap();
        let principal = Arc::new(Principal::unrestricted("test"));
        let scope = catalogue.scope(&name, &principal).unwrap();
        Self { rig, service, scope }
    }
}

async fn adopted(server: &Server) -> Arc<SearchParameters> {
    server.service.adopt_search_parameters(server.scope.clone()).await.unwrap()
}

fn work(parameters: &Arc<SearchParameters>) -> tokio::task::JoinHandle<()> {
    let parameters = Arc::clone(parameters);
    let pace = Pace { batch: 2, rest: 0.0, pause: Duration::ZERO };
    tokio::spawn(async move { parameters.run(pace).await })
}

/// The newest job, once it has ended.
async fn ended(rig: &Server) -> Value {
    for _ in 0..2_000 {
        let job = rig.get("/admin/jobs").await.json()["jobs"][0].clone();
        if !matches!(job["status"].as_str(), Some("Queued" | "Running")) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the job doesn't end: {}", rig.get("/admin/jobs").await.text());
}

fn warning(json: &Value) -> String {
    let entries = json["entry"].as_array().cloned().unwrap_or_default();
    let outcome = entries.iter().find(|e| e["search"]["mode"] == "outcome");
    let text = outcome.and_then(|e| e["resource"]["issue"][0]["diagnostics"].as_str());
    text.unwrap_or_default().to_owned()
}

fn is_listed(capabilities: &Value) -> bool {
    let resources = capabilities["rest"][0]["resource"].as_array().unwrap();
    let patient = resources.iter().find(|r| r["type"] == "Patient").unwrap();
    patient["searchParam"].as_array().unwrap().iter().any(|p| p["name"] == "nickname")
}

/// The Patients whose rows are not those of HL7's parameters alone.
async fn with_other_rows(rig: &Server) -> usize {
    let (store, scope) = (rig.service.store(), &rig.scope);
    let r4 = Registry::r4(vec!["http://localhost/fhir".to_owned()]);
    let number = r4.definitions().resource_type("Patient").unwrap().number();
    let page = store.list(scope, TypeNumber(number), None, 1_000).await.unwrap();
    let entries = page.resources.iter().map(|stored| extract(&r4, stored).unwrap()).collect();
    let differing = store.compare_index(scope, entries).await.unwrap();
    assert!(store.check(scope, false).await.unwrap().is_empty());
    differing.len()
}

#[tokio::test]
async fn a_search_parameter_lives_from_its_post_to_its_deletion() {
    let rig = Server::new().await;
    for n in 0..9 {
        rig.put(&format!("/fhir/Patient/p{n}"), &patient(&format!("p{n}"), "Buffalo"))
            .await
            .is(201);
    }
    let parameters = adopted(&rig).await;
    assert_eq!(rig.get("/admin/jobs").await.json()["jobs"], Value::Array(Vec::new()));

    rig.put("/fhir/SearchParameter/nickname", NICKNAME).await.is(201);
    let search = "/fhir/Patient?nickname=buffalo";
    let answer = rig.get(search).await;
    assert!(warning(&answer.json()).contains("not searchable yet"), "{}", answer.text());
    let strict = rig.request("GET", search, &["Prefer: handling=strict"], "").await;
    assert_eq!(strict.status.as_u16(), 400, "{}", strict.text());
    assert!(strict.text().contains("not searchable yet"), "{}", strict.text());
    let conditional = rig.delete(search).await;
    assert!(conditional.text().contains("not searchable yet"), "{}", conditional.text());
    assert!(!is_listed(&rig.get("/fhir/metadata").await.json()));
    let queued = rig.get("/admin/jobs").await.json()["jobs"][0].clone();
    assert_eq!(
        (&queued["status"], &queued["kind"]),
        (&"Queued".into(), &"search-parameters".into())
    );

    // What is written from here on is indexed at once.
    rig.put("/fhir/Patient/new", &patient("new", "Buffalo")).await.is(201);
    let working = work(&parameters);
    let job = ended(&rig).await;
    assert_eq!((&job["status"], &job["id"]), (&"Completed".into(), &queued["id"]), "{job}");
    assert_eq!(job["progress"], serde_json::json!({"done": 10, "total": 10, "skipped": 0}));
    assert_eq!((&job["attempts"], &job["error"]), (&1.into(), &Value::Null));
    let path = format!("/admin/jobs/{}", job["id"].as_str().unwrap());
    assert_eq!(rig.get(&path).await.json(), job);
    rig.get("/admin/jobs/none").await.fails(404, "not-found");

    assert_eq!(rig.get(&format!("{search}&_count=50")).await.ids().len(), 10);
    assert!(is_listed(&rig.get("/fhir/metadata").await.json()));
    rig.put("/fhir/Patient/p0", &patient("p0", "Bison")).await.is(200);
    rig.put("/fhir/Patient/later", &patient("later", "Buffalo")).await.is(201);
    assert_eq!(rig.get(&format!("{search}&_count=50")).await.ids().len(), 10);
    assert_eq!(rig.get("/fhir/Patient?nickname=bison").await.ids(), ["p0"]);
    assert!(with_other_rows(&rig).await > 0);

    rig.delete("/fhir/SearchParameter/nickname").await.is(204);
    let answer = rig.get(search).await;
    assert!(warning(&answer.json()).contains("no such parameter"), "{}", answer.text());
    let removal = ended(&rig).await;
    assert_eq!(removal["status"], "Completed");
    assert_ne!(removal["id"], job["id"]);
    assert_eq!(with_other_rows(&rig).await, 0);
    working.abort();
}

#[tokio::test]
async fn one_that_cannot_be_put_in_force_is_refused_however_it_is_written() {
    let rig = Server::new().await;
    adopted(&rig).await;
    let wrong = NICKNAME.replace("Patient.name.where", "Patient.nmae.where");
    let refused = rig.post("/fhir/SearchParameter", &wrong).await;
    refused.fails(422, "value");
    assert_eq!(refused.json()["issue"][0]["expression"][0], "SearchParameter.expression");
    rig.put("/fhir/SearchParameter/nickname", &wrong).await.fails(422, "value");
    let taken = NICKNAME.replace("\"code\": \"nickname\"", "\"code\": \"birthdate\"");
    rig.put("/fhir/SearchParameter/nickname", &taken).await.fails(422, "duplicate");
    let entry = format!(
        r#"{{"resourceType": "Bundle", "type": "transaction", "entry": [
            {{"resource": {wrong}, "request": {{"method": "POST", "url": "SearchParameter"}}}}]}}"#
    );
    let answer = rig.post("/fhir", &entry).await;
    answer.fails(422, "value");
    let place = "Bundle.entry[0].resource.expression";
    assert_eq!(answer.json()["issue"][0]["expression"][0], place);
    let checked = rig.post("/fhir/SearchParameter/$validate", &wrong).await;
    assert!(checked.text().contains("SearchParameter.expression"), "{}", checked.text());
    let without_id = NICKNAME.replace("\"id\": \"nickname\", ", "");
    let checked = rig.post("/fhir/SearchParameter/$validate", &without_id).await;
    assert!(checked.text().contains("All OK"), "{}", checked.text());

    rig.put("/fhir/SearchParameter/nickname", NICKNAME).await.is(201);
    let patch = r#"[{"op": "replace", "path": "/base/0", "value": "Practitioner"}]"#;
    let json_patch = ["Content-Type: application/json-patch+json"];
    let patched = rig.request("PATCH", "/fhir/SearchParameter/nickname", &json_patch, patch).await;
    patched.fails(422, "value");
    let second = NICKNAME.replace("\"id\": \"nickname\"", "\"id\": \"second\"");
    rig.put("/fhir/SearchParameter/second", &second).await.fails(422, "duplicate");
    // A draft may be unfinished.
    let draft = wrong.replace("\"active\"", "\"draft\"");
    rig.post("/fhir/SearchParameter", &draft).await.is(201);
    assert_eq!(rig.get("/admin/jobs").await.json()["jobs"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn one_in_a_transaction_takes_effect_with_it() {
    let rig = Server::new().await;
    let working = work(&adopted(&rig).await);
    let (patient, parameter) = (patient("p", "Buffalo"), NICKNAME);
    let bundle = format!(
        r#"{{"resourceType": "Bundle", "type": "transaction", "entry": [
            {{"resource": {patient}, "request": {{"method": "PUT", "url": "Patient/p"}}}},
            {{"resource": {parameter}, "request": {{"method": "PUT", "url": "SearchParameter/nickname"}}}}]}}"#
    );
    rig.post("/fhir", &bundle).await.is(200);
    assert_eq!(ended(&rig).await["status"], "Completed");
    assert_eq!(rig.get("/fhir/Patient?nickname=buffalo").await.ids(), ["p"]);
    // Retired, it is out of force; its meaning changed, it is out until resources are indexed again.
    let retired = NICKNAME.replace("\"active\"", "\"retired\"");
    rig.put("/fhir/SearchParameter/nickname", &retired).await.is(200);
    assert!(warning(&rig.get("/fhir/Patient?nickname=x").await.json()).contains("no such"));
    assert_eq!(ended(&rig).await["status"], "Completed");
    assert_eq!(with_other_rows(&rig).await, 0);
    working.abort();
    let other = NICKNAME.replace("'nickname'", "'official'");
    rig.put("/fhir/SearchParameter/nickname", &other).await.is(200);
    assert!(
        warning(&rig.get("/fhir/Patient?nickname=x").await.json()).contains("not searchable yet")
    );
    let working = work(&adopted(&rig).await);
    assert_eq!(ended(&rig).await["status"], "Completed");
    assert_eq!(rig.get("/fhir/Patient?nickname=bill").await.ids(), ["p"]);
    assert_eq!(rig.get("/fhir/Patient?nickname=buffalo").await.ids(), [""; 0]);
    working.abort();
}

/// SearchParameters of another collection are that one's business.
#[tokio::test]
async fn another_tenants_search_parameters_change_nothing_here() {
    let rig = Server::new().await;
    adopted(&rig).await;
    let other = "/tenants/other/default/fhir/SearchParameter/nickname";
    rig.put(other, NICKNAME).await.is(201);
    assert_eq!(rig.get("/admin/jobs").await.json()["jobs"], Value::Array(Vec::new()));
    let answer = rig.get("/fhir/Patient?nickname=x").await;
    assert!(warning(&answer.json()).contains("no such parameter"), "{}", answer.text());
}
