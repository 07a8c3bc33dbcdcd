//! Stores whose bodies are in a container, and what `cresset payload` says of both.

use super::place::Place;
use super::server::cresset;
use cresset_blob_server::Azurite;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// A container of Azurite's that nobody else has; it isn't there yet.
pub(crate) fn azure(azurite: &Azurite) -> Value {
    let properties = json!({ "connectionString": azurite.connection_string(),
        "containerName": format!("end-{}-{}", std::process::id(), number()) });
    json!({ "type": "azure.blob", "connectionProperties": properties })
}

/// A directory.
pub(crate) fn files(path: &Path) -> Value {
    json!({ "type": "file", "connectionProperties": { "path": path } })
}

/// The embedded store in a directory.
pub(crate) fn sqlite(path: &Path) -> Value {
    json!({ "type": "sqlite", "connectionProperties": { "db.path": path } })
}

/// What the name of a schema begins with that nobody else has.
pub(crate) fn schema() -> String {
    format!("offload{}x{}", std::process::id(), number())
}

fn number() -> u32 {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

/// Writes a tenant's file: its datasources, and where each one's bodies are, if not beside the rows.
pub(crate) fn configure(directory: &Path, tenant: &str, datasources: &Value, payload: &Value) {
    let folder = directory.join("config").join(tenant);
    fs::create_dir_all(&folder).expect("a folder");
    let mut persistence = json!({ "datasources": datasources });
    if !payload.is_null() {
        persistence["payload"] = payload.clone();
    }
    let file = json!({ "fhirServer": { "persistence": persistence } });
    fs::write(folder.join("fhir-server-config.json"), file.to_string()).expect("a file");
}

/// A store of one datasource with its container, which is made.
pub(crate) fn offloaded(directory: &Path, datasource: Value, payload: Value) -> Place {
    configure(
        directory,
        "default",
        &json!({ "default": datasource }),
        &json!({ "default": payload }),
    );
    let output = payload_command(directory, &["--create-container"]).output().expect("it runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Place::Configured(directory.to_owned())
}

/// `cresset payload` on a configuration, to which no blob is too young to be an orphan.
pub(crate) fn payload_command(directory: &Path, args: &[&str]) -> Command {
    let mut command = cresset(&["payload", "--fhir-config-dir"]);
    command.arg(directory).args(args).env("CRESSET_PAYLOAD_GRACE", "0");
    command
}

/// What reconciling counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) scanned: u64,
    pub(crate) matched: u64,
    pub(crate) young: u64,
    pub(crate) foreign: u64,
    pub(crate) orphaned: u64,
    pub(crate) deleted: u64,
    pub(crate) versions: u64,
}

impl Counted {
    /// Reads what the command prints.
    pub(crate) fn of(said: &str) -> Self {
        let number = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split([' ', ',']).find(|w| !w.is_empty()));
            number.and_then(|n| n.parse().ok()).unwrap_or_else(|| panic!("no '{name}': {said}"))
        };
        Self {
            scanned: number("scanned"),
            matched: number("matched"),
            young: number("young"),
            foreign: number("foreign"),
            orphaned: number("orphaned"),
            deleted: number("deleted"),
            versions: number("versions"),
        }
    }
}

/// Compares a store's rows with its container: each version has its body there, and nothing else is
/// there but the owner's name. How many there are.
pub(crate) fn assert_reconciled(directory: &Path, when: &str) -> u64 {
    let output = payload_command(directory, &["--reconcile"]).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{when}: {said}{log}");
    let counted = Counted::of(&said);
    let wanted = Counted {
        scanned: counted.versions,
        matched: counted.versions,
        young: 0,
        foreign: 0,
        orphaned: 0,
        deleted: 0,
        versions: counted.versions,
    };
    assert_eq!(counted, wanted, "{when}: {said}");
    counted.versions
}
