//! The configuration directory: `config/{tenant}/fhir-server-config.json`.

mod migrate;

use crate::failure::CommandResult;
use clap::{Args, Subcommand};
use cresset_config::{ConfigError, Configuration, DefaultDatasource};
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
    /// Print the tenants with their datasources and payload stores; secrets are left out.
    Print(Directory),
    /// Make the tables of a store, and bring them to this version's form.
    Migrate(migrate::Migrate),
}

#[derive(Args)]
struct Directory {
    /// The directory that holds `config/{tenant}/fhir-server-config.json`.
    #[arg(long, value_name = "DIR")]
    fhir_config_dir: PathBuf,
}

impl Directory {
    /// Reads it, and logs what is passed over.
    fn read(&self) -> Result<Configuration, ConfigError> {
        let read = Configuration::read(&self.fhir_config_dir, DefaultDatasource::Configured)?;
        for warning in &read.warnings {
            tracing::warn!("{warning}");
        }
        Ok(read)
    }
}

impl ConfigCommand {
    pub(crate) async fn run(self) -> CommandResult {
        match self.action {
            Action::Check(directory) => {
                let read = directory.read()?;
                let (tenants, datasources) = (read.tenants.len(), read.datasources().count());
                let told =
                    format!("no mistake found; tenants: {tenants}, datasources: {datasources}");
                Ok(writeln!(io::stdout(), "{told}")?)
            }
            Action::Print(directory) => print(&directory.read()?),
            Action::Migrate(migrate) => migrate.run().await,
        }
    }
}

fn print(configuration: &Configuration) -> CommandResult {
    let mut out = io::stdout().lock();
    for (tenant, id, datasource) in configuration.datasources() {
        writeln!(out, "{tenant}/{id}: {datasource}")?;
        if let Some(payload) = configuration.payload(tenant, id) {
            writeln!(out, "{tenant}/{id}: bodies in {payload}")?;
        }
    }
    Ok(())
}
