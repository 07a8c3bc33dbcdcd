//! Addresses with tricks in them.

use crate::target::{SECRET, SMALL_MIB, Target, refused};

#[test]
fn ids_with_tricks_are_no_ids() {
    let target = Target::start();
    let patient = br#"{"resourceType":"Patient","id":"a"}"#;
    let long = "a".repeat(65);
    let ids = [
        "..%2f",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%5c..%5c",
        "%00",
        "a%00b",
        "a%0d%0aX-Header:%20b",
        &long,
        "%C3%A4",
        "%F0%9F%94%A5",
        "%ff",
        "%",
        "%zz",
        "a%",
        "a%2",
        "a_b",
        "a%20b",
        "a+b",
        "a*b",
        "'%3B%20DROP%20TABLE%20resource%3B--",
        "%24%7Bjndi:ldap:%2F%2Fx%7D",
    ];
    for id in ids {
        for method in ["GET", "PUT", "DELETE", "HEAD"] {
            let body: &[u8] = if method == "PUT" { patient } else { b"" };
            let path = format!("/fhir/Patient/{id}");
            let answer = target.client().request(method, &path, &[], body).expect("an answer");
            assert!(matches!(answer.status, 400 | 404 | 422), "{method} {id}: {}", answer.status);
            if method != "HEAD" {
                assert_eq!(answer.json()["resourceType"], "OperationOutcome", "{method} {id}");
            }
        }
        let version = target.get(&format!("/fhir/Patient/a/_history/{id}"));
        assert!(matches!(version.status, 400 | 404), "{id}: {}", version.status);
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn an_id_is_the_client_s_business_and_gets_into_no_log() {
    let target = Target::start();
    let path = format!("/fhir/Patient/{SECRET}");
    let body = format!(r#"{{"resourceType":"Patient","id":"{SECRET}"}}"#);
    let mut client = target.client();
    assert_eq!(client.get(&path).unwrap().status, 404);
    assert_eq!(client.request("PUT", &path, &[], body.as_bytes()).unwrap().status, 201);
    assert_eq!(client.request("DELETE", &path, &[], b"").unwrap().status / 100, 2);
    assert_eq!(client.get(&path).unwrap().status, 410);
    target.goes_on(SMALL_MIB);
}

#[test]
fn paths_lead_nowhere_but_to_fhir() {
    let target = Target::start();
    for path in [
        "/",
        "/fhir/../etc/passwd",
        "/fhir/..%2f..%2fetc/passwd",
        "/fhir/ZZUnknown",
        "/fhir/patient",
        "/fhir/$unknown",
        "/fhir/Patient/a/$unknown",
        "/fhir/Patient/a/b/c/d/e",
        "/fhir/_unknown",
        "/tenants/default/default",
        "/tenants/..%2f/default/fhir/Patient",
        "/tenants/nobody/default/fhir/Patient",
        "/admin/unknown",
        "/health/../fhir",
    ] {
        let answer = target.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        let outcome = answer.json();
        assert_eq!(outcome["resourceType"], "OperationOutcome", "{path}: {}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn unknown_methods_are_told_what_is_allowed() {
    let target = Target::start();
    for method in ["TRACE", "PROPFIND", "BREW", "get", "ZZ"] {
        let answer =
            target.client().request(method, "/fhir/Patient/a", &[], b"").expect("an answer");
        refused(&answer, 405, "not-supported");
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("GET")), "{method}");
    }
    let answer = target.client().request("DELETE", "/fhir/metadata", &[], b"").expect("an answer");
    refused(&answer, 405, "not-supported");
    let connect = target.raw("CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n");
    let status = connect.map(|answer| answer.status);
    assert!(matches!(status, None | Some(400..=499)), "{status:?}");
    target.goes_on(SMALL_MIB);
}
