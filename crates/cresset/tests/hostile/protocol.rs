//! HTTP as it was, as it may be, and as it may not be.

use crate::support::http::read_response;
use crate::target::{SMALL_MIB, Target};
use std::io::{BufReader, Read, Write};

#[test]
fn http_1_0_is_answered_and_the_connection_closed() {
    let target = Target::start();
    let mut stream = target.connect();
    stream.write_all(b"GET /fhir/metadata HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the server closes the connection");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.0 200"), "{}", &answer[..80]);
    assert!(answer.contains("CapabilityStatement"));
    assert!(!answer.to_ascii_lowercase().contains("transfer-encoding"), "HTTP/1.0 knows no chunks");
    target.goes_on(SMALL_MIB);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let target = Target::start();
    let body = br#"{"resourceType":"Patient","id":"a"}"#;
    assert_eq!(target.client().request("PUT", "/fhir/Patient/a", &[], body).unwrap().status, 201);
    let mut stream = target.connect();
    let mut requests = Vec::new();
    for n in 0..200 {
        let path = if n % 2 == 0 { "Patient/a" } else { "Patient/b" };
        requests.extend_from_slice(
            format!("GET /fhir/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes(),
        );
    }
    stream.write_all(&requests).unwrap();
    let mut reader = BufReader::new(stream);
    for n in 0..200 {
        let answer = read_response(&mut reader, "GET").unwrap();
        assert_eq!(answer.status, if n % 2 == 0 { 200 } else { 404 }, "the answer to request {n}");
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn bodies_that_break_off_write_nothing() {
    let target = Target::start();
    let head = "PUT /fhir/Patient/torn HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n";
    let whole = r#"{"resourceType":"Patient","id":"torn"}"#;
    for request in [
        format!("{head}Content-Length: 1000\r\n\r\n{whole}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{whole}\r\n", whole.len()),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nffff\r\n{whole}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\nnonsense\r\n{whole}\r\n0\r\n\r\n"),
    ] {
        let status = target.raw(&request).map(|answer| answer.status);
        assert!(matches!(status, None | Some(400)), "{status:?} for {request}");
        assert_eq!(target.get("/fhir/Patient/torn").status, 404, "{request}");
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn what_is_no_http_ends_that_connection_only() {
    let target = Target::start();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\r\n\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /fhir/metadata HTTP/9.9\r\n\r\n",
        b"GET /fhir/metadata\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense nonsense nonsense",
        b"\0\0\0\0\0\0\0\0",
        b"GET /fhir/metadata HTTP/1.1\r\nHost: a\r\n continued\r\n: no name\r\n\r\n",
        b"GET /fhir/metadata HTTP/1.1\r\nX: \0\r\n\r\n",
    ] {
        let status = target.raw(bytes).map(|answer| answer.status);
        assert!(
            matches!(status, None | Some(400..=499)),
            "{status:?} for {:?}",
            String::from_utf8_lossy(bytes)
        );
    }
    target.goes_on(SMALL_MIB);
}
