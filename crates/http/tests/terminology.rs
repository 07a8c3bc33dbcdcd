//! `$expand`, `$validate-code` and `$subsumes` over HTTP.

mod rig;

use rig::{Answer, Rig};

const COLOURS: &str = r#"{"resourceType":"CodeSystem","id":"colours","url":"http://test/colours","version":"1","status":"active",
    "content":"complete","concept":[
      {"code":"warm","display":"Warm colours","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
        {"code":"red","display":"Red wine","designation":[{"language":"de","value":"Rotwein"}]},
        {"code":"orange","display":"Orange"}]},
      {"code":"grey","display":"Grey","property":[{"code":"status","valueCode":"retired"}]}]}"#;
const ALL: &str = r#"{"resourceType":"ValueSet","id":"all","url":"http://test/all","version":"1","status":"active",
    "compose":{"include":[{"system":"http://test/colours"}]}}"#;

async fn rig() -> Rig {
    let rig = Rig::new().await;
    rig.put("/fhir/CodeSystem/colours", COLOURS).await.is(201);
    rig.put("/fhir/ValueSet/all", ALL).await.is(201);
    rig
}

fn codes(answer: &Answer) -> Vec<String> {
    let json = answer.is(200).json();
    let contains = json["expansion"]["contains"].as_array().cloned().unwrap_or_default();
    contains.iter().map(|c| c["code"].as_str().unwrap().to_owned()).collect()
}

/// The value of one of the answer's parameters.
fn parameter(answer: &Answer, name: &str) -> serde_json::Value {
    let json = answer.is(200).json();
    let all = json["parameter"].as_array().unwrap();
    let found = all.iter().find(|p| p["name"] == name);
    let value = |p: &serde_json::Value| {
        p.as_object().unwrap().iter().find(|(n, _)| n.starts_with("value")).unwrap().1.clone()
    };
    found.map_or(serde_json::Value::Null, value)
}

#[tokio::test]
async fn a_value_set_is_expanded_by_url_by_id_and_as_sent() {
    let rig = rig().await;
    let all = ["warm", "red", "orange", "grey"];
    assert_eq!(codes(&rig.get("/fhir/ValueSet/$expand?url=http://test/all").await), all);
    assert_eq!(codes(&rig.get("/fhir/ValueSet/all/$expand").await), all);
    assert_eq!(codes(&rig.post("/fhir/ValueSet/$expand", ALL).await), all);
    let sent = format!(
        r#"{{"resourceType":"Parameters","parameter":[{{"name":"valueSet","resource":{ALL}}},{{"name":"activeOnly","valueBoolean":true}}]}}"#
    );
    assert_eq!(codes(&rig.post("/fhir/ValueSet/$expand", &sent).await), all[..3]);
    let by_url = r#"{"resourceType":"Parameters","parameter":[{"name":"url","valueUri":"http://test/all"},{"name":"count","valueInteger":1}]}"#;
    assert_eq!(codes(&rig.post("/fhir/ValueSet/$expand", by_url).await), all[..1]);
}

#[tokio::test]
async fn an_expansion_says_what_it_was_made_of() {
    let rig = rig().await;
    let json = rig.get("/fhir/ValueSet/all/$expand?includeDesignations=true").await.json();
    assert_eq!((&json["url"], &json["status"]), (&"http://test/all".into(), &"active".into()));
    let expansion = &json["expansion"];
    assert!(expansion["timestamp"].is_string() && expansion["identifier"].is_string());
    assert_eq!(expansion["total"], 4);
    let parameters = expansion["parameter"].as_array().unwrap();
    assert!(parameters.iter().any(|p| p["valueUri"] == "http://test/colours|1"), "{expansion}");
    let red = &expansion["contains"][1];
    assert_eq!(red["designation"][0]["value"], "Rotwein");
    assert_eq!(expansion["contains"][0]["abstract"], true);
    assert_eq!(expansion["contains"][3]["inactive"], true);
    // What the server answers is what it would take.
    rig.post("/fhir/ValueSet/$validate", &json.to_string()).await.is(200);
    let stored = rig.post("/fhir/ValueSet", &json.to_string()).await;
    stored.is(201);
}

#[tokio::test]
async fn pages_and_filters_cut_the_expansion() {
    let rig = rig().await;
    let expand = async |rest: &str| {
        let answer = rig.get(&format!("/fhir/ValueSet/$expand?url=http://test/all&{rest}")).await;
        (codes(&answer), answer.json()["expansion"]["total"].clone())
    };
    let found = |codes: &[&str], total: u64| {
        (codes.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>(), serde_json::json!(total))
    };
    assert_eq!(expand("count=2&offset=1").await, found(&["red", "orange"], 4));
    assert_eq!(expand("count=0").await, found(&[], 4));
    assert_eq!(expand("offset=9&count=5").await, found(&[], 4));
    assert_eq!(expand("filter=WI+red").await, found(&["red"], 1));
    assert_eq!(expand("filter=rotw").await, found(&["red"], 1));
    assert_eq!(expand("filter=ed").await, found(&[], 0));
    assert_eq!(expand("excludeNotForUI=true&activeOnly=true").await, found(&["red", "orange"], 2));
    let german =
        rig.get("/fhir/ValueSet/all/$expand?displayLanguage=de-CH&excludeNested=true").await;
    assert_eq!(german.json()["expansion"]["contains"][1]["display"], "Rotwein");
}

