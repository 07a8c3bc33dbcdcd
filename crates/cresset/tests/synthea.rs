//! A whole Synthea population goes in and comes out again.
//!
//! `CRESSET_SYNTHEA` names the folder of its Bundles, or their `.tar.zst`.

#[path = "synthea/json.rs"]
mod json;
#[path = "synthea/set.rs"]
mod set;
mod support;

use json::Json;
use serde_json::Value;
use set::Expected;
use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output};
use support::server::{Server, cresset};
use tempfile::TempDir;

/// Resources in the set, each counted once.
const RESOURCES: usize = 64_109;
const ENTRIES: usize = 64_713;
/// Practitioners and organizations that recur with other contents.
const DIFFERENT: usize = 86;
/// Every so many resources is read over HTTP as well.
const SAMPLED: usize = 97;

#[test]
fn a_population_comes_back_as_it_was_sent_first() {
    let Some(location) = set::location() else { return };
    let expected = Expected::of(&location);
    assert_eq!((expected.entries, expected.first.len()), (ENTRIES, RESOURCES));
    assert_eq!(expected.different.len(), DIFFERENT);
    let folder = tempfile::tempdir().unwrap();
    imports(&location, &folder, &expected, RESOURCES);
    imports(&location, &folder, &expected, 0);
    exports_equal(&folder, &expected);
    reads_equal(&folder, &expected);
    let verified = output(in_store(&folder, "verify"));
    assert!(text(&verified).contains(" 0 breaches"), "{}", text(&verified));
}

fn in_store(folder: &TempDir, command: &str) -> Command {
    let mut command = cresset(&[command, "--data"]);
    command.arg(folder.path().join("store"));
    command
}

fn output(mut command: Command) -> Output {
    let output = command.output().expect("the binary runs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Imports the set; all that isn't created is the same as, or differs from, what came first.
fn imports(location: &Path, folder: &TempDir, expected: &Expected, created: usize) {
    let refusals = folder.path().join("refusals.ndjson");
    let mut import = in_store(folder, "import");
    import.arg("--refusals").arg(&refusals).arg(location);
    let summary = text(&output(import));
    let different = expected.recurring_with_other_contents();
    let same = ENTRIES - created - different;
    let counts = format!("{created} created, {same} same, {different} different, 0 refused;");
    assert!(summary.starts_with(&counts), "{counts} is expected: {summary}");
    if created == RESOURCES {
        assert_eq!(same, expected.same);
    }
    assert_eq!(named_in(&refusals), expected.different);
}

/// How often each resource is named in a refusals file.
fn named_in(refusals: &Path) -> BTreeMap<String, usize> {
    let mut named = BTreeMap::new();
    for line in fs::read_to_string(refusals).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["outcome"], "different", "{line}");
        assert!(line["source"].as_str().is_some_and(|s| s.ends_with(".json")), "{line}");
        assert!(line["entry"].as_u64().is_some_and(|number| number > 0), "{line}");
        assert!(!line["reasons"][0].as_str().unwrap_or_default().is_empty(), "{line}");
        *named.entry(line["resource"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    named
}

fn exports_equal(folder: &TempDir, expected: &Expected) {
    let out = folder.path().join("export");
    let mut export = in_store(folder, "export");
    export.arg("--out").arg(&out);
    output(export);
    let mut seen = HashSet::new();
    for file in fs::read_dir(&out).unwrap() {
        let file = file.unwrap().path();
        for line in BufReader::new(File::open(&file).unwrap()).lines() {
            let resource = Json::parse(&line.unwrap());
            let name = resource.name();
            assert_eq!(file.file_stem().unwrap().to_str(), resource.text("resourceType"));
            equals_first(&name, resource, expected);
            assert!(seen.insert(name), "exported twice");
        }
    }
    assert_eq!(seen.len(), RESOURCES);
}

fn reads_equal(folder: &TempDir, expected: &Expected) {
    let server = Server::start(&folder.path().join("store"), &[], &[]);
    let mut client = server.client();
    let mut names: Vec<_> = expected.first.keys().collect();
    names.sort();
    for name in names.into_iter().step_by(SAMPLED).chain(expected.different.keys()) {
        let answer = client.get(&format!("/fhir/{name}")).unwrap();
        assert_eq!((answer.status, answer.version()), (200, Some(1)), "{name}");
        equals_first(name, Json::parse(&answer.text()), expected);
    }
    assert!(server.stop().success());
}

fn equals_first(name: &str, resource: Json, expected: &Expected) {
    let meta = resource.get("meta").expect("the server sets meta");
    assert_eq!(meta.text("versionId"), Some("1"), "{name}");
    assert!(meta.text("lastUpdated").is_some(), "{name}");
    let first = expected.first.get(name).unwrap_or_else(|| panic!("{name} was never sent"));
    assert_eq!(&resource.without_version().normal(), first, "{name}");
}
