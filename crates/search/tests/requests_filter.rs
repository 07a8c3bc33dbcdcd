//! `_filter` (R4 search_filter): every operator on the types that it is for, logic, paths.

mod server;

use server::Server;
use std::collections::BTreeSet;

fn server() -> Server {
    Server::with(&[
        r#"{"resourceType": "Organization", "id": "org", "name": "Clinic"}"#,
        r#"{"resourceType": "Patient", "id": "a", "name": [{"family": "Peter", "given": ["Núñez"]}],
            "gender": "male", "birthDate": "1970-05-10", "active": true,
            "managingOrganization": {"reference": "Organization/org"},
            "identifier": [{"system": "urn:x", "value": "1"}, {"system": "urn:x", "value": "2"}]}"#,
        r#"{"resourceType": "Patient", "id": "b", "name": [{"family": "Peters, jr"}],
            "gender": "female", "birthDate": "1980",
            "identifier": [{"system": "urn:y", "value": "1"}]}"#,
        r#"{"resourceType": "Patient", "id": "c", "birthDate": "1990-01"}"#,
        r#"{"resourceType": "Observation", "id": "o1", "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": "1234-5"}]},
            "subject": {"reference": "Patient/a"},
            "effectivePeriod": {"start": "2020-01-01", "end": "2020-03-01"},
            "valueQuantity": {"value": 5.4, "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}}"#,
        r#"{"resourceType": "Observation", "id": "o2", "status": "amended",
            "code": {"coding": [{"system": "urn:x", "code": "1234-5"}]},
            "subject": {"reference": "Patient/b"}, "effectiveDateTime": "2020-02-10",
            "valueQuantity": {"value": 7, "unit": "mg"}}"#,
        r#"{"resourceType": "RiskAssessment", "id": "r", "status": "final",
            "subject": {"reference": "Patient/a"}, "prediction": [{"probabilityDecimal": 0.5}]}"#,
        r#"{"resourceType": "ValueSet", "id": "v", "status": "active", "url": "http://example.org/vs/x"}"#,
    ])
}

fn check(cases: &[(&str, &str, &str)]) {
    let server = server();
    for (of, filter, ids) in cases {
        let url = format!("{of}?_filter={filter}");
        assert_eq!(server.find(&url), *ids, "{filter}");
    }
}

