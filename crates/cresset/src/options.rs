//! Options that every command with a store has.

use clap::Args;
use std::path::PathBuf;

/// Which store.
#[derive(Args, Clone, Debug)]
pub(crate) struct StoreOptions {
    /// The directory of the embedded store [default: ./cresset-data].
    #[arg(long, value_name = "DIR", conflicts_with = "store")]
    pub(crate) data: Option<PathBuf>,
    /// The URL of a database: `postgres://USER@HOST/DATABASE?schema=NAME`.
    #[arg(long, value_name = "URL")]
    pub(crate) store: Option<String>,
    /// The directory that holds `config/{tenant}/fhir-server-config.json`. With --data or --store, these are
    /// where the default tenant's default datasource is.
    #[arg(long, value_name = "DIR")]
    pub(crate) fhir_config_dir: Option<PathBuf>,
}

/// Which datasource of which tenant.
#[derive(Args, Clone, Debug)]
pub(crate) struct DatasourceOptions {
    #[command(flatten)]
    pub(crate) store: StoreOptions,
    /// The tenant of the configuration directory that is meant [default: default].
    #[arg(long, value_name = "TENANT", requires = "fhir_config_dir")]
    pub(crate) tenant_id: Option<String>,
    /// Its datasource [default: default].
    #[arg(long, value_name = "DATASOURCE", requires = "fhir_config_dir")]
    pub(crate) ds_id: Option<String>,
}

/// Which types of resources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TypeOptions {
    /// Only these resource types.
    #[arg(long = "type", value_name = "T,…", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
}
