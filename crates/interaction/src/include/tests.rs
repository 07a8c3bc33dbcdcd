use super::MOST_INCLUDED;
use crate::rig::Rig;
use cresset_search::Include;
use cresset_store::{Access, Principal, TypeNumber};

const FORWARD: Include =
    Include { reverse: false, iterate: false, source: None, parameter: None, target: None };
const REVERSE: Include = Include { reverse: true, ..FORWARD };

/// `Type:parameter` or `Type:parameter:Target`.
fn include(rig: &Rig, from: Include, text: &str) -> Include {
    let mut parts = text.split(':');
    let of = |name: Option<&str>| name.and_then(|n| rig.service.definitions().resource_type(n));
    let source = of(parts.next());
    let parameter = parts.next().map(str::to_owned);
    Include { source, parameter, target: of(parts.next()), ..from }
}

async fn included(rig: &Rig, of: &[&str], includes: &[Include]) -> Vec<String> {
    let (ids, issues) = rig.included(of, includes).await;
    assert!(issues.is_empty(), "{issues:?}");
    ids
}

fn observation(id: &str, more: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"text":"x"}}{more}}}"#
    )
}

fn organization(id: &str, part_of: &str) -> String {
    format!(
        r#"{{"resourceType":"Organization","id":"{id}","name":"x","partOf":{{"reference":"Organization/{part_of}"}}}}"#
    )
}

