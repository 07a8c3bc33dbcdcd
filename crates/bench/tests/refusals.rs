//! What a benchmark refuses before it has sent anything.

use clap::Parser;
use cresset_bench::{BenchError, Options, WorkKind, run};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

fn options(arguments: &[&str]) -> Options {
    let arguments = ["bench"].iter().chain(arguments);
    Arguments::try_parse_from(arguments).expect("valid options").options
}

#[tokio::test]
async fn another_machine() {
    let refused = run(options(&["--base", "http://192.0.2.1:8080/fhir"])).await;
    let error = refused.expect_err("not loopback");
    assert!(matches!(error, BenchError::NotLoopback { .. }));
    let message = error.to_string();
    assert!(message.contains("http://192.0.2.1:8080/fhir") && message.contains("loopback"));
}

#[tokio::test]
async fn a_process_that_is_not_there() {
    let base = "http://127.0.0.1:9/fhir";
    let refused = run(options(&["--base", base, "--pid", "4294967295"])).await;
    assert!(matches!(refused, Err(BenchError::Process { pid: u32::MAX, .. })));
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    // A port that was free a moment ago and that nothing listens on now.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}/fhir", listener.local_addr().expect("an address"));
    drop(listener);
    let refused = run(options(&["--base", &base])).await;
    assert!(matches!(refused, Err(BenchError::Server { .. })));
}

#[test]
fn defaults_and_bounds() {
    let defaults = options(&["--base", "http://127.0.0.1/fhir"]);
    assert_eq!(defaults.clients, [1, 16, 64]);
    assert_eq!(defaults.work, WorkKind::ALL);
    for wrong in [["--clients", "0"], ["--seconds", "601"], ["--work", "delete"]] {
        let arguments = ["bench", "--base", "http://127.0.0.1"].into_iter().chain(wrong);
        assert!(Arguments::try_parse_from(arguments).is_err(), "{wrong:?}");
    }
}
