//! What to say where a package isn't installed.

use std::io::Write;

/// Says past the tests' capture that tests are left out.
///
/// # Panics
/// When `CI=true`.
pub fn missing(what: &str, remedy: &str) {
    let told = format!("\n*** SKIPPED: no {what}: {remedy} ***\n\n");
    drop(std::io::stderr().write_all(told.as_bytes()));
    assert!(!in_ci(), "no {what}: {remedy}");
}

/// Whether a skip is a failure.
pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|ci| ci == "true")
}
