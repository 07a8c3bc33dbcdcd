//! Looking after the bodies that are kept outside the database.

mod read;
mod reconcile;

use crate::backend::{Location, backend};
use crate::failure::{CommandFailure, CommandResult};
use crate::offload;
use crate::options::{DatasourceOptions, StoreOptions};
use crate::places::{self, Place};
use crate::store::catalogue;
use clap::{Args, ValueEnum};
use cresset_config::{Database, Datasource, PayloadStore, SchemaType};
use cresset_payload::Container;
use cresset_store::{Principal, Scope, Store};
use cresset_store_sqlite::{OpenMode, Settings};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

/// Look after the bodies that a tenant's datasource keeps outside its database.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  cresset payload --fhir-config-dir ./fhir --create-container\n  \
                  cresset payload --fhir-config-dir ./fhir --reconcile --no-dry-run --max-scan-seconds 600\n  \
                  cresset payload --fhir-config-dir ./fhir --read Observation/123/1"
)]
pub(crate) struct Payload {
    /// The directory that holds `config/{tenant}/fhir-server-config.json`.
    #[arg(long, value_name = "DIR")]
    fhir_config_dir: PathBuf,
    /// Whose.
    #[arg(long, value_name = "TENANT", default_value = "default")]
    tenant_id: String,
    /// Which of the tenant's datasources.
    #[arg(long, value_name = "DATASOURCE", default_value = "default")]
    ds_id: String,
    /// A properties file with the address of the database, when it isn't the configured one.
    #[arg(long, value_name = "FILE")]
    db_properties: Option<PathBuf>,
    /// The kind of database [default: as configured].
    #[arg(long, value_name = "TYPE")]
    db_type: Option<DatabaseType>,
    #[command(flatten)]
    action: Action,
    /// Only say which orphans there are: the default.
    #[arg(long, overrides_with_all = ["dry_run", "no_dry_run"])]
    dry_run: bool,
    /// Take orphans away.
    #[arg(long, overrides_with_all = ["dry_run", "no_dry_run"])]
    no_dry_run: bool,
    /// End after so many seconds, with the page that is being looked at.
    #[arg(long, value_name = "N")]
    max_scan_seconds: Option<u64>,
    /// Go on where a reconcile ended that printed this.
    #[arg(long, value_name = "T")]
    continuation_token: Option<String>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct Action {
    /// Make the container; fine when it is there.
    #[arg(long)]
    create_container: bool,
    /// Find bodies that no resource has, and versions that have no body.
    #[arg(long)]
    reconcile: bool,
    /// Print a version: `97/id/7/payload-key` as it is in the container, `97/id/7` and `Observation/id/7`
    /// as the server would.
    #[arg(long, value_name = "KEY")]
    read: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DatabaseType {
    Postgresql,
    Citus,
    Sqlite,
}

/// The store that the bodies belong to, without offload around it.
struct Rows {
    store: Arc<dyn Store>,
    scope: Scope,
}

impl Payload {
    pub(crate) async fn run(self) -> CommandResult {
        if !self.action.reconcile && self.is_about_reconcile() {
            return Err(CommandFailure::Usage(
                "--dry-run, --no-dry-run, --max-scan-seconds and --continuation-token are options of --reconcile"
                    .to_owned(),
            ));
        }
        let place = self.place()?;
        let Some(payload) = &place.payload else {
            return Err(CommandFailure::Usage(format!(
                "{}/{} keeps bodies in its database: persistence.payload isn't configured",
                self.tenant_id, self.ds_id
            )));
        };
        if self.action.create_container {
            return create_container(payload).await;
        }
        let container = Container::open(&offload::place(payload)?)?;
        match &self.action.read {
            Some(key) => read::read(&self, &place, payload, &container, key).await,
            None => reconcile::reconcile(&self, &self.rows(&place).await?, &container).await,
        }
    }

    /// Whether there are options that only reconciling knows. The parser doesn't tell: it asks for no
    /// action that excludes the one that is there.
    fn is_about_reconcile(&self) -> bool {
        self.dry_run
            || self.no_dry_run
            || self.max_scan_seconds.is_some()
            || self.continuation_token.is_some()
    }

    /// The datasource, with the database of the properties file where one is given.
    fn place(&self) -> Result<Place, CommandFailure> {
        let store = StoreOptions {
            data: None,
            store: None,
            fhir_config_dir: Some(self.fhir_config_dir.clone()),
        };
        let (tenant_id, ds_id) = (Some(self.tenant_id.clone()), Some(self.ds_id.clone()));
        let mut place = places::one(&DatasourceOptions { store, tenant_id, ds_id })?;
        if let Some(file) = &self.db_properties {
            let configured = kind(&place.location);
            place.location = match self.db_type.unwrap_or(configured) {
                DatabaseType::Postgresql => {
                    Location::Url(Database::from_properties(file)?.url(SchemaType::Plain))
                }
                DatabaseType::Citus => {
                    Location::Url(Database::from_properties(file)?.url(SchemaType::Distributed))
                }
                DatabaseType::Sqlite => Location::from(&Datasource::sqlite_from_properties(file)?),
            };
        } else if self.db_type.is_some_and(|given| given != kind(&place.location)) {
            return Err(CommandFailure::Usage(
                "--db-type is another one than the datasource is configured with: name its database by \
                 --db-properties, or leave it out"
                    .to_owned(),
            ));
        }
        Ok(place)
    }

    async fn rows(&self, place: &Place) -> Result<Rows, CommandFailure> {
        let opened =
            backend(&place.location, None, OpenMode::Read, Settings::default(), None).await?;
        let principal = Arc::new(Principal::unrestricted("payload"));
        let scope = catalogue([&place.name])?.scope(&place.name, &principal)?;
        Ok(Rows { store: opened.store, scope })
    }
}

fn kind(location: &Location) -> DatabaseType {
    match location {
        Location::Directory(_) => DatabaseType::Sqlite,
        Location::Url(url) if url.expose().contains("schema_type=DISTRIBUTED") => {
            DatabaseType::Citus
        }
        Location::Url(_) => DatabaseType::Postgresql,
    }
}

async fn create_container(payload: &PayloadStore) -> CommandResult {
    let place = offload::place(payload)?;
    let what = match Container::create(&place).await? {
        true => "made",
        false => "there already",
    };
    writeln!(io::stdout(), "{place}: {what}")?;
    Ok(())
}
