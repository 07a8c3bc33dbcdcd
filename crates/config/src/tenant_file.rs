//! One tenant's `fhir-server-config.json`.

use crate::configuration::Tenant;
use crate::datasource::Datasource;
use crate::foreign;
use crate::mistake::Mistake;
use crate::payload_store::PayloadStore;
use crate::remote_index::RemoteIndex;
use crate::section::{Findings, Section};
use cresset_fhir::json::{self, Limits};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Reads the file. The datasource `elsewhere` isn't looked at.
pub(crate) fn read(file: &Path, elsewhere: Option<&str>, found: &mut Findings) -> Tenant {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            found.mistakes.push(Mistake::in_file(file, format!("it can't be read: {error}")));
            return Tenant::default();
        }
    };
    match json::parse(&bytes, &Limits::default()) {
        Ok(json) => {
            let root = Section::root(file, &json, found);
            root.and_then(|root| tenant(&root, elsewhere, found)).unwrap_or_default()
        }
        Err(error) => {
            found.mistakes.push(Mistake::in_file(file, error.to_string()));
            Tenant::default()
        }
    }
}

fn tenant(root: &Section<'_>, elsewhere: Option<&str>, found: &mut Findings) -> Option<Tenant> {
    root.only(&["fhirServer"], &[], found);
    let server = root.section("fhirServer", found)?;
    server.only(&["persistence", "remoteIndexService"], foreign::SERVER, found);
    foreign::check_core(&server, found);
    let mut tenant = Tenant::default();
    if let Some(remote) = server.section("remoteIndexService", found) {
        tenant.remote_index = RemoteIndex::read(&remote, found);
    }
    let persistence = server.section("persistence", found)?;
    persistence.only(&["datasources", "payload"], foreign::PERSISTENCE, found);
    if let Some(datasources) = persistence.section("datasources", found) {
        tenant.datasources = each(&datasources, elsewhere, Datasource::read, found);
    }
    if let Some(payload) = persistence.section("payload", found) {
        tenant.payload = each(&payload, None, PayloadStore::read, found);
    }
    Some(tenant)
}

/// What stands under each id that is meant.
fn each<T>(
    section: &Section<'_>,
    elsewhere: Option<&str>,
    read: impl Fn(&Section<'_>, &mut Findings) -> Option<T>,
    found: &mut Findings,
) -> BTreeMap<String, T> {
    let mut all = BTreeMap::new();
    for (id, inner) in section.sections(found) {
        if elsewhere == Some(id) {
            continue;
        }
        if foreign::is_example(id) {
            found.ignored.push(section.place(id));
        } else if !is_name(id) {
            section.wrong(id, NAME, found);
        } else if let Some(item) = read(&inner, found) {
            all.insert(id.to_owned(), item);
        }
    }
    all
}

/// What the name of a tenant or datasource is.
pub(crate) const NAME: &str = "it isn't a name: 1 to 64 of A-Z, a-z, 0-9, '_' and '-'";

/// Whether files, schemas and URLs can have it in their names.
pub(crate) fn is_name(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}
