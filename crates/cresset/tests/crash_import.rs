//! `kill -9` during an import, which is then run again: the contents are those of one that was left
//! alone.
//!
//! `CRESSET_CRASH_ROUNDS` (4; the full dose is 50) says how often, `CRESSET_CRASH_PATIENTS` (4) how
//! large the population is, `CRESSET_CRASH_SEED` at which moments.

mod support;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Stdio};
use std::time::{Duration, Instant};
use support::dose::{Dice, dose};
use support::server::{Server, cresset};
use support::store_commands::{Contents, assert_same, assert_verified, exported};

/// A population in a file, and what a store holds once it's imported.
struct Population {
    directory: tempfile::TempDir,
    file: PathBuf,
    contents: Contents,
    /// How long an import takes that is left alone.
    takes: Duration,
}

impl Population {
    fn new(index: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("population.ndjson");
        let patients = dose("CRESSET_CRASH_PATIENTS", 4).to_string();
        let output = cresset(&["sample", "--patients", &patients]).output().expect("sample runs");
        assert!(output.status.success());
        std::fs::write(&file, output.stdout).expect("a file");
        let mut population =
            Self { directory, file, contents: Contents::new(), takes: Duration::ZERO };
        let whole = population.store("whole");
        let started = Instant::now();
        population.import_to_the_end(&whole, index);
        population.takes = started.elapsed();
        population.contents = exported(&whole);
        assert!(population.contents.len() > 100, "the population is too small to be interrupted");
        population
    }

    fn store(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Starts an import.
    fn import(&self, data: &Path, index: &str) -> Child {
        let mut command = cresset(&["import", "--index", index, "--data"]);
        command.arg(data).arg("--refusals").arg(data.with_extension("refusals")).arg(&self.file);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("import starts")
    }

    fn import_to_the_end(&self, data: &Path, index: &str) {
        let output = self.import(data, index).wait_with_output().expect("import ends");
        let (said, log) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "import: {}\n{said}{log}", output.status);
    }

    /// Waits until an import says that it builds the index; returns its log, which must stay open.
    fn wait_for_the_index(&self, child: &mut Child) -> BufReader<ChildStderr> {
        let mut log = BufReader::new(child.stderr.take().expect("its log is ours"));
        let mut lines = log.by_ref().lines().map_while(Result::ok);
        let building = lines.any(|line| line.contains("building the index"));
        assert!(building, "the import did not say that it builds the index");
        log
    }

    /// How long building the index takes that is left alone.
    fn building_takes(&self) -> Duration {
        let mut child = self.import(&self.store("timed"), "deferred");
        let _log = self.wait_for_the_index(&mut child);
        let started = Instant::now();
        assert!(child.wait().expect("it ends").success());
        started.elapsed()
    }

    /// Compares, verifies, and searches: the index is there too.
    fn assert_whole(&self, data: &Path, when: &str) {
        assert_same(&exported(data), &self.contents, when);
        assert_verified(data, when);
        let patients = self.contents.keys().filter(|k| k.starts_with("Patient/")).count();
        let server = Server::start(data, &[], &[]);
        let found = server.client().get("/fhir/Patient?_count=1000").expect("an answer");
        assert_eq!(found.status, 200, "{when}: {}", found.text());
        assert_eq!(
            found.json()["entry"].as_array().map(Vec::len),
            Some(patients.min(1000)),
            "{when}"
        );
    }
}

fn kill(mut child: Child) {
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
}

#[test]
fn an_import_killed_at_any_moment_ends_with_the_same_contents_when_repeated() {
    let population = Population::new("inline");
    let mut dice = Dice::new("import");
    for round in 0..dose("CRESSET_CRASH_ROUNDS", 4) {
        // Both ways of indexing, killed once or twice.
        let index = ["inline", "deferred"][round % 2];
        let data = population.store(&format!("killed-{round}"));
        let mut moments = Vec::new();
        for _ in 0..=dice.below(2) {
            let within = population.takes.as_millis() as u64 * 11 / 10;
            let moment = Duration::from_millis(dice.below(within));
            moments.push(moment);
            let child = population.import(&data, index);
            std::thread::sleep(moment);
            kill(child);
        }
        let when =
            format!("round {round}, {index}, killed at {moments:?} of {:?}", population.takes);
        population.import_to_the_end(&data, index);
        population.assert_whole(&data, &when);
        std::fs::remove_dir_all(&data).expect("a store of our own");
    }
}

#[test]
fn an_import_killed_while_it_builds_its_index_ends_with_the_same_contents_when_repeated() {
    let population = Population::new("deferred");
    let takes = population.building_takes();
    let mut dice = Dice::new("index");
    for round in 0..dose("CRESSET_CRASH_ROUNDS", 4).div_ceil(2) {
        let data = population.store(&format!("killed-{round}"));
        let mut child = population.import(&data, "deferred");
        let _log = population.wait_for_the_index(&mut child);
        let moment = Duration::from_micros(dice.below(takes.as_micros() as u64));
        std::thread::sleep(moment);
        kill(child);
        // Whoever repeats it need not remember how it was begun.
        let index = ["deferred", "inline"][round % 2];
        population.import_to_the_end(&data, index);
        population.assert_whole(&data, &format!("killed {moment:?} into the index, then {index}"));
        std::fs::remove_dir_all(&data).expect("a store of our own");
    }
}
