//! One server for several tenants and datasources, of which none sees anything of another.

mod support;

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::tenants::*;

#[test]
fn tenants_and_their_datasources_see_themselves_alone() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    fill(&server, &THREE);
    each_sees_itself_alone(&server, &THREE);
    // What one deletes stays with the others.
    let mut trial = Of::new(&server, THREE[1]);
    assert_eq!(trial.ask("DELETE", "Patient/only1", &Value::Null).status, 204);
    assert_eq!(trial.get("Patient/only1").status, 410);
    assert_eq!(Of::new(&server, THREE[0]).get("Patient/only0").status, 200);
    let plain = server.client().get("/fhir/Patient/p").expect("an answer");
    assert_eq!(plain.json()["name"][0]["family"], "Family0", "the default of the default tenant");
    assert!(plain.header("vary").is_some_and(|v| v.contains("X-FHIR-TENANT-ID, X-FHIR-DSID")));
    server.stop_cleanly();
    for file in
        ["one/default/default/fhir.db", "two/default/trial/fhir.db", "three/acme/default/fhir.db"]
    {
        assert!(folder.path(file).is_file(), "{file}");
    }
    // A restart finds it all.
    let server = folder.server(&[]);
    assert_eq!(Of::new(&server, THREE[2]).ids("Patient"), ["only2", "p"]);
    server.stop_cleanly();
}

#[test]
fn unknown_tenants_and_datasources_are_refused_alike() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let mut told = Vec::new();
    for of in [
        ("none", "default"),
        ("acme", "trial"),
        ("default", "none"),
        ("ACME", "default"),
        ("..", "x"),
    ] {
        let mut of = Of::new(&server, of);
        for answer in [of.get("Patient"), of.get("metadata"), of.get_by_path("Patient")] {
            assert_eq!(answer.status, 400, "{}", answer.text());
            assert_eq!(answer.json()["resourceType"], "OperationOutcome");
            told.push(answer.json()["issue"].to_string());
        }
        let answer = of.ask("PUT", "Patient/p", &patient("p", "Nobody"));
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    told.dedup();
    assert_eq!(told.len(), 1, "an error doesn't tell which names there are: {told:?}");
    for of in THREE {
        assert_eq!(Of::new(&server, of).ids("Patient"), [] as [&str; 0]);
    }
}

#[test]
fn links_stay_with_their_tenant() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    for of in THREE {
        for number in 0..5 {
            Of::new(&server, of).put(&patient(&format!("{}{number}", of.1), "Many"));
        }
    }
    let origin = server.base.trim_end_matches("/fhir").to_owned();
    let mut acme = Of::new(&server, THREE[2]);
    // Through the URL, links lead on without a header.
    let first = acme.get_by_path("Patient?family=many&_count=2").json();
    let next = link(&first, "next").expect("a next page");
    assert!(next.starts_with(&format!("{origin}/tenants/acme/default/fhir/Patient?")), "{next}");
    assert!(first["entry"][0]["fullUrl"].as_str().expect("a URL").starts_with(&origin));
    let (mut page, mut seen) = (first, Vec::new());
    loop {
        seen.extend(ids(&page));
        let Some(next) = link(&page, "next") else { break };
        let answer =
            server.client().get(next.strip_prefix(&origin).expect("own")).expect("an answer");
        page = answer.json();
    }
    assert_eq!(seen, (0..5).map(|n| format!("default{n}")).collect::<Vec<_>>());
    // By headers, they lead on with the same headers, and to nobody else.
    let first = acme.get("Patient?family=many&_count=2").json();
    let next = link(&first, "next").expect("a next page");
    let path = next.strip_prefix(&format!("{}/", server.base)).expect("below /fhir").to_owned();
    assert_eq!(ids(&acme.get(&path).json()).len(), 2);
    for other in &THREE[..2] {
        let answer = Of::new(&server, *other).get(&path);
        assert_eq!(answer.status, 400, "a page is of one collection: {}", answer.text());
    }
    let created = acme.ask("POST", "Patient", &patient("x", "New"));
    assert!(
        created.header("location").is_some_and(|l| l.starts_with(&format!("{}/", server.base)))
    );
}

#[test]
fn references_to_either_base_are_to_the_tenants_own_resources() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let origin = server.base.trim_end_matches("/fhir").to_owned();
    for of in THREE {
        let mut of = Of::new(&server, of);
        of.put(&patient("p", "Roe"));
        of.put(&observation("header", &format!("{origin}/fhir/Patient/p")));
        of.put(&observation("path", &format!("{origin}{}/Patient/p", of.base())));
        of.put(&observation("foreign", &format!("{origin}/tenants/else/default/fhir/Patient/p")));
        assert_eq!(of.ids("Observation?subject.family=roe"), ["header", "path"]);
        assert_eq!(of.ids("Patient/p/$everything"), ["header", "p", "path"]);
    }
}

fn nickname() -> Value {
    json!({ "resourceType": "SearchParameter", "id": "nickname", "status": "active",
        "url": "http://example.org/nickname", "name": "nickname", "description": "x",
        "code": "nickname", "base": ["Patient"], "type": "string",
        "expression": "Patient.name.where(use='nickname').given" })
}

#[test]
fn a_tenants_search_parameters_are_its_own() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let named = json!({ "resourceType": "Patient", "id": "n",
        "name": [{ "use": "nickname", "given": ["Bill"] }] });
    for of in THREE {
        Of::new(&server, of).put(&named);
    }
    let mut acme = Of::new(&server, THREE[2]);
    assert_eq!(acme.strictly("Patient?nickname=bill").status, 400);
    acme.put(&nickname());
    let until = Instant::now() + Duration::from_secs(60);
    while acme.strictly("Patient?nickname=bill").status != 200 {
        assert!(Instant::now() < until, "it doesn't come in force");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(acme.ids("Patient?nickname=bill"), ["n"]);
    let jobs = server.client().get("/admin/jobs").expect("an answer").json();
    let owners: Vec<_> =
        jobs["jobs"].as_array().expect("jobs").iter().map(|job| &job["tenant"]).collect();
    assert_eq!(owners, ["acme"], "{jobs}");
    let path = format!("/admin/jobs/{}", jobs["jobs"][0]["id"].as_str().expect("an id"));
    assert_eq!(server.client().get(&path).expect("an answer").status, 200);
    for other in &THREE[..2] {
        let answer = Of::new(&server, *other).strictly("Patient?nickname=bill");
        assert_eq!(answer.status, 400, "{other:?} doesn't know it: {}", answer.text());
    }
}

#[test]
fn every_datasource_is_asked_whether_it_is_ready() {
    let folder = Folder::three();
    let server = folder.server(&[]);
    let ready = server.client().get("/health/ready").expect("an answer");
    assert_eq!((ready.status, ready.json()), (200, json!({ "status": "ready" })));
    let index = server.client().get("/admin/index").expect("an answer").json();
    let names: Vec<_> = index["datasources"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|d| (d["tenant"].as_str().expect("x"), d["datasource"].as_str().expect("x")))
        .collect();
    assert_eq!(names, [THREE[2], THREE[0], THREE[1]]);
}
