//! Where Kafka is.

use cresset_test_service::missing;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names the folder of jars; `scripts/test` sets it.
const VARIABLE: &str = "CRESSET_KAFKA";

/// What begins the name of the jar that has the server.
const SERVER: &str = "kafka_";

/// Java's class path of Kafka. None, and a loud word about it, without its jars or without the Java that
/// runs them.
pub(crate) fn class_path() -> Option<OsString> {
    let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()).map(PathBuf::from);
    let Some(jars) = named.filter(|folder| has_server(folder)) else {
        missing("Kafka", "let scripts/test fetch it, or name the folder of jars in CRESSET_KAFKA");
        return None;
    };
    if !on_path("java") {
        missing("Java", "install the package default-jre-headless");
        return None;
    }
    Some(jars.join("*").into_os_string())
}

fn has_server(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(SERVER))
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