#[tokio::test]
async fn what_cannot_be_expanded_is_an_outcome() {
    let rig = rig().await;
    rig.get("/fhir/ValueSet/$expand").await.fails(400, "required");
    rig.get("/fhir/ValueSet/$expand?url=http://test/none").await.fails(404, "not-found");
    rig.get("/fhir/ValueSet/none/$expand").await.fails(404, "not-found");
    rig.get("/fhir/ValueSet/all/$expand?url=http://test/all").await.fails(400, "invalid");
    rig.get("/fhir/ValueSet/all/$expand?count=few").await.fails(400, "invalid");
    rig.get("/fhir/ValueSet/all/$expand?count=-1").await.fails(400, "invalid");
    let unknown = rig.get("/fhir/ValueSet/all/$expand?context=x").await;
    unknown.fails(400, "not-supported");
    assert!(unknown.text().contains("'context'"));
    let cyclic =
        ALL.replace(r#"{"system":"http://test/colours"}"#, r#"{"valueSet":["http://test/all"]}"#);
    rig.put("/fhir/ValueSet/all", &cyclic).await.is(200);
    rig.get("/fhir/ValueSet/all/$expand").await.fails(422, "processing");
    rig.request("DELETE", "/fhir/ValueSet/$expand", &[], "").await.fails(405, "not-supported");
}

#[tokio::test]
async fn value_sets_of_the_specification_are_there() {
    let rig = Rig::new().await;
    let url = "http://hl7.org/fhir/ValueSet/administrative-gender";
    let answer = rig.get(&format!("/fhir/ValueSet/$expand?url={url}")).await;
    assert_eq!(codes(&answer), ["male", "female", "other", "unknown"]);
    let asked = format!("/fhir/ValueSet/$validate-code?url={url}&code=male&inferSystem=true");
    assert_eq!(parameter(&rig.get(&asked).await, "result"), true);
}

#[tokio::test]
async fn a_code_is_judged_against_a_value_set() {
    let rig = rig().await;
    let judge = async |rest: &str| {
        rig.get(&format!("/fhir/ValueSet/$validate-code?url=http://test/all&{rest}")).await
    };
    let right = judge("system=http://test/colours&code=red&display=red+wine").await;
    assert_eq!(parameter(&right, "result"), true);
    assert_eq!(parameter(&right, "display"), "Red wine");
    let wrong = judge("system=http://test/colours&code=red&display=Blue").await;
    assert_eq!(parameter(&wrong, "result"), false);
    assert!(parameter(&wrong, "message").as_str().unwrap().contains("display"));
    assert_eq!(parameter(&judge("system=http://test/other&code=red").await, "result"), false);
    judge("code=red").await.fails(400, "required");
    judge("system=http://test/colours").await.fails(400, "required");
    let concept = |code: &str| {
        format!(
            r#"{{"resourceType":"Parameters","parameter":[{{"name":"codeableConcept","valueCodeableConcept":{{"coding":[{{"system":"http://x","code":"y"}},{{"system":"http://test/colours","code":"{code}"}}]}}}}]}}"#
        )
    };
    let path = "/fhir/ValueSet/all/$validate-code";
    assert_eq!(parameter(&rig.post(path, &concept("red")).await, "result"), true);
    assert_eq!(parameter(&rig.post(path, &concept("green")).await, "result"), false);
}

#[tokio::test]
async fn a_code_is_judged_against_a_code_system() {
    let rig = rig().await;
    let judge = async |rest: &str| {
        rig.get(&format!("/fhir/CodeSystem/$validate-code?url=http://test/colours&{rest}")).await
    };
    assert_eq!(parameter(&judge("code=red").await, "result"), true);
    assert_eq!(parameter(&judge("code=green").await, "result"), false);
    assert_eq!(parameter(&judge("code=warm&abstract=false").await, "result"), false);
    judge("code=red&version=2").await.fails(404, "not-found");
    let by_id = rig.get("/fhir/CodeSystem/colours/$validate-code?code=orange").await;
    assert_eq!(parameter(&by_id, "display"), "Orange");
    let coding = r#"{"resourceType":"Parameters","parameter":[{"name":"coding","valueCoding":{"system":"http://test/colours","code":"grey"}}]}"#;
    let posted = rig.post("/fhir/CodeSystem/$validate-code", coding).await;
    assert_eq!(parameter(&posted, "result"), true);
    assert_eq!(parameter(&posted, "message"), "the code is inactive");
}

#[tokio::test]
async fn codes_are_compared_by_subsumption() {
    let rig = rig().await;
    let compare = async |a: &str, b: &str| {
        let query = format!("system=http://test/colours&codeA={a}&codeB={b}");
        rig.get(&format!("/fhir/CodeSystem/$subsumes?{query}")).await
    };
    assert_eq!(parameter(&compare("warm", "red").await, "outcome"), "subsumes");
    assert_eq!(parameter(&compare("red", "warm").await, "outcome"), "subsumed-by");
    assert_eq!(parameter(&compare("red", "red").await, "outcome"), "equivalent");
    assert_eq!(parameter(&compare("red", "grey").await, "outcome"), "not-subsumed");
    compare("red", "green").await.fails(422, "processing");
}

#[tokio::test]
async fn a_tenant_expands_from_its_own_resources_only() {
    let rig = rig().await;
    let other = rig.get("/tenants/other/default/fhir/ValueSet/$expand?url=http://test/all").await;
    other.fails(404, "not-found");
}

#[tokio::test]
async fn the_capabilities_name_the_operations() {
    let json = Rig::new().await.get("/fhir/metadata").await.json();
    let of = |name: &str| {
        let all = json["rest"][0]["resource"].as_array().unwrap();
        let resource = all.iter().find(|r| r["type"] == name).unwrap();
        let operations = resource["operation"].as_array().unwrap();
        operations.iter().map(|o| o["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(of("ValueSet"), ["validate", "expand", "validate-code"]);
    assert_eq!(of("CodeSystem"), ["validate", "validate-code", "subsumes"]);
    assert_eq!(of("Patient"), ["validate", "everything"]);
}
