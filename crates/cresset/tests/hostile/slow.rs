//! Clients that take their time.

use crate::target::{SMALL_MIB, Target};
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

const CLIENTS: usize = 200;
/// How long they are kept up; the server cuts headers off after 30 seconds.
const SECONDS: usize = 6;

/// Sends the next byte of a request that never ends.
fn drip(streams: &mut [TcpStream], request: &[u8], at: usize) -> usize {
    streams.iter_mut().filter(|stream| (&**stream).write_all(&request[at..=at]).is_ok()).count()
}

#[test]
fn slow_clients_stand_in_nobody_s_way() {
    let target = Target::start();
    let mut headers: Vec<_> = (0..CLIENTS).map(|_| target.connect()).collect();
    let mut bodies: Vec<_> = (0..CLIENTS).map(|_| target.connect()).collect();
    let head =
        "POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n";
    for stream in &mut bodies {
        stream.write_all(format!("{head}Content-Length: 10000000\r\n\r\n{{").as_bytes()).unwrap();
    }
    let mut client = target.client();
    for second in 0..SECONDS {
        drip(&mut headers, head.as_bytes(), second);
        drip(&mut bodies, b"          ", second);
        let until = Instant::now() + Duration::from_secs(1);
        let mut served = 0;
        while Instant::now() < until {
            let answer = client.get("/fhir/Patient/a").expect("an answer");
            assert_eq!(answer.status, 404, "{}", answer.text());
            served += 1;
        }
        let body = br#"{"resourceType":"Patient"}"#;
        let asked = Instant::now();
        assert_eq!(client.request("POST", "/fhir/Patient", &[], body).unwrap().status, 201);
        assert!(asked.elapsed() < Duration::from_secs(5), "a write took {:?}", asked.elapsed());
        assert!(served > 5, "{served} requests were served in a second");
    }
    target.goes_on(SMALL_MIB);
}

#[test]
fn a_request_that_never_ends_is_cut_off() {
    let target = Target::start();
    let mut stream = target.connect();
    let start = Instant::now();
    let request = b"GET /fhir/metadata HTTP/1.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    for byte in request.iter().cycle() {
        if stream.write_all(&[*byte]).is_err() {
            break;
        }
        assert!(
            start.elapsed() < Duration::from_secs(50),
            "the server waits for headers without end"
        );
        std::thread::sleep(Duration::from_millis(500));
    }
    target.goes_on(SMALL_MIB);
}
