//! Headers beyond all measure, and headers with nonsense in them.

use crate::target::{SECRET, SMALL_MIB, Target, refused};

#[test]
fn too_many_or_too_long_headers_are_refused() {
    let target = Target::start();
    let many: String = (0..10_000).map(|n| format!("X-{n}: {SECRET}\r\n")).collect();
    let long = format!("X-Long: {}\r\n", SECRET.repeat(1 << 20));
    let long_name = format!("{}: 1\r\n", "X-Long".repeat(100_000));
    for headers in [many, long, long_name] {
        let answer =
            target.raw(format!("GET /fhir/Patient/a HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
        // The connection may break before the answer is read: the rest was never taken.
        let status = answer.map(|answer| answer.status);
        assert!(matches!(status, None | Some(431)), "{status:?}");
    }
    let hundred: String = (0..150).map(|n| format!("X-{n}: 1\r\n")).collect();
    let answer =
        target.raw(format!("GET /fhir/Patient/a HTTP/1.1\r\nHost: localhost\r\n{hundred}\r\n"));
    assert_eq!(answer.map(|answer| answer.status), Some(431));
    target.goes_on(SMALL_MIB);
}

#[test]
fn a_long_address_is_refused() {
    let target = Target::start();
    for length in [70_000, 10_000_000] {
        let path = format!("/fhir/Patient?name={}", "Z".repeat(length));
        let status =
            target.raw(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).map(|a| a.status);
        assert!(matches!(status, None | Some(400 | 414 | 431)), "{length}: {status:?}");
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn nonsense_in_headers_is_an_error_of_the_client() {
    let target = Target::start();
    let patient = br#"{"resourceType":"Patient","id":"a"}"#;
    let mut client = target.client();
    let put = |client: &mut crate::support::http::Client, header: (&str, &str)| {
        client.request("PUT", "/fhir/Patient/a", &[header], patient).unwrap()
    };
    assert_eq!(put(&mut client, ("X-Other", "1")).status, 201);
    for value in
        ["ZZSECRETZZ", "W/\"ZZSECRETZZ\"", "W/\"-1\"", "W/\"99999999999999999999999\"", "\"", ""]
    {
        let answer = put(&mut client, ("If-Match", value));
        assert!(matches!(answer.status, 400 | 412), "{value}: {}", answer.text());
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
    }
    for header in [
        ("If-None-Exist", "ZZUnknown"),
        ("If-None-Exist", "=ZZSECRETZZ"),
        ("If-None-Exist", "birthdate=ZZSECRETZZ"),
        ("If-None-Exist", "ZZUnknown=1"),
    ] {
        let answer = client.request("POST", "/fhir/Patient", &[header], patient).unwrap();
        assert!(matches!(answer.status, 400 | 412), "{header:?}: {}", answer.text());
        assert!(!answer.text().contains(SECRET), "{}", answer.text());
    }
    for header in [
        ("X-FHIR-TENANT-ID", "../../etc"),
        ("X-FHIR-DSID", "a/b"),
        ("X-FHIR-TENANT-ID", "ZZSECRETZZ"),
    ] {
        let answer = client.request("GET", "/fhir/Patient/a", &[header], b"").unwrap();
        assert!(matches!(answer.status, 400 | 404), "{header:?}: {}", answer.text());
        refused(&answer, answer.status, "not-found");
    }
    let odd = [
        ("Prefer", "return=ZZSECRETZZ"),
        ("If-Modified-Since", "ZZSECRETZZ"),
        ("Accept-Encoding", "ZZSECRETZZ;q=nan"),
        ("X-Request-Id", "ZZSECRETZZ\tand more than an id may hold"),
        ("Forwarded", "host=ZZSECRETZZ"),
    ];
    for header in odd {
        let answer = client.request("GET", "/fhir/Patient/a", &[header], b"").unwrap();
        assert!(matches!(answer.status, 200 | 400), "{header:?}: {}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn a_host_with_markup_in_it_gets_into_no_link() {
    let target = Target::start();
    for host in ["evil\"><script>", "a b", "localhost/evil?", "x@y", "%00"] {
        let request = format!(
            "GET /fhir/Patient?_count=1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        );
        let Some(answer) = target.raw(request) else { continue };
        assert!(matches!(answer.status, 200 | 400), "{host}: {}", answer.status);
        assert!(!answer.text().contains(host), "{host}: {}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}
