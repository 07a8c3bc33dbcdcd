//! A whole report as markdown, and as JSON.

use super::*;
use crate::latency::Quantiles;
use crate::machine::Machine;
use crate::process::Usage;
use crate::report::{AtRate, Hits, NotSupported, OpenLoop, SearchResult, Settings, Step};
use crate::tally::Tally;
use crate::watch::Used;

fn measurement(work: &str) -> Measurement {
    Measurement {
        operations: 12_345,
        requests: 12_345,
        operations_per_second: 2469.0,
        tenths: Some((3000.0, 1500.0)),
        latency_ms: Some(Quantiles { p50: 0.5, p95: 1.0, p99: 2.0, max: 30.25 }),
        errors: [("503".to_owned(), 2)].into(),
        used: Used {
            server: Some(Usage {
                cpu_seconds: 2.5,
                peak_memory: Some(100 << 20),
                bytes_written: Some(20 << 30),
            }),
            load_cpu_seconds: 1.25,
            others_cpu_seconds: Some(0.5),
        },
        ..Measurement::new(work, 16, &Tally::default(), Used::default())
    }
}

fn by(clients: usize, work: &str) -> Measurement {
    Measurement { clients, ..measurement(work) }
}

fn report() -> Report {
    Report {
        date: "2026-01-02T03:04:05Z".into(),
        base: "http://127.0.0.1:1/fhir".into(),
        software: "X 1".into(),
        machine: Machine {
            cores: 2,
            cpu: "CPU".into(),
            memory_bytes: 16 << 30,
            fdatasync_ms: Some(0.456),
        },
        settings: Settings { seconds: 5, runs: 3, seed: 1, process_watched: true },
        content: vec![("Patient".into(), 7)],
        works: vec![Runs(vec![measurement("load, resources")]), Runs(Vec::new())],
        searches: vec![SearchResult {
            shape: "token".into(),
            example: "Observation?code=a|b".into(),
            variants: 8,
            hits: Hits {
                each: vec![("a".into(), 30), ("b".into(), 40)],
                more: true,
                entries: 60,
                ignored: vec!["code".into()],
            },
            runs: [1, 16].map(|clients| Runs(vec![by(clients, "search: token")])).into(),
        }],
        open_loop: Some(OpenLoop {
            rate: 400,
            connections: 16,
            shapes: vec![AtRate { shape: "token".into(), runs: Runs(vec![measurement("token")]) }],
            most_p99_ms: 20,
            steps: vec![Step { rate: 12_800.0, held: false, run: measurement("mix") }],
            holds: None,
            breaks: Some(12_800.0),
        }),
        not_supported: vec![NotSupported {
            shape: "chain".into(),
            example: "Observation?subject.name=a".into(),
            answer: "400 no |\nchains".into(),
        }],
        left_out: vec!["updates".into()],
    }
}

#[test]
fn writes_every_part() {
    let text = Markdown(&report()).to_string();
    for line in [
        "- Machine: 2 cores, CPU, 16.0 GiB",
        "- Disk: fdatasync of 4 KiB, p50 0.46 ms",
        "- Content before reading: Patient 7",
        "| load, resources (first tenth 3,000/s, last 1,500/s) | 16 | 2,469 | 2,469–2,469 \
         | 2.50 | 4,938 | 0.50 | 1.00 | 2.00 | 30.25 | 2 × 503 | 100.0 MiB | 20.0 GiB | 1.25 | 0.50 |",
        "| token | `Observation?code=a\\|b` | 70+: 30 40, self link lacks code | 60 | 2,469 \
         | 2,469–2,469 | 0.20 | 0.50 | 1.00 | 2.00 | 30.25 | 2 × 503 | 0.50 |",
        "| chain | `Observation?subject.name=a` | 400 no \\| chains |",
        "### Searches, 1 client",
        "### Searches, 16 clients",
        "### Searches at 400/s over 16 connections, open loop",
        "| token | 2,469 | 0.20 | 0.50 | 1.00 | 2.00 | 30.25 | 2 × 503 | 0.50 |",
        "With p99 over 20 ms, or an error, twice in a row. The highest rate that held: none; the lowest that \
         broke: 12,800/s.",
        "| 12,800 | no | 2,469 | 0.20 | 0.50 | 1.00 | 2.00 | 30.25 | 2 × 503 | 0.50 |",
        "- updates",
    ] {
        assert!(text.lines().any(|written| written == line), "{line}\nis not in\n{text}");
    }
}

#[test]
fn the_rows_have_the_columns_of_their_heading() {
    let text = Markdown(&report()).to_string();
    let columns = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut expected = None;
    for line in text.lines() {
        if !line.starts_with('|') {
            expected = None;
            continue;
        }
        assert_eq!(columns(line), *expected.get_or_insert(columns(line)), "{line}");
    }
}

#[test]
fn the_json_has_every_run() {
    let json = serde_json::to_value(report()).expect("a report");
    assert_eq!(json["works"][0][0]["used"]["server"]["cpu_seconds"], 2.5);
    assert_eq!(json["searches"][0]["hits"]["each"][1][1], 40);
}
