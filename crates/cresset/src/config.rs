//! The configuration directory: `config/{tenant}/fhir-server-config.json`.

mod keys;
mod migrate;
mod read;

use crate::failure::{CommandFailure, CommandResult};
use clap::{Args, Subcommand};
pub(crate) use read::read;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;

/// Look at a configuration directory, or migrate a store.
#[derive(Args)]
#[command(after_help = "Example: cresset config check --fhir-config-dir ./fhir")]
pub(crate) struct ConfigCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Read all of it, and name each mistake with its file and key.
    Check(Directory),
    /// Print the tenants and their datasources; secrets are left out.
    Print(Directory),
    /// Make the tables of a store, and bring them to this version's form.
    Migrate(migrate::Migrate),
}

#[derive(Args)]
struct Directory {
    /// The directory that holds `config/default/fhir-server-config.json`.
    #[arg(long, value_name = "DIR")]
    fhir_config_dir: PathBuf,
}

impl ConfigCommand {
    pub(crate) async fn run(self) -> CommandResult {
        let mut out = io::stdout();
        match self.action {
            Action::Check(directory) => {
                let config = read(&directory.fhir_config_dir)?;
                writeln!(out, "no mistake found; tenants: {}", config.tenants.len())?;
            }
            Action::Print(directory) => {
                for (tenant, datasources) in &read(&directory.fhir_config_dir)?.tenants {
                    for (id, Datasource::Sqlite { path }) in datasources {
                        writeln!(out, "{tenant}/{id}: sqlite, {}", path.display())?;
                    }
                }
            }
            Action::Migrate(migrate) => migrate.run().await?,
        }
        Ok(())
    }
}

/// What a configuration directory says.
#[derive(Debug)]
pub(crate) struct Config {
    /// The datasources of each tenant, by id.
    pub(crate) tenants: BTreeMap<String, BTreeMap<String, Datasource>>,
}

/// Where a datasource's collections are.
#[derive(Debug)]
pub(crate) enum Datasource {
    /// An embedded store.
    Sqlite {
        /// Its directory.
        path: PathBuf,
    },
}

impl Config {
    /// The directory of the default tenant's default datasource. Other tenants' datasources can be
    /// checked, but this version serves the default one alone, and says so instead of letting a
    /// tenant be a guest in another's store.
    pub(crate) fn default_directory(&self) -> Result<PathBuf, CommandFailure> {
        let others =
            self.tenants.iter().flat_map(|(tenant, d)| d.keys().map(move |id| (tenant, id)));
        for (tenant, id) in others {
            if (tenant.as_str(), id.as_str()) != ("default", "default") {
                return Err(CommandFailure::Usage(format!(
                    "this version serves only the default tenant's default datasource, not {tenant}/{id}"
                )));
            }
        }
        let datasource = self.tenants.get("default").and_then(|d| d.get("default"));
        match datasource {
            Some(Datasource::Sqlite { path }) => Ok(path.clone()),
            None => Err(CommandFailure::Usage(
                "the default tenant has no datasource 'default'".to_owned(),
            )),
        }
    }
}
