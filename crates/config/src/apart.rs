//! What must hold between tenants: they share nothing, and offload is for all or for none.

use crate::configuration::{Configuration, DEFAULT, DefaultDatasource};
use crate::datasource::Datasource;
use crate::host::compared;
use crate::mistake::Mistake;
use crate::payload_store::PayloadStore;
use std::path::{Component, Path, PathBuf};

/// A datasource or payload store, and where the configuration has it.
struct Entry<'a, T> {
    owner: String,
    file: PathBuf,
    key: String,
    what: &'a T,
}

/// Notes what two of them share, and where a payload store is missing.
pub(crate) fn check(
    configuration: &Configuration,
    folder: &Path,
    default: DefaultDatasource,
    mistakes: &mut Vec<Mistake>,
) {
    let (mut datasources, mut payload) = (Vec::new(), Vec::new());
    for (name, tenant) in &configuration.tenants {
        let entry = |list: &str, id: &str| {
            let key = format!("fhirServer.persistence.{list}.{id}");
            (format!("{name}/{id}"), Configuration::file(folder, name), key)
        };
        for (id, what) in &tenant.datasources {
            let (owner, file, key) = entry("datasources", id);
            datasources.push(Entry { owner, file, key, what });
        }
        for (id, what) in &tenant.payload {
            let (owner, file, key) = entry("payload", id);
            payload.push(Entry { owner, file, key, what });
        }
    }
    for_all_or_none(configuration, folder, default, mistakes);
    pairs(&datasources, same_store, mistakes);
    pairs(&payload, same_payload, mistakes);
    for body in &payload {
        for datasource in &datasources {
            if holds_store(body.what, datasource.what) {
                let problem = format!("the store of {} is in this directory", datasource.owner);
                mistakes.push(Mistake::at(&body.file, &body.key, problem));
            }
        }
    }
}

fn for_all_or_none(
    configuration: &Configuration,
    folder: &Path,
    default: DefaultDatasource,
    mistakes: &mut Vec<Mistake>,
) {
    if configuration.tenants.values().all(|tenant| tenant.payload.is_empty()) {
        return;
    }
    let elsewhere = (default == DefaultDatasource::Elsewhere).then_some((DEFAULT, DEFAULT));
    let all = configuration.datasources().map(|(tenant, id, _)| (tenant, id));
    for (tenant, id) in all.chain(elsewhere) {
        if configuration.payload(tenant, id).is_none() {
            let key = format!("fhirServer.persistence.payload.{id}");
            let problem =
                "missing: others have it, and payload offload is for all datasources or for none";
            mistakes.push(Mistake::at(&Configuration::file(folder, tenant), key, problem));
        }
    }
}

fn pairs<T>(entries: &[Entry<'_, T>], is_same: fn(&T, &T) -> bool, mistakes: &mut Vec<Mistake>) {
    for (at, later) in entries.iter().enumerate() {
        if let Some(first) = entries[..at].iter().find(|first| is_same(first.what, later.what)) {
            let problem = format!(
                "{} has the same place, or one inside the other: each needs its own",
                first.owner
            );
            mistakes.push(Mistake::at(&later.file, &later.key, problem));
        }
    }
}

fn same_store(one: &Datasource, other: &Datasource) -> bool {
    use Datasource::{Citus, Postgres, Sqlite};
    match (one, other) {
        (Sqlite { path: one }, Sqlite { path: other }) => overlap(one, other),
        (Postgres(one) | Citus(one), Postgres(other) | Citus(other)) => {
            one.identity() == other.identity()
        }
        _ => false,
    }
}

fn same_payload(one: &PayloadStore, other: &PayloadStore) -> bool {
    use PayloadStore::{AzureBlob, File, S3};
    match (one, other) {
        (
            AzureBlob { connection_string: one, container: first },
            AzureBlob { connection_string: other, container: second },
        ) => first == second && account(one.expose()) == account(other.expose()),
        (S3 { bucket: first, endpoint: one, .. }, S3 { bucket: second, endpoint: other, .. }) => {
            let endpoint = |url: &Option<String>| {
                compared(url.as_deref().unwrap_or_default().trim_end_matches('/'))
            };
            first == second && endpoint(one) == endpoint(other)
        }
        (File { path: one }, File { path: other }) => overlap(one, other),
        _ => false,
    }
}

/// The account that a connection string of Azure's names; where it names none, all of it.
fn account(connection: &str) -> Vec<String> {
    let parts = connection.split(';').filter_map(|part| part.split_once('='));
    let mut named: Vec<String> = parts
        .filter(|(key, _)| {
            ["accountname", "blobendpoint"].contains(&key.to_ascii_lowercase().as_str())
        })
        .map(|(key, value)| format!("{key}={}", value.trim_end_matches('/')).to_ascii_lowercase())
        .collect();
    named.sort();
    if named.is_empty() { vec![connection.to_owned()] } else { named }
}

/// Whether what tidies up the bodies would come across the store's files.
fn holds_store(payload: &PayloadStore, datasource: &Datasource) -> bool {
    match (payload, datasource) {
        (PayloadStore::File { path: bodies }, Datasource::Sqlite { path }) => {
            place(path).starts_with(place(bodies))
        }
        _ => false,
    }
}

fn overlap(one: &Path, other: &Path) -> bool {
    let (one, other) = (place(one), place(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// A path without links, `.` and `..`, as far as it is there.
fn place(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut place = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                place.pop();
            }
            other => place.push(other),
        }
        place = place.canonicalize().unwrap_or(place);
    }
    place
}
