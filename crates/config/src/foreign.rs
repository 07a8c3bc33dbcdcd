//! Keys of LinuxForHealth's FHIR server that have no meaning here: its files are accepted with a warning
//! that names them. Some decide where data goes; these must say what is done here anyway.

use crate::section::{Findings, Section};

/// In `fhirServer`.
pub(crate) const SERVER: &[&str] = &[
    "core",
    "resources",
    "search",
    "security",
    "notifications",
    "audit",
    "bulkdata",
    "operations",
    "term",
    "validation",
];

/// In `fhirServer.persistence`.
pub(crate) const PERSISTENCE: &[&str] = &["factoryClassname", "common", "jdbc"];

/// In a datasource. `currentSchema` is one that has: see [`crate::Datasource`].
pub(crate) const DATASOURCE: &[&str] =
    &["factoryClassname", "jndiName", "tenantKey", "hints", "searchOptimizerOptions"];

/// In a payload store.
pub(crate) const PAYLOAD: &[&str] = &["factoryClassname"];

/// Whether this is the id of a datasource that stands in a file as an example, and isn't meant.
pub(crate) fn is_example(id: &str) -> bool {
    id.starts_with('_')
}

/// Keys of `fhirServer.core` by which requests find their tenant, and the only value of each. Ignored, others
/// would lead requests for one tenant to another one.
const LEADING: [(&str, &str); 3] = [
    ("tenantIdHeaderName", "X-FHIR-TENANT-ID"),
    ("datastoreIdHeaderName", "X-FHIR-DSID"),
    ("defaultTenantId", "default"),
];

/// Looks for what can't be ignored.
pub(crate) fn check_core(server: &Section<'_>, found: &mut Findings) {
    let Some(core) = server.section("core", found) else { return };
    for (name, only) in LEADING {
        let fits = |text: &str| text.eq_ignore_ascii_case(only);
        if core.has(name) && !core.optional_text(name, found).is_none_or(fits) {
            core.wrong(
                name,
                format!("it can't be changed here: leave it out, or write {only}"),
                found,
            );
        }
    }
}
