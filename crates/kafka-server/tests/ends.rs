//! The end of a broker, and what happens without one.

use cresset_kafka_server::Broker;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take that is to happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps the test below from its end until its input has ended.
const HELD: &str = "CRESSET_TEST_HELD";

/// Run by the tests below in a process of its own.
#[test]
fn tells_its_address() {
    if std::env::var_os(HELD).is_none() {
        return;
    }
    let Some(broker) = Broker::shared_if_there() else { return };
    eprintln!("listens on {}", broker.bootstrap());
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink()).expect("an input");
}

/// This program, running only that test with a broker of its own.
fn telling() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.args(["tells_its_address", "--exact", "--nocapture"]).stdin(Stdio::null());
    command.env(HELD, "1").env_remove("CRESSET_KAFKA_BROKER");
    command
}

#[test]
fn a_broker_ends_when_it_is_dropped() {
    let Some(broker) = Broker::start() else { return };
    let address = broker.bootstrap();
    assert!(TcpStream::connect(&address).is_ok());
    drop(broker);
    assert!(TcpStream::connect(&address).is_err(), "it still listens");
}

#[test]
fn a_shared_one_ends_with_the_process() {
    ends_with(|child| {
        drop(child.stdin.take());
        assert!(child.wait().expect("it ends").success(), "a test that only tells an address");
    });
}

#[test]
fn a_shared_one_ends_with_a_process_that_is_killed() {
    ends_with(|child| {
        child.kill().expect("it runs");
        child.wait().expect("it ends");
    });
}

/// Starts this program again, lets it end when it has told its address, and waits until nobody listens
/// there and no file is left.
fn ends_with(end: impl FnOnce(&mut Child)) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = telling()
        .env("TMPDIR", folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this program runs");
    let told = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let mut told = told.map_while(Result::ok);
    let Some(address) = told.find_map(|line| Some(line.strip_prefix("listens on ")?.to_owned()))
    else {
        let ended = child.wait().expect("it ends");
        // Says once more why, and fails where that is a failure.
        assert!(Broker::start().is_none() && ended.success(), "it doesn't tell its address");
        return;
    };
    let files = || std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(files(), 1, "its data are elsewhere");
    end(&mut child);
    let bound = Instant::now() + PATIENCE;
    while TcpStream::connect(&address).is_ok() || files() > 0 {
        assert!(Instant::now() < bound, "it outlives its process");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn without_kafka_tests_are_skipped_loudly_and_fail_in_ci() {
    let run = |ci: &str| {
        let mut command = telling();
        command.env("CRESSET_KAFKA", "nowhere").env("CI", ci);
        let output = command.output().expect("this program runs");
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (success, told) = run("");
    assert!(success && told.contains("*** SKIPPED: no Kafka: "), "{told}");
    let (success, told) = run("true");
    assert!(!success && told.contains("no Kafka: let scripts/test fetch it"), "{told}");
}

#[test]
fn a_broker_that_is_named_is_the_shared_one() {
    let mut command = telling();
    // Nothing is started: there are no jars.
    command.env("CRESSET_KAFKA_BROKER", "kafka.example:9092").env("CRESSET_KAFKA", "nowhere");
    let output = command.env("CI", "true").output().expect("this program runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("listens on kafka.example:9092"), "{told}");
}

#[test]
fn a_broker_that_gives_up_says_why() {
    let start = || Broker::builder().property("num.io.threads", "none").start().map(drop);
    let told = match std::panic::catch_unwind(start) {
        Ok(None) => return,
        Ok(Some(())) => panic!("it starts"),
        Err(told) => told,
    };
    let told = told.downcast_ref::<String>().expect("a text");
    assert!(told.contains("num.io.threads"), "{told}");
}
