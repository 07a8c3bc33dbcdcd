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
    /// The directory that holds `config/default/fhir-server-config.json`.
    #[arg(long, value_name = "DIR")]
    pub(crate) fhir_config_dir: Option<PathBuf>,
}

/// Which types of resources.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct TypeOptions {
    /// Only these resource types.
    #[arg(long = "type", value_name = "T,…", value_delimiter = ',')]
    pub(crate) types: Vec<String>,
}
