//! Bodies that are no FHIR JSON.

use crate::target::{SECRET, SMALL_MIB, Target, refused};

const DEEP: usize = 100_000;

#[test]
fn nesting_without_end_is_refused() {
    let target = Target::start();
    let arrays = format!("{}{}", "[".repeat(DEEP), "]".repeat(DEEP));
    let objects = format!("{}1{}", r#"{"a":"#.repeat(DEEP), "}".repeat(DEEP));
    let unclosed = "[".repeat(DEEP);
    let parts =
        r#"{"resourceType":"Parameters","parameter":[{"name":"a","part":"#.repeat(DEEP / 10);
    let extensions =
        format!(r#"{{"resourceType":"Patient",{}"#, r#""extension":[{"url":"a","#.repeat(DEEP));
    for body in [arrays, objects, unclosed, parts, extensions] {
        for path in ["/fhir/Patient", "/fhir", "/fhir/Patient/$validate"] {
            refused(&target.post(path, &body), 400, "structure");
        }
        let mut client = target.client();
        refused(
            &client.request("PUT", "/fhir/Patient/a", &[], body.as_bytes()).unwrap(),
            400,
            "structure",
        );
        let patch = [("Content-Type", "application/json-patch+json")];
        refused(
            &client.request("PATCH", "/fhir/Patient/a", &patch, body.as_bytes()).unwrap(),
            400,
            "structure",
        );
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn text_that_is_no_json_is_refused() {
    let target = Target::start();
    let patient =
        |rest: &str| format!(r#"{{"resourceType":"Patient","language":"{SECRET}",{rest}}}"#);
    let mut bodies: Vec<Vec<u8>> = [
        patient(r#""active":NaN"#),
        patient(r#""active":Infinity"#),
        patient(r#""active":-Infinity"#),
        patient(r#""multipleBirthInteger":01"#),
        patient(r#""multipleBirthInteger":1."#),
        patient(r#""multipleBirthInteger":+1"#),
        patient(r#""multipleBirthInteger":0x10"#),
        patient(r#""active":true,"active":false"#),
        patient(r#""active":true,"\u0061ctive":false"#),
        patient(r#""name":[{"family":"a","family":"b"}]"#),
        patient(r#""name":[{"family":"\ud800"}]"#),
        patient(r#""name":[{"family":"\x"}]"#),
        patient("\"name\":[{\"family\":\"a\nb\"}]"),
        patient(r#""active":true,"#),
        patient(r#"'active':true"#),
        format!("{} {SECRET}", patient(r#""active":true"#)),
        format!("{SECRET}: yes"),
        format!("<Patient><id value='{SECRET}'/></Patient>"),
        String::new(),
        " ".to_owned(),
        "{".to_owned(),
        "\"".to_owned(),
    ]
    .map(String::into_bytes)
    .into();
    for bytes in [&b"\xff"[..], b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"] {
        let (before, after) =
            (&br#"{"resourceType":"Patient","name":[{"family":""#[..], &br#"ZZSECRETZZ"}]}"#[..]);
        bodies.push([before, bytes, after].concat());
    }
    bodies.push(patient(r#""active":true"#).encode_utf16().flat_map(u16::to_le_bytes).collect());
    for body in &bodies {
        let answer = target.post("/fhir/Patient", body);
        let shown = String::from_utf8_lossy(body);
        assert_eq!(answer.status, 400, "{shown} {}", answer.text());
        let code = answer.json()["issue"][0]["code"].as_str().unwrap_or_default().to_owned();
        assert!(["structure", "required"].contains(&&*code), "{shown} {}", answer.text());
        refused(&answer, 400, &code);
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn other_media_types_are_refused() {
    let target = Target::start();
    let mut client = target.client();
    let body = format!(r#"{{"resourceType":"Patient","name":[{{"family":"{SECRET}"}}]}}"#);
    for media in [
        "text/plain",
        "application/xml",
        "application/fhir+xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=utf-16",
        "application/fhir+json; fhirVersion=3.0",
        "nonsense",
        "",
    ] {
        let answer =
            client.request("POST", "/fhir/Patient", &[("Content-Type", media)], body.as_bytes());
        refused(&answer.unwrap(), 415, "not-supported");
    }
    for coding in ["br", "deflate", "gzip, gzip", "nonsense"] {
        let headers = [("Content-Encoding", coding)];
        let answer = client.request("POST", "/fhir/Patient", &headers, body.as_bytes());
        refused(&answer.unwrap(), 415, "not-supported");
    }
    for coding in ["gzip", "zstd"] {
        let headers = [("Content-Encoding", coding)];
        let answer = client.request("POST", "/fhir/Patient", &headers, body.as_bytes()).unwrap();
        assert_eq!(answer.status, 400, "{coding}: {}", answer.text());
    }
    for accept in ["application/fhir+xml", "text/html", "image/*", "application/fhir+json;q=0"] {
        let answer = client.request("GET", "/fhir/Patient", &[("Accept", accept)], b"").unwrap();
        refused(&answer, 406, "not-supported");
    }
    refused(&target.get("/fhir/Patient?_format=xml"), 406, "not-supported");
    target.goes_on(SMALL_MIB);
}
