//! Which datasources the options name, and where each one's store is.

use crate::backend::Location;
use crate::failure::CommandFailure;
use crate::options::{DatasourceOptions, StoreOptions};
use crate::store::{DEFAULT, MAIN};
use cresset_config::{Configuration, DefaultDatasource, PayloadStore, RemoteIndex, Secret};
use cresset_store::CollectionName;

/// A tenant's datasource.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// Its collection of FHIR resources.
    pub(crate) name: CollectionName,
    pub(crate) location: Location,
    pub(crate) payload: Option<PayloadStore>,
}

impl Place {
    fn new(tenant: &str, datasource: &str, location: Location) -> Result<Self, CommandFailure> {
        let name = CollectionName::new(tenant, datasource, MAIN)?;
        Ok(Self { name, location, payload: None })
    }
}

/// What the options name.
pub(crate) struct Configured {
    pub(crate) places: Vec<Place>,
    /// Who fills the search index, when it isn't each commit of a server.
    pub(crate) remote_index: Option<RemoteIndex>,
}

/// Every datasource that the options name.
pub(crate) fn all(options: &StoreOptions) -> Result<Vec<Place>, CommandFailure> {
    Ok(configured(options)?.places)
}

/// Every datasource of the configuration directory. `--data` and `--store` say where the default tenant's
/// default one is, and no other; without a directory that is the only one.
pub(crate) fn configured(options: &StoreOptions) -> Result<Configured, CommandFailure> {
    let given = match (&options.data, &options.store) {
        (Some(data), _) => Some(Location::Directory(data.clone())),
        (None, Some(url)) => Some(Location::Url(Secret::new(url))),
        (None, None) => None,
    };
    let Some(directory) = &options.fhir_config_dir else {
        let location = given.unwrap_or_else(|| Location::Directory("cresset-data".into()));
        let places = vec![Place::new(DEFAULT, DEFAULT, location)?];
        return Ok(Configured { places, remote_index: None });
    };
    let default = match given {
        Some(_) => DefaultDatasource::Elsewhere,
        None => DefaultDatasource::Configured,
    };
    let configuration = Configuration::read(directory, default)?;
    for warning in &configuration.warnings {
        tracing::warn!("{warning}");
    }
    let mut places = Vec::new();
    if let Some(location) = given {
        places.push(Place::new(DEFAULT, DEFAULT, location)?);
    }
    for (tenant, id, datasource) in configuration.datasources() {
        places.push(Place::new(tenant, id, Location::from(datasource))?);
    }
    for place in &mut places {
        place.payload = configuration.payload(&place.name.tenant, &place.name.datasource).cloned();
    }
    Ok(Configured { places, remote_index: configuration.remote_index().cloned() })
}

/// The one that a command works on: the default tenant's default datasource, unless another is named.
pub(crate) fn one(options: &DatasourceOptions) -> Result<Place, CommandFailure> {
    let tenant = options.tenant_id.as_deref().unwrap_or(DEFAULT);
    let datasource = options.ds_id.as_deref().unwrap_or(DEFAULT);
    let is_given = options.store.data.is_some() || options.store.store.is_some();
    if is_given && (tenant, datasource) != (DEFAULT, DEFAULT) {
        return Err(CommandFailure::Usage(format!(
            "--data and --store say where the default tenant's default datasource is, not {tenant}/{datasource}: \
             leave them out"
        )));
    }
    let places = all(&options.store)?;
    let names: Vec<String> =
        places.iter().map(|p| format!("{}/{}", p.name.tenant, p.name.datasource)).collect();
    let is_meant = |p: &Place| (&*p.name.tenant, &*p.name.datasource) == (tenant, datasource);
    places.into_iter().find(is_meant).ok_or_else(|| {
        CommandFailure::Usage(format!(
            "the configuration has no datasource {tenant}/{datasource}; --tenant-id and --ds-id name one of {}",
            names.join(", ")
        ))
    })
}
