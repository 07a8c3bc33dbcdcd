//! `:in`, `:not-in`, `:below`, `:above` over HTTP, by CodeSystem and ValueSet resources of the server.

mod rig;

use rig::Rig;

const ANIMALS: &str = r#"{"resourceType":"CodeSystem","id":"animals","url":"http://test/animals","status":"active","content":"complete",
    "hierarchyMeaning":"is-a","concept":[
      {"code":"mammal","concept":[{"code":"dog","concept":[{"code":"poodle"}]},{"code":"cat"}]},
      {"code":"bird"}]}"#;

fn pets(include: &str) -> String {
    format!(
        r#"{{"resourceType":"ValueSet","id":"pets","url":"http://test/pets","status":"active","compose":{{"include":[{include}]}}}}"#
    )
}

fn listed(codes: &[&str]) -> String {
    let concepts: Vec<_> = codes.iter().map(|code| format!(r#"{{"code":"{code}"}}"#)).collect();
    format!(r#"{{"system":"http://test/animals","concept":[{}]}}"#, concepts.join(","))
}

/// Observations named for their codes; `rock` is a code of another system, `text` is none.
async fn rig() -> Rig {
    let rig = Rig::new().await;
    rig.put("/fhir/CodeSystem/animals", ANIMALS).await.is(201);
    rig.put("/fhir/ValueSet/pets", &pets(&listed(&["cat", "dog"]))).await.is(201);
    rig.put("/fhir/Patient/p", r#"{"resourceType":"Patient","id":"p"}"#).await.is(201);
    for (id, code) in [
        ("mammal", r#""coding":[{"system":"http://test/animals","code":"mammal"}]"#),
        ("dog", r#""coding":[{"system":"http://test/animals","code":"dog"}]"#),
        ("poodle", r#""coding":[{"system":"http://test/animals","code":"poodle"}]"#),
        ("cat", r#""coding":[{"system":"http://test/animals","code":"cat"}]"#),
        ("bird", r#""coding":[{"system":"http://test/animals","code":"bird"}]"#),
        ("rock", r#""coding":[{"system":"http://test/other","code":"cat"}]"#),
        (
            "both",
            r#""coding":[{"system":"http://test/other","code":"x"},{"system":"http://test/animals","code":"cat"}]"#,
        ),
        ("text", r#""text":"cat""#),
    ] {
        let body = format!(
            r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{{code}}},"subject":{{"reference":"Patient/p"}}}}"#
        );
        rig.put(&format!("/fhir/Observation/{id}"), &body).await.is(201);
    }
    rig
}

#[track_caller]
fn same(mut found: Vec<String>, expected: &str) {
    found.sort();
    let mut expected: Vec<_> = expected.split_whitespace().collect();
    expected.sort_unstable();
    assert_eq!(found, expected);
}

async fn found(rig: &Rig, search: &str) -> Vec<String> {
    rig.get(&format!("/fhir/{search}")).await.is(200).ids()
}

#[tokio::test]
async fn a_value_set_is_in_or_not_in() {
    let rig = rig().await;
    for name in ["http://test/pets", "ValueSet/pets", "http://localhost/fhir/ValueSet/pets"] {
        same(found(&rig, &format!("Observation?code:in={name}")).await, "dog cat both");
    }
    let outside = found(&rig, "Observation?code:not-in=http://test/pets").await;
    same(outside, "mammal poodle bird rock text");
    same(found(&rig, "Observation?code:in=http://test/pets&code=http://test/other|").await, "both");
    same(found(&rig, "Patient?_has:Observation:subject:code:in=http://test/pets").await, "p");
    same(found(&rig, "Observation?combo-code:in=http://test/pets").await, "dog cat both");
    let filtered = "Observation?_filter=code%20in%20http://test/pets";
    same(found(&rig, filtered).await, "dog cat both");
}

#[tokio::test]
async fn a_hierarchy_is_searched_downwards_and_upwards() {
    let rig = rig().await;
    let below = async |code| {
        found(&rig, &format!("Observation?code:below=http://test/animals|{code}")).await
    };
    same(below("mammal").await, "mammal dog poodle cat both");
    same(below("dog").await, "dog poodle");
    same(below("poodle").await, "poodle");
    same(below("bird,http://test/animals|dog").await, "bird dog poodle");
    let above = async |code| {
        found(&rig, &format!("Observation?code:above=http://test/animals|{code}")).await
    };
    same(above("poodle").await, "mammal dog poodle");
    same(above("mammal").await, "mammal");
    same(above("bird").await, "bird");
}

#[tokio::test]
async fn what_is_changed_in_a_set_counts_from_the_next_search() {
    let rig = rig().await;
    let search = "Observation?code:in=http://test/pets";
    same(found(&rig, search).await, "dog cat both");
    rig.put("/fhir/ValueSet/pets", &pets(&listed(&["bird"]))).await.is(200);
    same(found(&rig, search).await, "bird");
    same(found(&rig, "Observation?code:not-in=http://test/pets&code=dog").await, "dog");
    let filtered = r#"{"system":"http://test/animals","filter":[{"property":"concept","op":"is-a","value":"dog"}]}"#;
    rig.put("/fhir/ValueSet/pets", &pets(filtered)).await.is(200);
    same(found(&rig, search).await, "dog poodle");
    // The set stays, its code system changes.
    let without = ANIMALS.replace(r#","concept":[{"code":"poodle"}]"#, "");
    assert_ne!(without, ANIMALS);
    rig.put("/fhir/CodeSystem/animals", &without).await.is(200);
    same(found(&rig, search).await, "dog");
    same(
        found(&rig, "Observation?code:below=http://test/animals|mammal").await,
        "mammal dog cat both",
    );
    // In a transaction, and by a patch.
    let entry = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{},"request":{{"method":"PUT","url":"ValueSet/pets"}}}}]}}"#,
        pets(&listed(&["cat"]))
    );
    rig.post("/fhir", &entry).await.is(200);
    same(found(&rig, search).await, "cat both");
    let patch = r#"[{"op":"replace","path":"/compose/include/0/concept/0/code","value":"mammal"}]"#;
    let typed = ["content-type: application/json-patch+json"];
    rig.request("PATCH", "/fhir/ValueSet/pets", &typed, patch).await.is(200);
    same(found(&rig, search).await, "mammal");
    // What is gone is no set any more.
    rig.delete("/fhir/ValueSet/pets").await.is(204);
    rig.get(&format!("/fhir/{search}")).await.fails(400, "value");
    rig.put("/fhir/ValueSet/pets", &pets(&listed(&["dog"]))).await.is(201);
    same(found(&rig, search).await, "dog");
}

#[tokio::test]
async fn a_set_that_is_not_there_is_an_error_that_names_it() {
    let rig = rig().await;
    for search in [
        "code:in=http://test/none",
        "code:not-in=http://test/none",
        "code:in=ValueSet/none",
        "code:below=http://test/none|x",
        "code:below=http://test/animals|nothing",
        "code:above=cat",
        "subject:Patient.general-practitioner:Practitioner.communication:in=http://test/none",
    ] {
        let answer = rig.get(&format!("/fhir/Observation?{search}")).await;
        answer.fails(400, "value");
        let name = search.split('=').next().unwrap_or_default();
        assert!(answer.text().contains(name), "{search}: {}", answer.text());
    }
    // Another tenant has sets of its own.
    let other = rig.get("/tenants/other/default/fhir/Observation?code:in=http://test/pets").await;
    other.fails(400, "value");
}
