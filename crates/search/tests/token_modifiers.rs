//! Modifiers of token parameters (R4 search, section 3.1.1.4.10).

mod server;

use cresset_search::{CodeSet, Coding, Expansions};
use server::Server;

const LOINC: &str = "http://loinc.org";

fn observation(id: &str, code: &str) -> String {
    format!(
        r#"{{"resourceType": "Observation", "id": "{id}", "status": "final", "code": {{{code}}}}}"#
    )
}

fn server() -> Server {
    let server = Server::new();
    for (id, code) in [
        (
            "a",
            r#""coding": [{"system": "http://loinc.org", "code": "1", "display": "Body height"}]"#,
        ),
        (
            "b",
            r#""coding": [{"system": "http://loinc.org", "code": "2"}], "text": "Größe (stehend)""#,
        ),
        ("c", r#""coding": [{"system": "urn:x", "code": "1"}, {"code": "3"}]"#),
        ("d", r#""text": "Height of the body""#),
    ] {
        server.put(&observation(id, code));
    }
    server.put(
        r#"{"resourceType": "Patient", "id": "p", "gender": "male",
            "identifier": [{"system": "urn:mrn", "value": "7", "type": {"text": "Medical record number",
            "coding": [{"system": "urn:types", "code": "MR"}, {"system": "urn:other", "code": "x|y"}]}},
            {"value": "8", "type": {"coding": [{"code": "MR"}]}}]}"#,
    );
    server.put(r#"{"resourceType": "Patient", "id": "q", "identifier": [{"value": "7"}]}"#);
    server
}

#[test]
fn text_finds_where_a_word_beside_the_code_begins() {
    let server = server();
    for (url, ids) in [
        ("Observation?code:text=body", "a d"),
        ("Observation?code:text=BODY HEI", "a"),
        ("Observation?code:text=height", "a d"),
        ("Observation?code:text=eight", ""),
        ("Observation?code:text=grosse", "b"),
        ("Observation?code:text=(Stehend)", "b"),
        ("Observation?code:text=stehend,height of", "b d"),
        ("Observation?code:text=1", ""),
        ("Patient?identifier:text=record", "p"),
        ("Patient?gender:text=male", ""),
        ("Observation?code:missing=true", ""),
        ("Observation?code:not=1", "b d"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
    assert!(server.refusal("Observation?code:text=-").contains("needs a word"));
}

#[test]
fn an_identifier_is_found_with_its_type() {
    let server = server();
    for (url, ids) in [
        ("Patient?identifier:of-type=urn:types|MR|7", "p"),
        ("Patient?identifier:of-type=urn:types|MR|8", ""),
        (r"Patient?identifier:of-type=urn:other|x\|y|7", "p"),
        ("Patient?identifier:of-type=urn:other|MR|7", ""),
        ("Patient?identifier:of-type=urn:types|MR|9,urn:types|MR|7", "p"),
    ] {
        assert_eq!(server.find(url), ids, "{url}");
    }
    for value in ["7", "MR|7", "|MR|7", "urn:types||7", "urn:types|MR|", "a|b|c|d"] {
        let refusal = server.refusal(&format!("Patient?identifier:of-type={value}"));
        assert!(refusal.contains("system|code|value"), "{refusal}");
    }
}

fn coding(system: &str, code: &str) -> Coding {
    Coding { system: system.to_owned(), code: code.to_owned() }
}

#[test]
fn sets_of_codes_are_asked_for_and_found() {
    let mut server = server();
    let set = |url: &str| CodeSet::ValueSet(url.to_owned());
    let cases = [
        ("Observation?code:in=http://sets/1", "a b"),
        ("Observation?code:not-in=http://sets/1", "c d"),
        ("Observation?code:in=http://sets/none", ""),
        ("Observation?code:not-in=http://sets/none", "a b c d"),
        ("Observation?code:in=http://sets/plain", "a c"),
        ("Observation?code:below=http://loinc.org|2", "a b"),
        ("Observation?code:above=http://loinc.org|2,1", "b c"),
        ("Patient?gender:in=http://sets/plain", "p"),
    ];
    let asked: Vec<CodeSet> = cases.iter().flat_map(|(url, _)| server.code_sets(url)).collect();
    server.expansions = Expansions::default();
    let codes = |set: &CodeSet| match set {
        CodeSet::ValueSet(url) if url.ends_with("/1") => {
            vec![coding(LOINC, "1"), coding(LOINC, "2")]
        }
        CodeSet::ValueSet(url) if url.ends_with("plain") => {
            vec![coding("", "1"), coding("", "male")]
        }
        CodeSet::ValueSet(_) => Vec::new(),
        CodeSet::Below(of) if *of == coding(LOINC, "2") => vec![of.clone(), coding(LOINC, "1")],
        CodeSet::Above(of) if *of == coding(LOINC, "2") => vec![of.clone()],
        CodeSet::Above(of) if *of == coding("", "1") => vec![coding("urn:x", "1")],
        other => panic!("not asked for: {other:?}"),
    };
    for set in asked {
        let codes = codes(&set).into();
        server.expansions.insert(set, Ok(codes));
    }
    for (url, ids) in cases {
        assert_eq!(server.find(url), ids, "{url}");
    }
    let reason = "the value set isn't known".to_owned();
    server.expansions.insert(set("http://sets/1"), Err(reason.clone()));
    assert!(server.refusal("Observation?code:in=http://sets/1").contains(&reason));
    assert!(server.refusal("Observation?code:in=http://sets/2").contains("isn't known here"));
    let many = (0..10_001).map(|n| coding(LOINC, &n.to_string())).collect();
    server.expansions.insert(set("http://sets/1"), Ok(many));
    assert!(server.refusal("Observation?code:in=http://sets/1").contains("10001 codes"));
}

#[test]
fn sets_are_asked_for_across_references_and_of_tokens_only() {
    let server = server();
    let set = |url: &str| CodeSet::ValueSet(url.to_owned());
    for (url, sets) in [
        ("Observation?code=1&date=2020", vec![]),
        ("Observation?code:in=http://a,http://b", vec![set("http://a"), set("http://b")]),
        ("Observation?patient.gender:not-in=ValueSet/1", vec![set("ValueSet/1")]),
        ("Patient?_has:Observation:patient:code:in=http://a", vec![set("http://a")]),
        ("ValueSet?url:below=http://x", vec![]),
        ("Observation?code:above=1", vec![CodeSet::Above(coding("", "1"))]),
        ("?_tag:in=http://a", vec![set("http://a")]),
    ] {
        assert_eq!(server.code_sets(url), sets, "{url}");
    }
}

#[test]
fn ten_thousand_codes_are_compiled_quickly() {
    let mut server = server();
    let codes = (0..10_000).map(|n| coding(LOINC, &n.to_string())).collect();
    server.expansions.insert(CodeSet::ValueSet("http://a".to_owned()), Ok(codes));
    let start = std::time::Instant::now();
    let request = server.request("Observation?code:in=http://a").expect("understood");
    eprintln!("10,000 codes in {:?}", start.elapsed());
    let cresset_store::Filter::Or(scans) = request.query.filter else { panic!("an Or") };
    assert_eq!(scans.len(), 10_000);
}
