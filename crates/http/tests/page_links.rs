//! Links of searches and histories: where they lead, and what can't be done with them.

mod rig;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rig::{Answer, Rig};

async fn filled() -> Rig {
    let rig = Rig::new().await;
    for n in 0..10 {
        let body = patient(&format!("{n}"), 1950 + n);
        rig.put(&format!("/fhir/Patient/{n}"), &body).await.is(201);
    }
    rig
}

fn patient(id: &str, year: usize) -> String {
    format!(
        r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"Zwicky{id}"}}],"birthDate":"{year}-01-01"}}"#
    )
}

fn link(page: &Answer, relation: &str) -> Option<String> {
    let json = page.is(200).json();
    let link = json["link"].as_array()?.iter().find(|l| l["relation"] == relation)?.clone();
    Some(link["url"].as_str()?.replace("http://localhost", ""))
}

#[tokio::test]
async fn pages_lead_forth_and_back_and_to_the_first() {
    let rig = filled().await;
    for sort in ["", "&_sort=-birthdate", "&_sort=family", "&_sort=-_lastUpdated,family"] {
        let mut pages = vec![rig.get(&format!("/fhir/Patient?_count=3{sort}")).await];
        assert_eq!(link(&pages[0], "prev"), None);
        while let Some(next) = link(pages.last().unwrap(), "next") {
            pages.push(rig.get(&next).await);
        }
        assert_eq!(pages.len(), 4, "{sort}");
        let ids: Vec<_> = pages.iter().flat_map(Answer::ids).collect();
        assert_eq!(ids.len(), 10);
        for at in (1..4).rev() {
            let before = rig.get(&link(&pages[at], "prev").unwrap()).await;
            assert_eq!(before.ids(), pages[at - 1].ids(), "{sort} {at}");
            let first = rig.get(&link(&pages[at], "first").unwrap()).await;
            assert_eq!(first.ids(), pages[0].ids());
            let itself = rig.get(&link(&pages[at], "self").unwrap()).await;
            assert_eq!(itself.ids(), pages[at].ids());
        }
    }
}

#[tokio::test]
async fn a_link_shows_no_values_of_resources() {
    let rig = filled().await;
    let page = rig.get("/fhir/Patient?_count=3&_sort=family").await;
    let next = link(&page, "next").unwrap();
    let (_, token) = next.split_once("_page=").unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    for bytes in [token.as_bytes(), &bytes] {
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        assert!(!text.contains("zwicky"), "{text}");
    }
}

#[tokio::test]
async fn a_link_belongs_to_its_search() {
    let rig = filled().await;
    let page = rig.get("/fhir/Patient?family=zwicky&_count=3").await;
    let next = link(&page, "next").unwrap();
    assert_eq!(rig.get(&next).await.ids(), ["3", "4", "5"]);
    assert_eq!(rig.get(&format!("{next}&_format=json&_pretty=true")).await.ids().len(), 3);
    for changed in [
        next.replace("zwicky", "zwicky1"),
        next.replace("_count=3", "_count=4"),
        next.replace("/Patient", "/Person"),
        next.replace("/Patient?", "/Patient/_history?"),
        format!("{next}&birthdate=ge1900"),
        next.replace("family=zwicky&", ""),
        format!("{next}x"),
        next.replace("_page=", "_page=A"),
        next.replace("_page=A", "_page=B"),
        next.replace("/fhir/", "/tenants/other/default/fhir/"),
    ] {
        let answer = rig.get(&changed).await;
        answer.fails(400, "value");
        assert!(!answer.text().contains("zwicky"), "{}", answer.text());
    }
}

#[tokio::test]
async fn histories_have_sealed_links_too() {
    let rig = filled().await;
    let (mut next, mut seen) = (Some("/fhir/Patient/_history?_count=4".to_owned()), 0);
    while let Some(url) = next {
        let page = rig.get(&url).await;
        seen += page.is(200).ids().len();
        next = link(&page, "next");
    }
    assert_eq!(seen, 10);
    let page = rig.get("/fhir/Patient/_history?_count=4").await;
    let next = link(&page, "next").unwrap();
    rig.get(&next.replace("_count=4", "_count=5")).await.fails(400, "value");
    rig.get(&next.replace("/Patient/_history", "/_history")).await.fails(400, "value");
}

#[tokio::test]
async fn paging_to_the_end_while_others_write_misses_and_repeats_nothing_that_stays() {
    let rig = filled().await;
    let (mut next, mut found) = (Some("/fhir/Patient?_count=2&_sort=birthdate".to_owned()), vec![]);
    let mut n = 0;
    while let Some(url) = next {
        let page = rig.get(&url).await;
        found.extend(page.is(200).ids());
        next = link(&page, "next");
        let (early, late) = (format!("early{n}"), format!("late{n}"));
        rig.put(&format!("/fhir/Patient/{early}"), &patient(&early, 1900)).await.is(201);
        if n < 3 {
            rig.put(&format!("/fhir/Patient/{late}"), &patient(&late, 2000)).await.is(201);
            rig.delete(&format!("/fhir/Patient/{n}")).await.is(204);
        }
        n += 1;
        assert!(n < 50, "paging doesn't end");
    }
    for id in 3..10 {
        assert_eq!(found.iter().filter(|f| **f == id.to_string()).count(), 1, "{id}: {found:?}");
    }
    let late = found.iter().filter(|f| f.starts_with("late")).count();
    assert_eq!(late, 3, "{found:?}");
}
