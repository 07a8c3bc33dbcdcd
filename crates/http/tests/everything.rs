//! `$everything` of patients and encounters.

mod rig;
use rig::Rig;
use std::collections::BTreeMap;

async fn put(rig: &Rig, resource_type: &str, id: &str, more: &str) {
    let comma = if more.is_empty() { "" } else { "," };
    let body = format!(r#"{{"resourceType":"{resource_type}","id":"{id}"{comma}{more}}}"#);
    let answer = rig.put(&format!("/fhir/{resource_type}/{id}"), &body).await;
    assert!(answer.status.is_success(), "{}", answer.text());
}

fn observation(patient: &str, date: &str, more: &str) -> String {
    format!(
        r#""status":"final","code":{{"text":"x"}},"subject":{{"reference":"Patient/{patient}"}},"effectiveDateTime":"{date}","performer":[{{"reference":"Practitioner/dr"}}]{more}"#
    )
}

async fn filled() -> Rig {
    let rig = Rig::new().await;
    put(&rig, "Organization", "ward", "\"name\":\"x\"").await;
    put(&rig, "Practitioner", "dr", "").await;
    put(&rig, "Practitioner", "stranger", "").await;
    put(&rig, "Patient", "b", "").await;
    let links = r#""managingOrganization":{"reference":"Organization/ward"},"link":[{"other":{"reference":"Patient/b"},"type":"seealso"}]"#;
    put(&rig, "Patient", "a", links).await;
    let encounter = r#""status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/a"},"period":{"start":"2020-01-01","end":"2020-03-01"},"serviceProvider":{"reference":"Organization/ward"}"#;
    put(&rig, "Encounter", "visit", encounter).await;
    put(&rig, "Observation", "old", &observation("a", "2010", "")).await;
    let member = r#","encounter":{"reference":"Encounter/visit"},"hasMember":[{"reference":"Observation/bs"},{"reference":"Observation/free"},{"reference":"Observation/gone"}]"#;
    put(&rig, "Observation", "new", &observation("a", "2020-02-02", member)).await;
    put(&rig, "Observation", "bs", &observation("b", "2020", "")).await;
    put(&rig, "Observation", "free", r#""status":"final","code":{"text":"x"}"#).await;
    rig
}

/// Each entry's id with its mode, from page to page; how often each came.
async fn all(rig: &Rig, url: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut next = Some(url.to_owned());
    let mut pages = 0;
    while let Some(url) = next {
        pages += 1;
        assert!(pages < 100, "paging doesn't end");
        let page = rig.get(&url).await.is(200).json();
        assert_eq!(page["type"], "searchset");
        for entry in page["entry"].as_array().into_iter().flatten() {
            let text = |v: &serde_json::Value| v.as_str().unwrap().to_owned();
            let id =
                format!("{} {}", text(&entry["resource"]["id"]), text(&entry["search"]["mode"]));
            *found.entry(id).or_default() += 1;
        }
        let links = page["link"].as_array().unwrap();
        let link = links.iter().find(|l| l["relation"] == "next");
        next = link.map(|l| l["url"].as_str().unwrap().replace("http://localhost", ""));
    }
    found
}

async fn ids(rig: &Rig, url: &str) -> Vec<String> {
    let found = all(rig, url).await;
    assert!(found.values().all(|times| *times == 1), "{url}: {found:?}");
    found.into_keys().collect()
}

const ALL: [&str; 7] = [
    "a match",
    "dr include",
    "free include",
    "new match",
    "old match",
    "visit match",
    "ward include",
];

#[tokio::test]
async fn a_patient_comes_with_its_compartment_and_what_that_refers_to() {
    let rig = filled().await;
    assert_eq!(ids(&rig, "/fhir/Patient/a/$everything").await, ALL);
    let page = rig.get("/fhir/Patient/a/$everything").await.json();
    assert_eq!(page["total"], 4);
}

#[tokio::test]
async fn pages_of_any_size_hold_each_resource_once() {
    let rig = filled().await;
    for count in 1..=8 {
        let url = format!("/fhir/Patient/a/$everything?_count={count}");
        assert_eq!(ids(&rig, &url).await, ALL, "{count}");
    }
    let page = rig.get("/fhir/Patient/a/$everything?_count=2").await;
    assert_eq!(page.is(200).ids().len(), 2);
    rig.get("/fhir/Patient/a/$everything?_count=0").await.fails(400, "value");
    rig.get("/fhir/Patient/a/$everything?_page=AAAA").await.fails(400, "value");
}

#[tokio::test]
async fn another_patients_resources_stay_away() {
    let rig = filled().await;
    let found = ids(&rig, "/fhir/Patient/a/$everything").await;
    assert!(!found.iter().any(|id| id.starts_with("b ") || id.starts_with("bs ")), "{found:?}");
    // Patient a links to b, which is in R4's compartment of b by that link.
    let found = ids(&rig, "/fhir/Patient/b/$everything").await;
    assert_eq!(found, ["a match", "b match", "bs match", "dr include", "ward include"]);
}

#[tokio::test]
async fn an_encounter_comes_with_its_patient() {
    let rig = filled().await;
    let wanted =
        ["a include", "dr include", "free include", "new match", "visit match", "ward include"];
    assert_eq!(ids(&rig, "/fhir/Encounter/visit/$everything").await, wanted);
    assert_eq!(ids(&rig, "/fhir/Encounter/visit/$everything?_count=1").await, wanted);
}

#[tokio::test]
async fn the_time_of_care_limits_it() {
    let rig = filled().await;
    let within = |range| format!("/fhir/Patient/a/$everything?{range}&_count=2");
    let found = ids(&rig, &within("start=2020-02-15")).await;
    // The visit goes on until March; resources without a date are always there.
    assert_eq!(found, ["a match", "visit match", "ward include"]);
    let found = ids(&rig, &within("start=2020-02-02&end=2020-02-02")).await;
    assert!(found.contains(&"new match".to_owned()) && !found.contains(&"old match".to_owned()));
    let found = ids(&rig, &within("end=2015")).await;
    assert_eq!(found, ["a match", "dr include", "old match", "ward include"]);
    rig.get(&within("start=nonsense")).await.fails(400, "value");
}

#[tokio::test]
async fn types_and_changes_limit_it() {
    let rig = filled().await;
    let of = |limit: &str| format!("/fhir/Patient/a/$everything?{limit}");
    assert_eq!(ids(&rig, &of("_type=Observation")).await, ["new match", "old match"]);
    assert_eq!(ids(&rig, &of("_type=Practitioner")).await, ["dr include"]);
    assert_eq!(
        ids(&rig, &of("_type=Encounter,Organization")).await,
        ["visit match", "ward include"]
    );
    rig.get(&of("_type=Nonsense")).await.fails(400, "value");
    let last = rig.get("/fhir/Observation/free").await.json();
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    put(&rig, "Practitioner", "dr", "\"active\":true").await;
    let after = last["meta"]["lastUpdated"].as_str().unwrap();
    let found = ids(&rig, &of(&format!("_since={}", after.replace('Z', "%2B00:00")))).await;
    assert!(found.contains(&"dr include".to_owned()), "{found:?}");
    assert!(!found.contains(&"a match".to_owned()) || found.contains(&"free include".to_owned()));
    assert_eq!(ids(&rig, &of("_since=2999")).await, Vec::<String>::new());
}

#[tokio::test]
async fn parameters_can_be_posted() {
    let rig = filled().await;
    let body = r#"{"resourceType":"Parameters","parameter":[{"name":"_type","valueCode":"Observation"},{"name":"_count","valueInteger":1}]}"#;
    let page = rig.post("/fhir/Patient/a/$everything", body).await;
    assert_eq!(page.is(200).ids(), ["old"]);
    let page = rig.request("POST", "/fhir/Patient/a/$everything", &[], "").await;
    assert_eq!(page.is(200).ids().len(), 7);
    rig.post("/fhir/Patient/a/$everything", r#"{"resourceType":"Patient"}"#)
        .await
        .fails(400, "structure");
}

#[tokio::test]
async fn what_is_not_there_or_not_asked_right_is_refused() {
    let rig = filled().await;
    rig.get("/fhir/Patient/nobody/$everything").await.fails(404, "not-found");
    rig.delete("/fhir/Patient/a").await.is(204);
    rig.get("/fhir/Patient/a/$everything").await.fails(410, "deleted");
    rig.get("/fhir/Observation/old/$everything").await.fails(404, "not-found");
    let lenient = rig.get("/fhir/Patient/b/$everything?nonsense=1").await.is(200).text();
    assert!(lenient.contains("nonsense") && lenient.contains("outcome"));
    let strict = ["prefer: handling=strict"];
    let url = "/fhir/Patient/b/$everything?nonsense=1";
    rig.request("GET", url, &strict, "").await.fails(400, "not-supported");
}

#[tokio::test]
async fn what_others_write_meanwhile_neither_repeats_nor_hides_anything() {
    let rig = Rig::new().await;
    put(&rig, "Practitioner", "dr", "").await;
    put(&rig, "Patient", "a", "").await;
    for n in 0..30 {
        put(&rig, "Observation", &format!("o{n}"), &observation("a", "2020", "")).await;
    }
    let (mut next, mut found, mut n) =
        (Some("/fhir/Patient/a/$everything?_count=4".to_owned()), Vec::new(), 0);
    while let Some(url) = next {
        let answer = rig.get(&url).await;
        found.extend(answer.is(200).ids());
        let page = answer.json();
        let links = page["link"].as_array().unwrap();
        let link = links.iter().find(|l| l["relation"] == "next");
        next = link.map(|l| l["url"].as_str().unwrap().replace("http://localhost", ""));
        put(&rig, "Observation", &format!("o{n}"), &observation("a", "2021", "")).await;
        rig.delete(&format!("/fhir/Observation/o{}", 29 - n)).await;
        if n < 3 {
            put(&rig, "Observation", &format!("later{n}"), &observation("a", "2021", "")).await;
        }
        n += 1;
        assert!(n < 40, "paging doesn't end");
    }
    let stayed = (0..30 - n).map(|n| format!("o{n}"));
    let wanted: Vec<String> = ["a", "dr", "later0", "later1", "later2"]
        .map(str::to_owned)
        .into_iter()
        .chain(stayed)
        .collect();
    for id in &wanted {
        assert_eq!(found.iter().filter(|f| *f == id).count(), 1, "{id}: {found:?}");
    }
    let distinct: std::collections::HashSet<_> = found.iter().collect();
    assert_eq!(distinct.len(), found.len(), "{found:?}");
}
