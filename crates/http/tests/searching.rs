//! Searches: pages, totals, unknown parameters, forms.

mod rig;
use rig::{PATIENT, Rig};

async fn filled() -> Rig {
    let rig = Rig::new().await;
    for id in 0..7 {
        let body = PATIENT.replace("\"a\"", &format!("\"{id}\""));
        rig.put(&format!("/fhir/Patient/{id}"), &body).await.is(201);
    }
    rig
}

fn link(page: &serde_json::Value, relation: &str) -> Option<String> {
    let links = page["link"].as_array().unwrap();
    let link = links.iter().find(|l| l["relation"] == relation)?;
    Some(link["url"].as_str().unwrap().replace("http://localhost", ""))
}

#[tokio::test]
async fn pages_follow_their_links() {
    let rig = filled().await;
    let (mut next, mut ids) = (Some("/fhir/Patient?family=ohm&_count=3".to_owned()), Vec::new());
    while let Some(url) = next {
        let page = rig.get(&url).await;
        ids.extend(page.is(200).ids());
        let page = page.json();
        assert_eq!(page["type"], "searchset");
        assert!(page["total"].is_null());
        assert_eq!(page["entry"][0]["search"]["mode"], "match");
        next = link(&page, "next");
        assert!(
            next.as_ref()
                .is_none_or(|n| n.contains("family=ohm") && n.matches("_page=").count() == 1)
        );
    }
    assert_eq!(ids, ["0", "1", "2", "3", "4", "5", "6"]);
}

#[tokio::test]
async fn totals_are_told_when_asked_for_or_free() {
    let rig = filled().await;
    assert_eq!(rig.get("/fhir/Patient?_count=3&_total=accurate").await.is(200).json()["total"], 7);
    assert_eq!(rig.get("/fhir/Patient").await.json()["total"], 7);
    for count in ["/fhir/Patient?_summary=count", "/fhir/Patient?_count=0"] {
        let bundle = rig.get(count).await.is(200).json();
        assert_eq!(bundle["total"], 7, "{count}");
        assert!(bundle["entry"].is_null());
    }
    let none = rig.get("/fhir/Patient?family=nobody").await.json();
    assert_eq!(none["total"], 0);
}

#[tokio::test]
async fn unknown_parameters_are_named() {
    let rig = filled().await;
    let lenient = rig.get("/fhir/Patient?nonsense=secret").await;
    let bundle = lenient.is(200).json();
    let last = bundle["entry"].as_array().unwrap().last().unwrap();
    assert_eq!(last["search"]["mode"], "outcome");
    assert!(last["resource"]["issue"][0]["diagnostics"].as_str().unwrap().contains("nonsense"));
    assert!(!lenient.text().contains("secret"));
    assert!(!link(&bundle, "self").unwrap().contains("nonsense"));
    let strict =
        rig.request("GET", "/fhir/Patient?nonsense=1", &["prefer: handling=strict"], "").await;
    strict.fails(400, "not-supported");
    assert!(strict.text().contains("nonsense"));
    let impossible = "/fhir/Observation?subject:Medication.code=x";
    let lenient = rig.get(impossible).await.is(200).json();
    assert!(
        lenient["entry"][0]["resource"]["issue"][0]["diagnostics"]
            .as_str()
            .unwrap()
            .contains("subject:Medication.code")
    );
    let strict = rig.request("GET", impossible, &["prefer: handling=strict"], "").await;
    strict.fails(400, "not-supported");
    rig.get("/fhir/Patient?_summary=").await.is(200);
    rig.get("/fhir/Patient?_filter=family%20eq").await.fails(400, "value");
    rig.get("/fhir/Patient?birthdate=nonsense").await.fails(400, "value");
    rig.get("/fhir/Patient?_page=!!").await.fails(400, "value");
}

#[tokio::test]
async fn forms_search_like_urls() {
    let rig = filled().await;
    let form = ["content-type: application/x-www-form-urlencoded"];
    let found = rig.request("POST", "/fhir/Patient/_search?_count=2", &form, "_id=3").await;
    assert_eq!(found.is(200).ids(), ["3"]);
    rig.request("POST", "/fhir/Patient/_search", &["content-type: application/json"], "{}")
        .await
        .fails(415, "not-supported");
    let large = format!("_id={}", "x".repeat(2 << 20));
    rig.request("POST", "/fhir/Patient/_search", &form, &large).await.fails(413, "too-long");
    assert_eq!(rig.get("/fhir?_type=Patient&_id=3").await.is(200).ids(), ["3"]);
    let found = rig.request("POST", "/fhir/_search", &form, "_type=Patient&_id=4").await;
    assert_eq!(found.is(200).ids(), ["4"]);
}

#[tokio::test]
async fn parts_of_resources_can_be_asked_for() {
    let rig = filled().await;
    let found = rig.get("/fhir/Patient?_id=3&_elements=active").await.is(200).json();
    let resource = &found["entry"][0]["resource"];
    assert_eq!(resource["active"], true);
    assert!(resource["name"].is_null());
    assert_eq!(resource["meta"]["tag"][0]["code"], "SUBSETTED");
    rig.get("/fhir/Patient?_summary=nonsense").await.fails(400, "value");
    let read = rig.get("/fhir/Patient/3?_summary=text").await.is(200).json();
    assert!(read["name"].is_null());
}

#[tokio::test]
async fn the_plan_of_a_search_is_shown_without_its_values() {
    let rig = filled().await;
    for url in ["Patient?family=ohm&_count=3", "/fhir/Patient?family=ohm&_count=3"] {
        let plan = rig.get(&format!("/admin/explain?{url}")).await;
        let shown = plan.is(200).json();
        assert_eq!(shown["found"], 3);
        assert!(shown["rows"].as_u64().unwrap() > 0 && shown["plan"][0]["step"].is_string());
        assert!(!plan.text().contains("ohm"));
    }
    let counted = rig.get("/admin/explain?Patient?_summary=count").await.is(200).json();
    assert_eq!((&counted["found"], &counted["total"]), (&0.into(), &7.into()));
    rig.get("/admin/explain?Patient?birthdate=never").await.fails(400, "value");
    rig.get("/admin/explain?Patient/1").await.fails(400, "not-supported");
    assert_eq!(rig.get("/admin/explain").await.is(200).json()["found"], 7);
    rig.get("/admin/explain?Nonsense?x=y").await.fails(404, "not-supported");
}
