//! Which crate may depend on which: `ARCHITECTURE.md` says why.

use serde_json::Value;
use std::process::Command;

/// The crates of the workspace, and those of them that each may name. A store's backends aren't
/// listed one by one: see [`allowed`].
const LAYERS: &[(&str, &[&str])] = &[
    ("cresset-fhir", &[]),
    ("cresset-fhirpath", &["cresset-fhir"]),
    ("cresset-terminology", &["cresset-fhir"]),
    ("cresset-store", &[]),
    ("cresset-search", &["cresset-fhir", "cresset-fhirpath", "cresset-store"]),
    (
        "cresset-interaction",
        &[
            "cresset-fhir",
            "cresset-fhirpath",
            "cresset-search",
            "cresset-store",
            "cresset-terminology",
        ],
    ),
    ("cresset-payload", &["cresset-store"]),
    ("cresset-index", &["cresset-fhir", "cresset-store"]),
    ("cresset-config", &["cresset-fhir"]),
    ("cresset-copy", &["cresset-interaction", "cresset-search", "cresset-store"]),
    ("cresset-http", &["cresset-fhir", "cresset-interaction", "cresset-search", "cresset-store"]),
    ("cresset-sample", &[]),
    ("cresset-bench", &[]),
    ("cresset-definitions-pack", &["cresset-fhir", "cresset-terminology"]),
    ("cresset-scenarios", &[]),
    ("cresset-oracle", &["cresset-fhir"]),
    ("cresset-test-service", &[]),
    ("cresset-postgres-server", &["cresset-test-service"]),
    ("cresset-blob-server", &["cresset-test-service"]),
    ("cresset-kafka-server", &["cresset-test-service"]),
];

/// The only crate that chooses backends.
const BINARY: &str = "cresset";

/// What the tests of any crate may use besides.
const FOR_TESTS: &[&str] = &[
    "cresset-sample",
    "cresset-postgres-server",
    "cresset-blob-server",
    "cresset-kafka-server",
    "cresset-test-service",
];

/// What the tests of one crate may use besides.
const FOR_TESTS_OF: &[(&str, &[&str])] = &[
    ("cresset-copy", &["cresset-fhir", "cresset-store-sqlite"]),
    ("cresset-payload", &["cresset-store-postgres", "cresset-store-sqlite"]),
    ("cresset-index", &["cresset-store-postgres"]),
];

struct Dependency {
    from: String,
    to: String,
    for_tests: bool,
}

#[test]
fn crates_depend_only_on_layers_below() {
    let wrong: Vec<String> = dependencies(&metadata())
        .iter()
        .filter(|d| !is_allowed(d))
        .map(|d| format!("{} must not depend on {}", d.from, d.to))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_crate_has_its_layer() {
    let metadata = metadata();
    let crates = packages(&metadata).iter().map(name).filter(|crate_name| *crate_name != BINARY);
    for crate_name in crates {
        assert!(allowed(crate_name).is_some(), "{crate_name} has no line in LAYERS");
    }
}

fn is_allowed(dependency: &Dependency) -> bool {
    let Dependency { from, to, for_tests } = dependency;
    from == BINARY
        || (*for_tests && FOR_TESTS.contains(&to.as_str()))
        || (*for_tests && FOR_TESTS_OF.iter().any(|(of, may)| of == from && may.contains(&&**to)))
        || allowed(from).is_some_and(|below| below.contains(&to.as_str()))
}

fn allowed(crate_name: &str) -> Option<&'static [&'static str]> {
    if crate_name.starts_with("cresset-store-") {
        return Some(&["cresset-store"]);
    }
    LAYERS.iter().find(|(known, _)| *known == crate_name).map(|(_, below)| *below)
}

/// The dependencies between crates of the workspace; those of a crate on itself (for features that
/// its tests need) aside.
fn dependencies(metadata: &Value) -> Vec<Dependency> {
    let mut found = Vec::new();
    for package in packages(metadata) {
        let listed = package["dependencies"].as_array().expect("a list of dependencies");
        for dependency in listed.iter().filter(|d| d["path"].is_string()) {
            found.push(Dependency {
                from: name(package).to_owned(),
                to: name(dependency).to_owned(),
                for_tests: dependency["kind"] == "dev",
            });
        }
    }
    found.retain(|d| d.from != d.to);
    assert!(!found.is_empty(), "cargo metadata lists no dependency between crates");
    found
}

fn packages(metadata: &Value) -> &[Value] {
    metadata["packages"].as_array().expect("a list of packages")
}

fn name(object: &Value) -> &str {
    object["name"].as_str().expect("a name")
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}
