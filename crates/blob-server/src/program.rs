//! Where Azurite is.

use cresset_test_service::missing;
use std::path::{Path, PathBuf};

/// Names the executable; `scripts/test` sets it.
const VARIABLE: &str = "CRESSET_AZURITE";

/// Azurite's blob service alone, as npm installs it.
const NAME: &str = "azurite-blob";

/// The executable that the variable names, or that of the path. None, and a loud word about it, without
/// one, or without the Node.js that runs it.
pub(crate) fn program() -> Option<PathBuf> {
    let named = std::env::var_os(VARIABLE).filter(|named| !named.is_empty()).map(PathBuf::from);
    let program = match named {
        Some(named) => Some(named).filter(|named| named.is_file()),
        None => on_path(NAME),
    };
    if program.is_none() {
        missing("Azurite", "let scripts/test install it, or name azurite-blob in CRESSET_AZURITE");
    } else if on_path("node").is_none() {
        missing("Node.js", "install the package nodejs");
        return None;
    }
    program
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let candidates = std::env::split_paths(&path).map(|folder| folder.join(name));
    candidates.into_iter().find(|candidate| Path::is_file(candidate))
}
