//! Whole URLs: what is used, ignored and refused; results' parameters; chains.

mod server;

use cresset_search::{Expansions, Registry, SearchError, TotalMode};
use cresset_store::{Filter, SortBy};
use proptest::prelude::*;
use server::Server;

thread_local! {
    static REGISTRY: Registry = Registry::r4(Vec::new());
}

#[test]
fn parameters_of_results_are_read() {
    let server = Server::new();
    let request = server.request("Patient?_count=10&_sort=-birthdate,_lastUpdated&_total=accurate");
    let request = request.expect("understood");
    assert_eq!(
        (request.count, request.total, request.count_only),
        (Some(10), TotalMode::Accurate, false)
    );
    assert!(matches!(request.query.filter, Filter::All));
    let sort = &request.query.sort;
    assert!(
        sort[0].descending && matches!(&sort[0].by, SortBy::Parameters(parts) if parts.len() == 3)
    );
    assert!(!sort[1].descending && sort[1].by == SortBy::Updated);
    let request = server.request("Patient?_summary=count&_elements=name,id&_format=json");
    let request = request.expect("understood");
    assert_eq!((request.total, request.count_only), (TotalMode::Accurate, true));
    assert_eq!(request.elements, ["name", "id"]);
    assert!(server.request("Patient?_count=0").expect("understood").count_only);
    let request = server.request("Patient?_summary=data&name=x").expect("understood");
    assert_eq!(request.summary.as_deref(), Some("data"));
    assert_eq!(request.used[1], ("name".to_owned(), "x".to_owned()));
    let request = server.request("?_type=Patient,Observation").expect("understood");
    assert_eq!(request.query.types.len(), 2);
}

#[test]
fn what_is_not_known_is_ignored_by_name() {
    let server = Server::new();
    for url in [
        "Patient?nonsense=1",
        "Patient?family=",
        "Patient?general-practitioner.nonsense=x",
        "Patient?_has:Observation:nonsense:code=x",
        "Patient?_sort=nonsense",
        "Patient?_sort=family,_score",
        "Patient?_score=1",
        "Patient?_type=Patient",
        "?_type=",
        "Observation?subject:Medication.code=x",
        "Device?_has:Observation:patient:code=a",
        "Observation?patient.nonsense.name=x",
        "Patient?_has=x",
        "?family=x",
        "?birthdate=2020&_type=Patient,Observation",
    ] {
        assert_eq!(server.ignored(url).len(), 1, "{url}");
    }
}

#[test]
fn what_makes_no_sense_is_refused_without_its_value() {
    let server = Server::new();
    for url in [
        "Patient?birthdate=secret",
        "Patient?birthdate=zz2020",
        "Patient?_lastUpdated=secret",
        "Patient?family:secret=x",
        "Patient?family:text=secret",
        "Patient?gender:exact=secret",
        "Patient?family:not=secret",
        "Patient?active:missing=secret",
        "Patient?_count=secret",
        "Patient?_count=-1",
        "Patient?_total=secret",
        "Patient?_summary=secret",
        "?_type=Secret",
        "Patient?family.name=secret",
        "Patient?_has:Secret:patient:code=1",
        "Patient?_has:Observation:patient=1",
        "Patient?_id:exact=secret",
        "Patient?_query=secret",
        "Observation?subject:Medication=secret",
        r"Observation?code=secret\secret",
        "Patient?_contained=true&_sort=family",
        "Patient?_id=secret&_contained=true",
        "Patient?general-practitioner.name=secret&_contained=true",
        "?_contained=true",
        "Patient?_containedType=contained",
        "Patient?_contained=both",
        "Patient?_contained=secret",
        "Patient?_containedType=secret",
        "Patient?_list=$current-secret",
        "Patient?_list=Patient/secret",
        "Patient?_list:not=secret",
        "Patient?_filter=secret",
        "Patient?_filter=birthdate eq secret",
        "Patient?_include=secret",
        "Patient?_include:secret=Patient:organization",
        "?_type=Resource",
        "Observation?subject:family.name=secret",
        "Observation?value-quantity=secret",
        "Observation?code-value-quantity=a$secret",
        "RiskAssessment?probability=1secret",
    ] {
        let SearchError::Invalid { parameter, reason } = server.request(url).expect_err(url);
        let name = url.split_once('?').and_then(|(_, q)| q.split('=').next());
        assert_eq!(Some(parameter.as_str()), name);
        assert!(!reason.to_lowercase().contains("secret"), "{reason}");
    }
}