#[test]
fn strings_are_compared_without_case_and_accents() {
    check(&[
        ("Patient", "family eq peter", "a"),
        ("Patient", r#"family eq "PETERS, JR""#, "b"),
        ("Patient", "given eq nunez", "a"),
        ("Patient", "family ne peter", "b"),
        ("Patient", "family sw peter", "a b"),
        ("Patient", r#"family sw "peters,""#, "b"),
        ("Patient", "family gt peter", "b"),
        ("Patient", "family ge peter", "a b"),
        ("Patient", "family lt \"peters, jr\"", "a"),
        ("Patient", "family le \"peters, jr\"", "a b"),
        ("Patient", "family pr true", "a b"),
        ("Patient", "family pr false", "c"),
    ]);
}

#[test]
fn tokens_references_and_uris() {
    check(&[
        ("Patient", "gender eq male", "a"),
        ("Patient", "gender ne male", "b"),
        ("Patient", "identifier eq urn:x|1", "a"),
        ("Patient", "identifier eq 1", "a b"),
        // One of the two is another.
        ("Patient", "identifier ne 1", "a"),
        ("Patient", "_id eq b", "b"),
        ("Patient", "_id ne b", "a c"),
        ("Observation", "code eq loinc|1234-5", "o1"),
        ("Observation", "code eq \"http://loinc.org|1234-5\"", "o1"),
        ("Observation", "subject re Patient/a", "o1"),
        ("Observation", "patient eq b", "o2"),
        ("Observation", "subject pr false", ""),
        ("ValueSet", "url eq http://example.org/vs/x", "v"),
        ("ValueSet", "url ne http://example.org/vs/x", ""),
        ("ValueSet", "url ss http://example.org/vs", "v"),
        ("ValueSet", "url sb http://example.org/vs/x/y", "v"),
    ]);
}

#[test]
fn numbers_quantities_and_dates() {
    check(&[
        ("RiskAssessment", "probability ge 0.5 and probability lt 0.6", "r"),
        ("RiskAssessment", "probability ne 0.5", ""),
        ("Observation", "value-quantity gt 5.4", "o2"),
        ("Observation", "value-quantity eq 5.4|ucum|mg", "o1"),
        ("Observation", "value-quantity ap 7", "o2"),
        ("Patient", "birthdate ge 1980-01-01", "b c"),
        ("Patient", "birthdate eq 1980", "b"),
        ("Patient", "birthdate sa 1980", "c"),
        ("Patient", "birthdate eb 1980", "a"),
        ("Observation", "date po 2020-02", "o1 o2"),
        ("Observation", "date po 2020-01", "o1"),
        ("Observation", "date eq 2020-02", "o2"),
        ("Patient", "_lastUpdated gt 2020-01-01T10:00:00+01:00", "a b c"),
        ("Patient", "_lastUpdated po 2020", ""),
        ("Patient", "_lastUpdated pr true", "a b c"),
    ]);
}

#[test]
fn logic_has_brackets_and_no_precedence() {
    check(&[
        ("Patient", "gender eq male or gender eq female and birthdate ge 1980", "b"),
        ("Patient", "gender eq male or (gender eq female and birthdate ge 1980)", "a b"),
        ("Patient", "not (gender eq male)", "b c"),
        ("Patient", "not (gender eq male or gender eq female)", "c"),
        ("Patient", "not (not (gender eq male)) and active eq true", "a"),
    ]);
    let server = server();
    assert_eq!(server.find("Patient?_filter=gender pr true&_filter=birthdate lt 1975"), "a");
    assert_eq!(server.find("Patient?_filter=gender pr true&family=peters"), "b");
    assert_eq!(server.find("?_type=Patient,Observation&_filter=_id eq a or _id eq o1"), "a o1");
}

#[test]
fn logic_is_that_of_sets_and_comparisons_are_parameters() {
    let server = server();
    let ids = |query: &str| {
        let found = server.find(&format!("Patient?{query}"));
        found.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let all = ids("_id=a,b,c");
    let atoms = [
        ("gender eq male", "gender=male"),
        ("birthdate ge 1980", "birthdate=ge1980"),
        ("birthdate ne 1980", "birthdate=ne1980"),
        ("family sw peter", "family=peter"),
        ("organization.name sw cli", "organization.name=cli"),
        ("identifier pr false", "identifier:missing=true"),
        ("_id eq c", "_id=c"),
        ("active eq false", "active=false"),
    ];
    for (a, parameter) in atoms {
        let a_ids = ids(&format!("_filter={a}"));
        assert_eq!(a_ids, ids(parameter), "{a}");
        assert_eq!(ids(&format!("_filter=not ({a})")), &all - &a_ids, "{a}");
        for (b, parameter) in atoms {
            let b_ids = ids(parameter);
            assert_eq!(ids(&format!("_filter={a} and {b}")), &a_ids & &b_ids, "{a}, {b}");
            assert_eq!(ids(&format!("_filter={a} or {b}")), &a_ids | &b_ids, "{a}, {b}");
            let both = format!("_filter=not ({a} or {b}) or {b}");
            assert_eq!(ids(&both), &(&all - &a_ids) | &b_ids, "{a}, {b}");
        }
    }
}

#[test]
fn paths_follow_references() {
    check(&[
        ("Observation", "subject.family eq peter", "o1"),
        ("Observation", "patient.organization.name sw clin", "o1"),
        ("Observation", "subject[gender eq female].family sw peter", "o2"),
        ("Observation", "subject[not (gender eq female)].family sw peter", "o1"),
        ("Observation", "patient.birthdate pr false", ""),
        ("Observation", "patient[organization.name eq clinic].active eq true", "o1"),
    ]);
}

#[test]
fn what_cannot_be_done_is_refused_by_name() {
    let server = server();
    for (filter, name) in [
        ("nonsense eq x", "nonsense: Patient has no such parameter"),
        ("gender gt male", "gender: gt can't be asked of a token parameter"),
        ("birthdate co 19", "birthdate: co can't be asked of a date parameter"),
        ("birthdate ew 1980", "birthdate: ew can't be asked of a date parameter"),
        ("identifier ne urn:x|1", "identifier: ne can't be asked with such a value"),
        ("family pr maybe", "family: pr must be followed by true or false"),
        ("birthdate ge ge2020", "birthdate: not a date"),
        ("family eq \"\"", "family: "),
        (
            "organization.nonsense eq x",
            "organization: nonsense: Organization has no such parameter",
        ),
        ("family.name eq x", "family: goes through what is no reference"),
        ("_filter eq x", "_filter: "),
        ("_list eq 1", "_list: "),
        ("_has eq 1", "_has: "),
    ] {
        let refusal = server.refusal(&format!("Patient?_filter={filter}"));
        assert!(refusal.starts_with(&format!("search parameter '_filter': {name}")), "{refusal}");
    }
    assert_eq!(server.ignored("Patient?_filter= "), ["_filter"]);
}

#[test]
fn expressions_are_bounded() {
    let server = server();
    let many = ["active eq true"; 2_001].join(" or ");
    assert!(server.refusal(&format!("Patient?_filter={many}")).contains("2000 values"));
    let open = ["subject"; 7].join(".");
    let refusal = server.refusal(&format!("Observation?_filter=focus.{open}._id eq x"));
    assert!(refusal.contains("too many types"), "{refusal}");
    let open = ["subject"; 8].join(".");
    let refusal = server.refusal(&format!("Observation?_filter=focus.{open}._id eq x"));
    assert!(refusal.contains("8 references"), "{refusal}");
    let within = format!("{}_id eq x{}", "focus[".repeat(20), "]._id eq x".repeat(20));
    let refusal = server.refusal(&format!("Observation?_filter={within}"));
    assert!(refusal.contains("too many types") || refusal.contains("8 references"), "{refusal}");
}
