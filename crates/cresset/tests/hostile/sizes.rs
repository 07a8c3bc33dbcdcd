//! Bodies beyond the limit, openly and in disguise.

use crate::support::http::read_response;
use crate::target::{SMALL_MIB, Target, refused};
use std::io::{BufReader, Read, Write};

const GIGABYTE: u64 = 1 << 30;
/// The server's default.
const LIMIT: u64 = 128 << 20;
/// More than the buffers of two sockets hold.
const SOCKETS: u64 = 64 << 20;

const HEAD: &str =
    "POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\n";

/// Sends a body in pieces until the server answers or hangs up; returns the bytes that it took.
fn pour(target: &Target, head: &str, chunked: bool) -> (u64, crate::support::http::Response) {
    let mut stream = target.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let reader = stream.try_clone().unwrap();
    let answer = std::thread::spawn(move || read_response(&mut BufReader::new(reader), "POST"));
    let piece = vec![b' '; 1 << 20];
    let mut sent = 0;
    while sent < GIGABYTE && !answer.is_finished() {
        let written = match chunked {
            false => stream.write_all(&piece),
            true => {
                let mut chunk = b"100000\r\n".to_vec();
                chunk.extend_from_slice(&piece);
                chunk.extend_from_slice(b"\r\n");
                stream.write_all(&chunk)
            }
        };
        if written.is_err() {
            break;
        }
        sent += piece.len() as u64;
    }
    (sent, answer.join().unwrap().expect("an answer"))
}

#[test]
fn a_gigabyte_that_is_announced_is_refused_before_it_is_read() {
    let target = Target::start();
    let head = format!("{HEAD}Content-Length: {GIGABYTE}\r\n\r\n");
    let (sent, answer) = pour(&target, &head, false);
    refused(&answer, 413, "too-long");
    assert!(sent < 16 << 20, "{sent} bytes were taken");
    // Whoever asks first isn't told to go on.
    let head = format!("{HEAD}Content-Length: {GIGABYTE}\r\nExpect: 100-continue\r\n\r\n");
    let mut stream = target.connect();
    stream.write_all(head.as_bytes()).unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"HTTP/1.1 413");
    target.goes_on(SMALL_MIB);
}

#[test]
fn a_gigabyte_without_a_length_is_refused_at_the_limit() {
    let target = Target::start();
    let (sent, answer) = pour(&target, &format!("{HEAD}Transfer-Encoding: chunked\r\n\r\n"), true);
    refused(&answer, 413, "too-long");
    // Beyond the limit stand only the kernel's buffers of both sockets, 36 MiB on many machines.
    assert!(sent < LIMIT + SOCKETS, "{sent} bytes were taken");
    target.goes_on(SMALL_MIB + 2 * (LIMIT >> 20));
}

#[test]
fn absurd_lengths_are_refused() {
    let target = Target::start();
    for length in ["-1", "1e3", "18446744073709551616", "99999999999999999999999", "1, 2", "ZZ"] {
        let answer = target.raw(format!("{HEAD}Content-Length: {length}\r\n\r\n{{}}"));
        let status = answer.map(|answer| answer.status);
        assert!(matches!(status, None | Some(400 | 413)), "{length}: {status:?}");
    }
    let both = format!("{HEAD}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    let status = target.raw(both).map(|answer| answer.status);
    assert!(matches!(status, None | Some(400..=499)), "{status:?}");
    target.goes_on(SMALL_MIB);
}

#[test]
fn compressed_bodies_may_not_grow_beyond_the_limit() {
    let target = Target::with(&["--max-body", "16MiB"]);
    let spaces = vec![b' '; 1 << 20];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut zstd = zstd::Encoder::new(Vec::new(), 1).unwrap();
    let mut many = Vec::new();
    for _ in 0..64 {
        gzip.write_all(&spaces).unwrap();
        zstd.write_all(&spaces).unwrap();
    }
    // Many small members, each of them within the limit.
    let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    member.write_all(&spaces).unwrap();
    let member = member.finish().unwrap();
    (0..64).for_each(|_| many.extend_from_slice(&member));
    let bombs =
        [("gzip", gzip.finish().unwrap()), ("zstd", zstd.finish().unwrap()), ("gzip", many)];
    for (coding, bomb) in &bombs {
        assert!(bomb.len() < 4 << 20);
        for path in ["/fhir/Patient", "/fhir", "/fhir/Patient/_search"] {
            let headers = [("Content-Encoding", *coding)];
            let answer = target.client().request("POST", path, &headers, bomb).unwrap();
            refused(&answer, 413, "too-long");
        }
    }
    for (coding, bomb) in bombs {
        let headers = [("Content-Encoding", coding)];
        let cut = &bomb[..bomb.len() / 100];
        let answer = target.client().request("POST", "/fhir/Patient", &headers, cut).unwrap();
        assert!(matches!(answer.status, 400 | 413), "{}", answer.text());
    }
    target.goes_on(SMALL_MIB);
}