#[test]
fn hostile_searches_end_early() {
    let server = Server::new();
    let many = vec!["x"; 2_001].join(",");
    assert!(server.refusal(&format!("Patient?family={many}")).contains("2000 values"));
    let many = vec!["family=x"; 101].join("&");
    assert!(server.refusal(&format!("Patient?{many}")).contains("100 parameters"));
    let ids: Vec<String> = (0..1_000).map(|n| format!("id{n}")).collect();
    let refusal = server.refusal(&format!("Provenance?target={}", ids.join(",")));
    assert!(refusal.contains("asks for too much"), "{refusal}");
    let long = "x".repeat(60_000);
    assert!(server.request(&format!("Patient?_tag={long}")).is_ok());
    assert!(server.refusal(&format!("?_tag={long}")).contains("too long for so many types"));
    let deep = vec!["partof:Organization"; 20].join(".");
    assert!(server.refusal(&format!("Organization?{deep}.name=x")).contains("8 references"));
    let deep = "_has:Observation:focus:".repeat(20);
    assert!(server.refusal(&format!("Observation?{deep}code=x")).contains("8 references"));
    let open = ["subject"; 8].join(".");
    for leaf in ["_id", "nonsense", "_tag"] {
        let refusal = server.refusal(&format!("Observation?focus.{open}.{leaf}=x"));
        assert!(refusal.contains("8 references"), "{refusal}");
        let open = &open["subject.".len()..];
        let refusal = server.refusal(&format!("Observation?focus.{open}.{leaf}=x"));
        let reasons = ["too many types", "asks for too much"];
        assert!(reasons.iter().any(|reason| refusal.contains(reason)), "{refusal}");
    }
}

proptest! {
    /// Whatever comes in a URL gets an answer.
    #[test]
    fn any_url_is_answered(name in ".{0,30}", value in ".{0,30}") {
        REGISTRY.with(|registry| {
        let observation = registry.definitions().resource_type("Observation");
        let _ = registry.request(observation, &[(name.clone(), value.clone())], &Expansions::default());
        let _ = registry.request(None, &[(name, value)], &Expansions::default());
        });
    }

    #[test]
    fn any_value_is_answered(
        name in prop::sample::select(vec![
            "date", "code", "subject", "value-quantity", "value-string", "code-value-date",
            "code-value-quantity", "_lastUpdated", "_id", "_profile", "subject:identifier", "_sort",
            "_count", "_type", "_has:Observation:focus:date", "focus.value-quantity", "probability",
        ]),
        value in "(eq|ne|gt|ap|le|[a-z]{2})?[-+0-9Tt:.,|$\\\\\u{e9}eEZ ]{0,24}",
    ) {
        REGISTRY.with(|registry| {
            for of in ["Observation", "RiskAssessment"] {
                let of = registry.definitions().resource_type(of);
                let _ = registry.request(of, &[(name.to_owned(), value.clone())], &Expansions::default());
            }
        });
    }
}

#[test]
fn chains_and_reverse_chains() {
    let observation = |id: &str, subject: &str, code: &str| {
        format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "subject": {{"reference": "{subject}"}}, "code": {{"coding": [{{"code": "{code}"}}]}}}}"#
        )
    };
    let server = Server::with(&[
        r#"{"resourceType": "Organization", "id": "org", "name": "Clinic"}"#,
        r#"{"resourceType": "Patient", "id": "p1", "name": [{"family": "Peters"}],
            "managingOrganization": {"reference": "Organization/org"}}"#,
        r#"{"resourceType": "Patient", "id": "p2", "name": [{"family": "Smith"}], "gender": "male"}"#,
        r#"{"resourceType": "Device", "id": "d", "deviceName": [{"name": "Peters", "type": "other"}]}"#,
    ]);
    for (id, subject, code) in
        [("o1", "Patient/p1", "a"), ("o2", "Patient/p2", "b"), ("o3", "Device/d", "a")]
    {
        server.put(&observation(id, subject, code));
    }
    for (url, ids) in [
        ("Observation?subject:Patient.family=peters", "o1"),
        ("Observation?patient.family=peters,smith", "o1 o2"),
        ("Observation?subject.family=smith", "o2"),
        ("Observation?subject:Device.device-name=peters", "o3"),
        ("Observation?patient.organization.name=clin", "o1"),
        ("Observation?patient.gender:missing=true", "o1"),
        ("Observation?patient.family:exact=Smith&code=b", "o2"),
        ("Observation?subject._id=p1", "o1"),
        ("Patient?_has:Observation:patient:code=a", "p1"),
        ("Patient?_has:Observation:subject:code=b", "p2"),
        ("Device?_has:Observation:subject:code=a", "d"),
        ("Organization?_has:Patient:organization:_has:Observation:patient:code=a", "org"),
        ("Observation?patient._has:Observation:patient:code=b", "o2"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
}

#[test]
fn compartments_and_links_are_told() {
    use cresset_store::{Key, Query, ResourceId, TypeNumber};
    let server = Server::with(&[
        r#"{"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/1"}}"#,
        r#"{"resourceType": "Observation", "id": "o2", "status": "final", "code": {"text": "x"},
            "performer": [{"reference": "Patient/1"}]}"#,
        r#"{"resourceType": "Observation", "id": "o3", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/2"}}"#,
    ]);
    let observation = server.resource_type("Observation").expect("a type");
    let patient = server.resource_type("Patient").expect("a type");
    let key = Key::new(TypeNumber(patient.number()), ResourceId::new("1").expect("an id"));
    let filter = server.registry.compartment(&key, observation).expect("a member");
    let mut request = server.request("Observation?_count=9").expect("understood");
    request.query = Query { filter, ..request.query };
    assert_eq!(server.run(request), "o1 o2");
    let location = server.resource_type("Location").expect("a type");
    assert!(server.registry.compartment(&key, location).is_none());
    let links = server.registry.references(observation, "subject").expect("a parameter");
    assert_eq!(links[0].name(), "Observation.subject:reference");
}
