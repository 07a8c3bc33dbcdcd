//! `_include`, `_include:iterate` and `_revinclude` over HTTP.

mod rig;

use rig::{Answer, Rig};
use serde_json::Value;

/// A ward of a clinic of a trust; a patient there, her doctor, her visit, and Observations of it.
async fn rig() -> Rig {
    let rig = Rig::new().await;
    for (path, rest) in [
        ("Organization/trust", r#""name":"Trust""#),
        ("Organization/clinic", r#""partOf":{"reference":"Organization/trust"}"#),
        ("Organization/ward", r#""partOf":{"reference":"Organization/clinic"}"#),
        ("Practitioner/doctor", r#""active":true"#),
        (
            "Patient/ann",
            r#""managingOrganization":{"reference":"Organization/ward"},"generalPractitioner":[{"reference":"Practitioner/doctor"}]"#,
        ),
        (
            "Encounter/visit",
            r#""status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/ann"}"#,
        ),
        (
            "Observation/first",
            r#""status":"final","code":{"text":"x"},"subject":{"reference":"Patient/ann"},"encounter":{"reference":"Encounter/visit"}"#,
        ),
        (
            "Observation/second",
            r#""status":"final","code":{"text":"x"},"subject":{"reference":"http://localhost/fhir/Patient/ann"},"performer":[{"reference":"Practitioner/gone"}]"#,
        ),
    ] {
        let (of, id) = path.split_once('/').unwrap();
        let body = format!(r#"{{"resourceType":"{of}","id":"{id}",{rest}}}"#);
        rig.put(&format!("/fhir/{path}"), &body).await.is(201);
    }
    rig
}

/// The entries as `id mode`, matches as they come and then what is included, by name.
fn entries(answer: &Answer) -> Vec<String> {
    let json = answer.is(200).json();
    let all = json["entry"].as_array().cloned().unwrap_or_default();
    let shown = |entry: &Value| {
        let mode = entry["search"]["mode"].as_str().unwrap();
        format!("{} {mode}", entry["resource"]["id"].as_str().unwrap_or("-"))
    };
    let mut shown: Vec<String> = all.iter().map(shown).collect();
    shown.sort_by_key(|entry| (!entry.ends_with(" match"), entry.clone()));
    shown
}

async fn found(rig: &Rig, search: &str) -> Vec<String> {
    entries(&rig.get(&format!("/fhir/{search}")).await)
}

#[tokio::test]
async fn what_matches_refer_to_is_included_once() {
    let rig = rig().await;
    let both = "Observation?_include=Observation:subject";
    assert_eq!(found(&rig, both).await, ["first match", "second match", "ann include"]);
    let two = "Observation?_id=first&_include=Observation:patient&_include=Observation:encounter";
    assert_eq!(found(&rig, two).await, ["first match", "ann include", "visit include"]);
    let wild = "Observation?_id=first&_include=*";
    assert_eq!(found(&rig, wild).await, ["first match", "ann include", "visit include"]);
    let of_type = "Observation?_id=first&_include=Observation:subject:Group";
    assert_eq!(found(&rig, of_type).await, ["first match"]);
    let gone = "Observation?_id=second&_include=Observation:performer";
    assert_eq!(found(&rig, gone).await, ["second match"]);
    // A match isn't included, too, and the total counts matches alone.
    let answer = rig
        .get("/fhir/?_type=Observation,Patient&_include=Observation:subject&_total=accurate")
        .await;
    assert_eq!(entries(&answer), ["ann match", "first match", "second match"]);
    assert_eq!(answer.json()["total"], 3);
}

#[tokio::test]
async fn iterate_goes_on_from_what_was_included() {
    let rig = rig().await;
    let once = "Patient?_include=Patient:organization&_include=Organization:partof";
    // The outcome says that the second include starts from no match.
    assert_eq!(found(&rig, once).await, ["ann match", "- outcome", "ward include"]);
    let on = "Patient?_include=Patient:organization&_include:iterate=Organization:partof";
    assert_eq!(
        found(&rig, on).await,
        ["ann match", "clinic include", "trust include", "ward include"]
    );
    let back = "Organization?_id=ward&_revinclude=Patient:organization&_revinclude:iterate=Encounter:patient&_include:iterate=Patient:general-practitioner";
    assert_eq!(
        found(&rig, back).await,
        ["ward match", "ann include", "doctor include", "visit include"]
    );
    // In a circle, each is there once.
    let trust = r#"{"resourceType":"Organization","id":"trust","partOf":{"reference":"Organization/ward"}}"#;
    rig.put("/fhir/Organization/trust", trust).await.is(200);
    let circle = "Organization?_id=trust&_include:iterate=Organization:partof";
    assert_eq!(found(&rig, circle).await, ["trust match", "clinic include", "ward include"]);
}

#[tokio::test]
async fn what_refers_to_matches_is_included() {
    let rig = rig().await;
    let back = "Patient?_revinclude=Observation:subject";
    assert_eq!(found(&rig, back).await, ["ann match", "first include", "second include"]);
    let more = "Patient?_revinclude=Observation:patient&_revinclude=Encounter:subject&_include=Patient:general-practitioner";
    let all = ["ann match", "doctor include", "first include", "second include", "visit include"];
    assert_eq!(found(&rig, more).await, all);
    assert_eq!(
        found(&rig, "Practitioner?_revinclude=Observation:subject").await[0],
        "doctor match"
    );
    // What no longer refers to it, or is deleted, isn't there.
    let without =
        r#"{"resourceType":"Observation","id":"first","status":"final","code":{"text":"x"}}"#;
    rig.put("/fhir/Observation/first", without).await.is(200);
    assert_eq!(found(&rig, back).await, ["ann match", "second include"]);
    rig.delete("/fhir/Observation/second").await.is(204);
    assert_eq!(found(&rig, back).await, ["ann match"]);
}

/// Each page has what its own matches refer to, and the links carry the includes on.
#[tokio::test]
async fn pages_and_forms_include_alike() {
    let rig = rig().await;
    let first = rig.get("/fhir/Observation?_count=1&_sort=_id&_include=Observation:subject").await;
    assert_eq!(entries(&first), ["first match", "ann include"]);
    let json = first.json();
    let next = json["link"].as_array().unwrap().iter().find(|l| l["relation"] == "next").unwrap();
    let next = next["url"].as_str().unwrap().replace("http://localhost", "");
    assert_eq!(entries(&rig.get(&next).await), ["second match", "ann include"]);
    let form = ["content-type: application/x-www-form-urlencoded"];
    let body = "_id=first&_include=Observation%3Aencounter";
    let posted = rig.request("POST", "/fhir/Observation/_search", &form, body).await;
    assert_eq!(entries(&posted), ["first match", "visit include"]);
    let within = "Patient/ann/Observation?_id=first&_include=Observation:encounter";
    assert_eq!(found(&rig, within).await, ["first match", "visit include"]);
}

#[tokio::test]
async fn a_reference_to_a_version_includes_that_version() {
    let rig = rig().await;
    let doctor = |active: bool| {
        format!(r#"{{"resourceType":"Practitioner","id":"doctor","active":{active}}}"#)
    };
    rig.put("/fhir/Practitioner/doctor", &doctor(false)).await.is(200);
    let observation = |id: &str, reference: &str| {
        format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}},"performer":[{{"reference":"{reference}"}}]}}"#
        )
    };
    for (id, reference) in [
        ("of-one", "Practitioner/doctor/_history/1"),
        ("of-two", "Practitioner/doctor/_history/2"),
        ("of-nine", "Practitioner/doctor/_history/9"),
        ("of-any", "Practitioner/doctor"),
        ("of-url", "http://localhost/fhir/Practitioner/doctor/_history/1"),
    ] {
        let body = observation(id, reference);
        rig.put(&format!("/fhir/Observation/{id}"), &body).await.is(201);
    }
    let included = async |id: &str| {
        let search = format!("/fhir/Observation?_id={id}&_include=Observation:performer");
        let json = rig.get(&search).await.is(200).json();
        let all = json["entry"].as_array().cloned().unwrap();
        let version = |entry: &Value| {
            let resource = &entry["resource"];
            let version = resource["meta"]["versionId"].as_str()?.to_owned();
            (resource["id"] == "doctor").then_some((version, resource["active"] == true))
        };
        all.iter().filter_map(version).collect::<Vec<_>>()
    };
    let (one, two) = (vec![("1".to_owned(), true)], vec![("2".to_owned(), false)]);
    assert_eq!(included("of-one").await, one);
    assert_eq!(included("of-two").await, two);
    assert_eq!(included("of-any").await, two);
    assert_eq!(included("of-url").await, one);
    // One that was never there: what there is.
    assert_eq!(included("of-nine").await, two);
    // On from a versioned reference, and back to who has one.
    let back = "Practitioner?_revinclude=Observation:performer";
    let all = [
        "doctor match",
        "of-any include",
        "of-nine include",
        "of-one include",
        "of-two include",
        "of-url include",
    ];
    assert_eq!(found(&rig, back).await, all);
    // The version outlives its resource.
    rig.delete("/fhir/Practitioner/doctor").await.is(204);
    assert_eq!(included("of-one").await, one);
    assert_eq!(included("of-any").await, []);
}

#[tokio::test]
async fn includes_that_make_no_sense_are_refused_or_named() {
    let rig = rig().await;
    let strict = ["prefer: handling=strict"];
    for include in [
        "_include=Observation:nonsense",
        "_include=Nonsense:subject",
        "_include=Observation:status",
        "_include=Observation",
        "_include:exact=Observation:subject",
        "_revinclude=Observation:subject:Nonsense",
    ] {
        let path = format!("/fhir/Observation?{include}");
        let answer = rig.request("GET", &path, &strict, "").await;
        assert_eq!(answer.status.as_u16(), 400, "{include}: {}", answer.text());
        assert!(answer.text().contains("include"), "{include}: {}", answer.text());
    }
}