async fn filled() -> Rig {
    let rig = Rig::new().await;
    let subject = |of: &str| format!(r#","subject":{{"reference":"{of}"}}"#);
    let both = format!(
        r#"{},"encounter":{{"reference":"http://localhost/fhir/Encounter/e"}}"#,
        subject("Patient/p/_history/1")
    );
    rig.put(r#"{"resourceType":"Patient","id":"p"}"#).await;
    rig.put(r#"{"resourceType":"Patient","id":"p","active":true}"#).await;
    rig.put(r#"{"resourceType":"Group","id":"g","type":"person","actual":true}"#).await;
    rig.put(
        r#"{"resourceType":"Encounter","id":"e","status":"finished","class":{"code":"AMB"},"subject":{"reference":"Patient/p"}}"#,
    )
    .await;
    rig.put(&observation("1", &both)).await;
    rig.put(&observation("2", &both)).await;
    rig.put(&observation("3", &subject("Group/g"))).await;
    rig.put(&observation("4", &subject("Patient/missing"))).await;
    rig
}

#[tokio::test]
async fn references_are_followed_and_each_resource_is_there_once() {
    let rig = filled().await;
    let subject = include(&rig, FORWARD, "Observation:subject");
    let encounter = include(&rig, FORWARD, "Observation:encounter");
    let all = ["Observation/1", "Observation/2", "Observation/3", "Observation/4"];
    let both = [subject.clone(), encounter];
    // The Observations name the Patient's first version.
    assert_eq!(included(&rig, &all, &both).await, ["Encounter/e/1", "Patient/p/1", "Group/g/1"]);
    let star = [Include { source: subject.source, ..FORWARD }];
    assert_eq!(included(&rig, &all, &star).await.len(), 3);
    assert_eq!(included(&rig, &all, &[FORWARD]).await.len(), 3);
    // `patient` has the same index as `subject`, and means Patients only.
    let patient = [include(&rig, FORWARD, "Observation:patient")];
    assert_eq!(included(&rig, &all, &patient).await, ["Patient/p/1"]);
    let group = [include(&rig, FORWARD, "Observation:subject:Group")];
    assert_eq!(included(&rig, &all, &group).await, ["Group/g/1"]);
    assert!(included(&rig, &["Patient/p"], &[subject]).await.is_empty());
}

#[tokio::test]
async fn what_is_deleted_or_a_match_is_not_included() {
    let rig = filled().await;
    let subject = [include(&rig, FORWARD, "Observation:subject")];
    assert!(included(&rig, &["Observation/1", "Patient/p"], &subject).await.is_empty());
    rig.delete("Group/g").await;
    assert!(included(&rig, &["Observation/3"], &subject).await.is_empty());
}

#[tokio::test]
async fn what_refers_to_a_match_is_included_in_reverse() {
    let rig = filled().await;
    let by = |text| include(&rig, REVERSE, text);
    let found = included(&rig, &["Patient/p"], &[by("Observation:subject")]).await;
    assert_eq!(found, ["Observation/1/1", "Observation/2/1"]);
    let found = included(&rig, &["Patient/p"], &[by("Observation:patient:Patient")]).await;
    assert_eq!(found.len(), 2);
    assert!(included(&rig, &["Patient/p"], &[by("Observation:subject:Group")]).await.is_empty());
    let star = included(&rig, &["Patient/p", "Group/g"], &[REVERSE]).await;
    assert_eq!(star, ["Encounter/e/1", "Observation/1/1", "Observation/2/1", "Observation/3/1"]);
    // Without :iterate nothing is included for what was included.
    let via = [by("Encounter:subject"), by("Observation:encounter")];
    assert_eq!(included(&rig, &["Patient/p"], &via).await, ["Encounter/e/1"]);
    let again = [via[0].clone(), Include { iterate: true, ..via[1].clone() }];
    assert_eq!(included(&rig, &["Patient/p"], &again).await.len(), 3);
}

#[tokio::test]
async fn iteration_ends_on_cycles_and_in_both_directions() {
    let rig = Rig::new().await;
    for (id, part_of) in [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a"), ("self", "self")] {
        rig.put(&organization(id, part_of)).await;
    }
    let up = Include { iterate: true, ..include(&rig, FORWARD, "Organization:partof") };
    let down = Include { reverse: true, ..up.clone() };
    let found = included(&rig, &["Organization/a"], std::slice::from_ref(&up)).await;
    assert_eq!(found, ["Organization/b/1", "Organization/c/1"]);
    let found = included(&rig, &["Organization/a"], &[up.clone(), down]).await;
    assert_eq!(found.len(), 3);
    assert!(included(&rig, &["Organization/self"], &[up]).await.is_empty());
}

#[tokio::test]
async fn a_chain_that_is_too_long_is_cut_and_said_so() {
    let rig = Rig::new().await;
    for n in 0..40 {
        rig.put(&organization(&format!("o{n}"), &format!("o{}", n + 1))).await;
    }
    let up = Include { iterate: true, ..include(&rig, FORWARD, "Organization:partof") };
    let (ids, issues) = rig.included(&["Organization/o0"], &[up]).await;
    assert_eq!(ids.len(), 33);
    assert!(issues[0].contains("one after another"), "{issues:?}");
}

#[tokio::test]
async fn a_hub_includes_no_more_than_a_page_may() {
    let rig = Rig::new().await;
    rig.put(r#"{"resourceType":"Patient","id":"p"}"#).await;
    let subject = r#","subject":{"reference":"Patient/p"}"#;
    let id = |n: usize| format!("o{n:05}");
    rig.put_all((0..MOST_INCLUDED).map(|n| observation(&id(n), subject))).await;
    let by = [Include { iterate: true, ..include(&rig, REVERSE, "Observation:subject") }];
    let all = included(&rig, &["Patient/p"], &by).await;
    assert_eq!(all.len(), MOST_INCLUDED);
    rig.put(&observation("one-more", subject)).await;
    let (ids, issues) = rig.included(&["Patient/p"], &by).await;
    assert_eq!(ids, all);
    assert!(issues[0].contains("at most 10000"), "{issues:?}");
}

#[tokio::test]
async fn a_list_includes_its_ten_thousand_items() {
    let rig = Rig::new().await;
    let patient = |n: usize| format!(r#"{{"resourceType":"Patient","id":"p{n}"}}"#);
    rig.put_all((0..MOST_INCLUDED).map(patient)).await;
    // The last one refers to nobody.
    let item = |n: usize| format!(r#"{{"item":{{"reference":"Patient/p{n}"}}}}"#);
    let items: Vec<_> = (0..=MOST_INCLUDED).map(item).collect();
    let items = items.join(",");
    rig.put(&format!(
        r#"{{"resourceType":"List","id":"l","status":"current","mode":"working","entry":[{items}]}}"#
    ))
    .await;
    let item = [include(&rig, FORWARD, "List:item")];
    assert_eq!(included(&rig, &["List/l"], &item).await.len(), MOST_INCLUDED);
}

#[tokio::test]
async fn types_that_may_not_be_read_are_left_out() {
    let rig = filled().await;
    let of = |name| TypeNumber(rig.service.definitions().resource_type(name).unwrap().number());
    let mut principal = Principal::unrestricted("nurse");
    principal.read = Access::Types([of("Observation"), of("Encounter")].into());
    let rig = rig.on_behalf_of(principal);
    let found = included(&rig, &["Observation/1"], &[FORWARD]).await;
    assert_eq!(found, ["Encounter/e/1"]);
    assert_eq!(included(&rig, &["Encounter/e"], &[REVERSE]).await.len(), 2);
}
