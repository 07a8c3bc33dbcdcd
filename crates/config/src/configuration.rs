use crate::apart;
use crate::datasource::Datasource;
use crate::mistake::{ConfigError, Mistake};
use crate::payload_store::PayloadStore;
use crate::remote_index;
use crate::remote_index::RemoteIndex;
use crate::section::Findings;
use crate::tenant_file::{self, NAME, is_name};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The tenant and the datasource that are meant when none is named.
pub(crate) const DEFAULT: &str = "default";
const FILE: &str = "fhir-server-config.json";

/// What a configuration directory says.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The tenants by name.
    pub tenants: BTreeMap<String, Tenant>,
    /// What was passed over, a line for each file: keys of other servers, by name.
    pub warnings: Vec<String>,
}

/// A tenant: nothing of it is shared with another one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenant {
    /// Where its resources are, by the id that requests name.
    pub datasources: BTreeMap<String, Datasource>,
    /// Where their bodies are, by the same ids; for all of the server's datasources, or for none.
    pub payload: BTreeMap<String, PayloadStore>,
    /// Who fills the search index; for the whole server, in the default tenant's file alone.
    pub remote_index: Option<RemoteIndex>,
}

/// Where the default tenant's default datasource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultDatasource {
    /// Where its tenant's file says.
    Configured,
    /// Where the command line says: what its tenant's file has about it isn't looked at.
    Elsewhere,
}

impl Configuration {
    /// Reads `config/{tenant}/fhir-server-config.json` of every tenant.
    ///
    /// # Errors
    /// [`ConfigError`] names every mistake.
    pub fn read(directory: &Path, default: DefaultDatasource) -> Result<Self, ConfigError> {
        let folder = directory.join("config");
        let mut configuration = Self::default();
        let mut mistakes = Vec::new();
        for (name, path) in folders(&folder)? {
            let file = path.join(FILE);
            if !file.exists() {
                let warning = format!("{}: without {FILE} it is no tenant", path.display());
                configuration.warnings.push(warning);
                continue;
            }
            let is_elsewhere = default == DefaultDatasource::Elsewhere && name == DEFAULT;
            let mut found = Findings::default();
            if !is_name(&name) {
                found.mistakes.push(Mistake::in_file(&path, NAME));
            }
            let tenant = tenant_file::read(&file, is_elsewhere.then_some(DEFAULT), &mut found);
            check(&tenant, &file, is_elsewhere, &mut found);
            configuration.warnings.extend(warning(&file, &found.ignored));
            mistakes.append(&mut found.mistakes);
            configuration.tenants.insert(name, tenant);
        }
        if !configuration.tenants.contains_key(DEFAULT) {
            let file = folder.join(DEFAULT).join(FILE);
            mistakes.push(Mistake::in_file(&file, "it is missing"));
        }
        if mistakes.is_empty() {
            apart::check(&configuration, &folder, default, &mut mistakes);
            remote_index::check(&configuration, &folder, &mut mistakes);
        }
        if mistakes.is_empty() { Ok(configuration) } else { Err(ConfigError::new(mistakes)) }
    }

    /// Every datasource with its tenant's name and its id.
    pub fn datasources(&self) -> impl Iterator<Item = (&str, &str, &Datasource)> {
        self.tenants.iter().flat_map(|(name, tenant)| {
            let datasources = tenant.datasources.iter();
            datasources.map(move |(id, datasource)| (name.as_str(), id.as_str(), datasource))
        })
    }

    /// Where the bodies of a datasource's resources are, when they are offloaded.
    pub fn payload(&self, tenant: &str, datasource: &str) -> Option<&PayloadStore> {
        self.tenants.get(tenant)?.payload.get(datasource)
    }

    /// Who fills the search index, when it isn't each commit.
    pub fn remote_index(&self) -> Option<&RemoteIndex> {
        self.tenants.get(DEFAULT)?.remote_index.as_ref()
    }

    /// The file of a tenant.
    pub(crate) fn file(folder: &Path, tenant: &str) -> PathBuf {
        folder.join(tenant).join(FILE)
    }
}

/// The folders in one, by name; hidden ones aside, which deployment tools leave behind.
fn folders(folder: &Path) -> Result<BTreeMap<String, PathBuf>, ConfigError> {
    let unreadable = |error| Mistake::in_file(folder, format!("it can't be read: {error}"));
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        match name {
            Some(name) if !name.starts_with('.') && path.is_dir() => {
                all.insert(name, path);
            }
            _ => {}
        }
    }
    Ok(all)
}

/// What must hold in one file.
fn check(tenant: &Tenant, file: &Path, is_elsewhere: bool, found: &mut Findings) {
    if !found.mistakes.is_empty() {
        return;
    }
    if tenant.datasources.is_empty() && !is_elsewhere {
        let problem = "missing: a tenant needs a datasource of its own";
        let key = "fhirServer.persistence.datasources";
        found.mistakes.push(Mistake::at(file, key, problem));
    }
    for id in tenant.payload.keys() {
        let is_there = tenant.datasources.contains_key(id) || is_elsewhere && id == DEFAULT;
        if !is_there {
            let key = format!("fhirServer.persistence.payload.{id}");
            found.mistakes.push(Mistake::at(file, key, "there is no datasource of this id"));
        }
    }
}

fn warning(file: &Path, ignored: &[String]) -> Option<String> {
    let keys = ignored.join(", ");
    let told = || format!("{}: ignored, without a meaning here: {keys}", file.display());
    (!ignored.is_empty()).then(told)
}
