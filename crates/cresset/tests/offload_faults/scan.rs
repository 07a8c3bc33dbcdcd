//! A reconcile over many blobs, in many pieces.

use crate::reconcile::{self, Report};
use crate::rig::{Bodies, Rig, Rows, put};
use crate::support::dose::dose;
use cresset_fhir::definitions::Definitions;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Resources that are really there.
const LIVE: usize = 40;
/// What a process may take, whatever the number of blobs.
const MOST_KILOBYTES: u64 = 200_000;

#[test]
fn a_reconcile_in_pieces_takes_each_orphan_once_in_little_memory() {
    let rig = Rig::on_files(Rows::Sqlite);
    let server = rig.server();
    let client = &mut server.client();
    for number in 0..LIVE {
        let answer = put(client, &format!("orphan-{number}.5"), "Live", None).expect("an answer");
        assert_eq!(answer.status, 201);
    }
    let Bodies::Files(folder) = &rig.bodies else { panic!("they are in a directory") };
    let orphans = dose("CRESSET_RECONCILE_BLOBS", 3000);
    scatter(folder, orphans);
    assert_eq!(rig.blobs().len(), LIVE + orphans);
    // A few are looked through in no time; then each piece is a page.
    let seconds = if orphans > 20_000 { "1" } else { "0" };
    std::thread::sleep(Duration::from_millis(50));
    let only_told = in_pieces(&rig, &["--dry-run", "--max-scan-seconds", seconds]);
    assert_eq!(
        only_told.sums(),
        Sums { scanned: LIVE + orphans, matched: LIVE, orphaned: orphans, deleted: 0 }
    );
    assert_eq!(rig.blobs().len(), LIVE + orphans, "a dry run takes nothing away");
    let taken = in_pieces(&rig, &["--no-dry-run", "--max-scan-seconds", seconds]);
    assert_eq!(
        taken.sums(),
        Sums { scanned: LIVE + orphans, matched: LIVE, orphaned: orphans, deleted: orphans }
    );
    for pieces in [&only_told, &taken] {
        eprintln!(
            "{} pieces in {:?}, {} kB at most",
            pieces.reports.len(),
            pieces.took,
            pieces.peak
        );
        assert!(pieces.reports.len() > 1, "it was done at once");
        assert!((1..MOST_KILOBYTES).contains(&pieces.peak), "{} kB", pieces.peak);
    }
    // A connection may have idled for too long.
    rig.assert_agreement(&mut server.client(), "after all pieces");
}

/// Bodies that no row tells of: of other resources, of other versions and of other attempts, some of them
/// never finished.
fn scatter(folder: &Path, orphans: usize) {
    let patient = Definitions::r4().resource_type("Patient").expect("a type").number();
    for number in 0..orphans {
        let resource = number / 7;
        let type_number = [patient, 97, 2][resource % 3];
        let version = 1 + resource % 2;
        let parent = folder.join(format!("{type_number}/orphan-{resource}*5/{version}"));
        fs::create_dir_all(&parent).expect("a folder");
        let unfinished = if number % 11 == 0 { "#1" } else { "" };
        let name = format!("00000000-0000-4000-8000-{number:012x}{unfinished}");
        fs::write(parent.join(name), "{}").expect("a file");
    }
}

struct Pieces {
    reports: Vec<Report>,
    /// The most memory that one of them took.
    peak: u64,
    took: Duration,
}

#[derive(Debug, PartialEq, Eq)]
struct Sums {
    scanned: usize,
    matched: usize,
    orphaned: usize,
    deleted: usize,
}

impl Pieces {
    fn sums(&self) -> Sums {
        let sum = |of| {
            let numbers = self.reports.iter().map(|r| r.number(of).expect("a number") as usize);
            numbers.sum()
        };
        let [scanned, matched, orphaned, deleted] =
            ["scanned", "matched", "orphaned", "deleted"].map(sum);
        Sums { scanned, matched, orphaned, deleted }
    }
}

/// One process after the other, each with the token of the one before.
fn in_pieces(rig: &Rig, options: &[&str]) -> Pieces {
    let mut pieces = Pieces { reports: Vec::new(), peak: 0, took: Duration::ZERO };
    let begun = Instant::now();
    let mut token: Option<String> = None;
    loop {
        let mut all = options.to_vec();
        if let Some(token) = &token {
            all.extend(["--continuation-token", token]);
        }
        let mut command = reconcile::command(rig, 0, &all);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        while child.try_wait().expect("it can be asked").is_none() {
            pieces.peak = pieces.peak.max(high_water_mark(child.id()).unwrap_or_default());
            std::thread::sleep(Duration::from_millis(2));
        }
        let report = reconcile::report(child.wait_with_output().expect("it ends")).succeeded();
        let goes_on = report.said.contains("not done: go on with");
        token = report.token();
        pieces.reports.push(report);
        if !goes_on {
            pieces.took = begun.elapsed();
            return pieces;
        }
        assert!(token.is_some(), "no token is logged");
    }
}

fn high_water_mark(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
