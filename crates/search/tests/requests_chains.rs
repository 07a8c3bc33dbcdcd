//! Searches across references: chains, `_has`, `_list`, each behind the other (R4 search, sections
//! 3.1.1.4.4 and 3.1.1.4.5).

mod server;

use server::Server;

fn server() -> Server {
    let server = Server::with(&[
        r#"{"resourceType": "Organization", "id": "top", "name": "Group"}"#,
        r#"{"resourceType": "Organization", "id": "org", "name": "Clinic",
            "partOf": {"reference": "Organization/top"}}"#,
        r#"{"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Who"}], "gender": "male"}"#,
        r#"{"resourceType": "Patient", "id": "p1", "name": [{"family": "Peters"}], "gender": "female",
            "managingOrganization": {"reference": "Organization/org"},
            "generalPractitioner": [{"reference": "Practitioner/dr"}]}"#,
        r#"{"resourceType": "Patient", "id": "p2", "name": [{"family": "Smith"}], "gender": "male"}"#,
        r#"{"resourceType": "Patient", "id": "p3", "active": true}"#,
        r#"{"resourceType": "Group", "id": "g", "type": "person", "actual": true}"#,
        r#"{"resourceType": "List", "id": "l1", "status": "current", "mode": "working",
            "entry": [{"item": {"reference": "Patient/p1"}}, {"item": {"reference": "Patient/p3"}},
                {"item": {"reference": "Observation/o2"}}]}"#,
        r#"{"resourceType": "List", "id": "l2", "status": "current", "mode": "working",
            "entry": [{"item": {"reference": "Patient/p2"}}, {"item": {"reference": "Patient/p3"}}]}"#,
        r#"{"resourceType": "List", "id": "l3", "status": "current", "mode": "working"}"#,
    ]);
    for (id, subject, code) in [
        ("o1", "Patient/p1", "a"),
        ("o2", "Patient/p2", "b"),
        ("o3", "Group/g", "a"),
        ("o4", "Patient/p1", "b"),
        ("o5", "Patient/gone", "a"),
    ] {
        server.put(&format!(
            r#"{{"resourceType": "Observation", "id": "{id}", "status": "final",
            "subject": {{"reference": "{subject}"}}, "code": {{"coding": [{{"code": "{code}"}}]}},
            "performer": [{{"reference": "Practitioner/dr"}}]}}"#
        ));
    }
    server
}

fn check(cases: &[(&str, &str)]) {
    let server = server();
    for (url, ids) in cases {
        assert_eq!(server.find(url), *ids, "{url}");
    }
}

#[test]
fn modifiers_at_a_chains_end() {
    check(&[
        ("Observation?patient.gender:not=male", "o1 o4"),
        ("Observation?subject.gender:not=male", "o1 o4"),
        ("Observation?patient.organization:missing=true", "o2"),
        ("Observation?patient.organization:missing=false", "o1 o4"),
        ("Observation?patient.family:exact=Smith", "o2"),
        ("Observation?subject:Patient.identifier:missing=true", "o1 o2 o4"),
        ("Observation?subject:Patient.general-practitioner:Practitioner=dr", "o1 o4"),
        ("Patient?_has:Observation:patient:code:not=a", "p1 p2"),
        ("Patient?_has:Observation:patient:performer:missing=false", "p1 p2"),
    ]);
}

#[test]
fn only_targets_with_the_parameter_are_asked() {
    check(&[
        // Groups and Devices have no `family`; Groups have a `type`, others something else.
        ("Observation?subject.family=peters", "o1 o4"),
        ("Observation?subject.actual=true", "o3"),
        ("Observation?subject._id=p1,g", "o1 o3 o4"),
        ("Observation?performer.gender=male", "o1 o2 o3 o4 o5"),
        ("Observation?performer:Practitioner.family=who&subject:Group.type=person", "o3"),
    ]);
}

#[test]
fn chains_and_reverse_chains_behind_each_other() {
    check(&[
        ("Observation?patient.organization.partof.name=group", "o1 o4"),
        ("Observation?patient.organization:Organization.partof:Organization.name=group", "o1 o4"),
        ("Patient?_has:Observation:patient:performer:Practitioner.family=who", "p1 p2"),
        ("Practitioner?_has:Observation:performer:subject:Patient.organization.name=cli", "dr"),
        ("Practitioner?_has:Observation:performer:subject:Patient.organization.name=nope", ""),
        ("Organization?_has:Patient:organization:_has:Observation:patient:code=b", "org"),
        ("Organization?_has:Organization:partof:_has:Patient:organization:family=peters", "top"),
        ("Observation?patient._has:Observation:patient:code=a", "o1 o4"),
        ("Observation?patient.organization._has:Patient:organization:gender=female", "o1 o4"),
        ("Patient?_has:Observation:patient:code=a&_has:Observation:patient:code=b", "p1"),
        ("Patient?_has:Observation:patient:code=a,b", "p1 p2"),
        ("?_type=Patient,Group&_has:Observation:subject:code=a", "p1 g"),
        ("?_type=Observation,Condition&patient.family=smith", "o2"),
    ]);
}

#[test]
fn lists_name_what_they_refer_to() {
    check(&[
        ("Patient?_list=l1", "p1 p3"),
        ("Patient?_list=List/l1", "p1 p3"),
        ("Patient?_list=https://own.example/fhir/List/l1", "p1 p3"),
        ("Patient?_list=l1,l2", "p1 p2 p3"),
        ("Patient?_list=l1&_list=l2", "p3"),
        ("Patient?_list=l3", ""),
        ("Patient?_list=nobody", ""),
        ("Observation?_list=l1", "o2"),
        ("?_list=l1", "p1 p3 o2"),
        ("?_type=Observation,Patient&_list=l1&_id=p3,o2", "p3 o2"),
        ("Patient?_list=l1&gender=female", "p1"),
        ("Observation?patient._list=l2", "o2"),
        ("Patient?_has:Observation:patient:_list=l1", "p2"),
    ]);
}

#[test]
fn a_wrong_value_is_told_before_an_unknown_name() {
    let server = server();
    assert!(server.refusal("Observation?subject.birthdate=x").contains("not a date"));
    assert_eq!(server.ignored("Observation?subject.nonsense=x"), ["subject.nonsense"]);
    assert_eq!(server.ignored("Observation?patient.actual=true"), ["patient.actual"]);
    let request = server.request("Observation?patient:Group.actual=true").expect("understood");
    assert_eq!(request.ignored[0].reason, "leads to no such type");
    assert!(request.used.is_empty());
    assert!(server.refusal("Observation?subject:exact.name=x").contains("takes a type only"));
}
