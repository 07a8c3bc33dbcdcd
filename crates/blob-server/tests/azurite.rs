//! A server of a test's own, from its start to its end.

#[allow(dead_code, reason = "each test program uses its part")]
mod support;

use cresset_blob_server::{Azurite, shared_if_there};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};
use support::{Client, status};

/// How long anything may take that is to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// One for the whole process, so that clients may keep it.
fn own() -> Option<&'static Azurite> {
    Azurite::start().map(|azurite| &*Box::leak(Box::new(azurite)))
}

#[tokio::test]
async fn keeps_what_it_acknowledged_when_it_is_killed() {
    let Some(azurite) = own() else { return };
    let client = Client::of(azurite, azurite.port());
    assert_eq!(client.create("kept").await, 201);
    let body = vec![7; 100_000];
    for round in 0..3 {
        let blob = format!("kept/97/a*b/{round}");
        assert_eq!(status(&client.put(&blob, &body).await), Some(201));
        azurite.kill();
        assert!(TcpStream::connect(("127.0.0.1", azurite.port())).is_err(), "it is down");
        azurite.restart();
        for earlier in 0..=round {
            let answer = client.get(&format!("kept/97/a*b/{earlier}")).await.expect("an answer");
            assert_eq!((answer.status().as_u16(), answer.body().len()), (200, body.len()));
            assert!(answer.body() == &body[..], "other bytes than were put");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_what_it_acknowledged_when_it_is_killed_among_many_puts() {
    static PUTS: AtomicUsize = AtomicUsize::new(0);
    let Some(azurite) = own() else { return };
    let client = Client::of(azurite, azurite.port());
    assert_eq!(client.create("many").await, 201);
    let writers = (0..8).map(|writer| {
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            // Until it is down.
            for number in 0.. {
                let blob = format!("many/{writer}/{number}");
                if status(&client.put(&blob, blob.as_bytes()).await) != Some(201) {
                    break;
                }
                acknowledged.push(blob);
                PUTS.fetch_add(1, Ordering::SeqCst);
            }
            acknowledged
        })
    });
    let writers: Vec<_> = writers.collect();
    let bound = Instant::now() + PATIENCE;
    while PUTS.load(Ordering::SeqCst) < 200 {
        assert!(Instant::now() < bound, "200 puts take too long");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    tokio::task::spawn_blocking(|| azurite.kill()).await.expect("it dies");
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("a writer ends"));
    }
    azurite.restart();
    for blob in acknowledged {
        let answer = client.get(&blob).await.expect("an answer");
        assert_eq!(answer.body(), blob.as_bytes());
    }
}

#[tokio::test]
async fn refuses_a_signature_of_another_key() {
    let Some(azurite) = shared_if_there() else { return };
    let client = Client::of(azurite, azurite.port());
    assert_eq!(client.create("signed").await, 201);
    assert_eq!(status(&client.get("signed/nothing").await), Some(404));
    let request = http::Request::get(format!("/{}/signed/nothing", azurite.account()))
        .header("host", "127.0.0.1")
        .header("x-ms-version", "2021-08-06")
        .header("x-ms-date", httpdate::fmt_http_date(SystemTime::now()))
        .header("authorization", format!("SharedKey {}:AAAA", azurite.account()));
    let request = request.body(http_body_util::Full::default()).expect("a request");
    assert_eq!(status(&support::exchange(azurite.port(), request).await), Some(403));
}

#[test]
fn ends_when_it_is_dropped() {
    let Some(azurite) = Azurite::start() else { return };
    let port = azurite.port();
    let text = azurite.connection_string();
    assert!(text.contains(&format!("BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;")));
    assert!(azurite.connection_string_through(1).contains("http://127.0.0.1:1/devstore"));
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(azurite);
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "it still listens");
}

/// Keeps the test below from its end until its input has ended.
const HELD: &str = "CRESSET_TEST_HELD";

/// Run by the tests below in a process of its own.
#[test]
fn tells_its_port() {
    let Some(azurite) = shared_if_there() else { return };
    eprintln!("listens on {}", azurite.port());
    if std::env::var_os(HELD).is_some() {
        std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).expect("an input");
    }
}

/// This program, running only that test.
fn telling() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["tells_its_port", "--exact", "--nocapture"]).stdin(Stdio::null());
    command
}

#[test]
fn a_shared_one_ends_with_the_process() {
    ends_with(|child| {
        drop(child.stdin.take());
        assert!(child.wait().expect("it ends").success(), "a test that only tells its port");
    });
}

#[test]
fn a_shared_one_ends_with_a_process_that_is_killed() {
    ends_with(|child| {
        child.kill().expect("it runs");
        child.wait().expect("it ends");
    });
}

/// Starts this program again, lets it end when it has told its port, and waits until nobody listens there
/// and no file is left.
fn ends_with(end: impl FnOnce(&mut Child)) {
    if shared_if_there().is_none() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = telling()
        .env("TMPDIR", folder.path())
        .env(HELD, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this program runs");
    let mut told = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let port = told.find_map(|line| line.ok()?.strip_prefix("listens on ")?.parse::<u16>().ok());
    let port = port.expect("a port");
    let files = || std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files(), 1, "its data are elsewhere");
    end(&mut child);
    let bound = Instant::now() + PATIENCE;
    while TcpStream::connect(("127.0.0.1", port)).is_ok() || files() > 0 {
        assert!(Instant::now() < bound, "it outlives its process");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_azurite_tests_are_skipped_loudly_and_fail_in_ci() {
    let run = |ci: &str| {
        let mut command = telling();
        command.env("CRESSET_AZURITE", "nowhere/azurite-blob").env("CI", ci);
        let output = command.output().expect("this program runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (success, told) = run("");
    assert!(success && told.contains("*** SKIPPED: no Azurite: "), "{told}");
    let (success, told) = run("true");
    assert!(!success && told.contains("no Azurite: let scripts/test install it"), "{told}");
}
