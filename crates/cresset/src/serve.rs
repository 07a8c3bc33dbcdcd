mod fill;

use crate::failure::{CommandFailure, CommandResult};
use crate::memory;
use crate::options::StoreOptions;
use crate::store::{self, OpenedStore};
use clap::Args;
use cresset_fhir::json::Limits;
use cresset_http::{KnownTenants, Served, Server};
use cresset_interaction::search_parameters::{Pace, Sharing};
use cresset_interaction::{Overdue, Service};
use cresset_search::Registry;
use cresset_store::{CollectionName, StoreError};
use cresset_store_sqlite::Settings;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serve FHIR over HTTP.
#[derive(Args)]
#[command(after_help = "Example: cresset serve --data ./cresset-data --sample")]
pub(crate) struct Serve {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Scheme and authority of links, such as `https://fhir.example.org`, when the Host header isn't
    /// to be believed. Absolute references to it, or else to where it listens, count as relative.
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    #[command(flatten)]
    store: StoreOptions,
    /// Fill an empty store with 200 synthetic patients first.
    #[arg(long)]
    sample: bool,
    /// What this process does: `worker` indexes by new search parameters; `admin` has no work yet.
    #[arg(long, value_name = "ROLE,…", value_delimiter = ',', default_value = "fhir,worker,admin")]
    roles: Vec<Role>,
    /// The largest body of a request.
    #[arg(long, value_name = "SIZE", default_value = "128MiB", value_parser = size)]
    max_body: usize,
    /// Listen on other than loopback addresses although anybody who reaches them may do everything.
    #[arg(long)]
    insecure_no_auth: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Role {
    Fhir,
    Worker,
    Admin,
}

impl Serve {
    pub(crate) async fn run(self) -> CommandResult {
        if !self.listen.ip().is_loopback() && !self.insecure_no_auth {
            return Err(CommandFailure::Usage(format!(
                "{} can be reached from other machines, and there is no log-in yet: listen on 127.0.0.1, \
                 or add --insecure-no-auth",
                self.listen
            )));
        }
        if !self.roles.contains(&Role::Fhir) {
            let problem = "--roles without fhir leaves nothing to do in this version";
            return Err(CommandFailure::Usage(problem.to_owned()));
        }
        // Before the stores are opened: their writers count from the start.
        let metrics = cresset_http::install_metrics()?;
        let memory = |stores| Settings::for_memory(memory::available() / stores as u64);
        let all = store::open_all(&self.store, memory).await?;
        let listener = TcpListener::bind(self.listen).await.map_err(|error| {
            let problem = format!("{} can't be listened on: {error}", self.listen);
            CommandFailure::Failed(problem.into())
        })?;
        let address = listener.local_addr()?;
        let mut opened = Vec::with_capacity(all.len());
        for one in all {
            let registry = Arc::new(self.registry(&one, address).await?);
            opened.push((one, registry));
        }
        if self.sample {
            let default = opened.iter().find(|(one, _)| one.is_default());
            let (default, registry) = default.ok_or_else(no_default)?;
            fill::fill(default, registry).await?;
        }
        // Whoever reads where it listens may stop it at once.
        let shutdown = shutdown()?;
        self.announce(address, &opened)?;
        let mut served = Vec::with_capacity(opened.len());
        for (one, registry) in opened {
            finish_index(&one)?;
            served.push(self.served(&one, registry).await?);
        }
        let server = self.server(served).with_metrics(metrics);
        cresset_http::serve(listener, Arc::new(server), shutdown).await?;
        tracing::info!("stopped");
        Ok(())
    }

    /// What a datasource's resources are found by under this server's addresses.
    async fn registry(
        &self,
        opened: &OpenedStore,
        address: SocketAddr,
    ) -> Result<Registry, StoreError> {
        let keep = self.base_url.is_some() || self.listen.port() != 0;
        opened.registry_for(&self.base_urls(address, &opened.name), keep).await
    }

    /// What a datasource's own resources are named by: the base URL given, else the address that it
    /// listens on, with the path for requests that name it in headers and the one that names it.
    fn base_urls(&self, address: SocketAddr, name: &CollectionName) -> Vec<String> {
        let mut origins = vec![match &self.base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{address}"),
        }];
        if self.base_url.is_none() && address.ip().is_loopback() {
            origins.push(format!("http://localhost:{}", address.port()));
        }
        let (tenant, datasource) = (&name.tenant, &name.datasource);
        let by_header = origins.iter().map(|origin| format!("{origin}/fhir"));
        let by_path =
            origins.iter().map(|origin| format!("{origin}/tenants/{tenant}/{datasource}/fhir"));
        by_header.chain(by_path).collect()
    }

    /// The interactions of a datasource, and what works for it in the background.
    async fn served(
        &self,
        opened: &OpenedStore,
        registry: Arc<Registry>,
    ) -> Result<Served, CommandFailure> {
        let limits = Limits { bytes: self.max_body, ..Limits::default() };
        let service = Arc::new(Service::new(Arc::clone(&opened.store), registry, limits));
        let adopted = service.adopt_search_parameters(opened.scope("search-parameters")?).await?;
        if opened.is_shared {
            adopted.share(sharing()?);
            let following = Arc::clone(&adopted);
            tokio::spawn(async move { following.follow().await });
        }
        if self.roles.contains(&Role::Worker) && opened.is_announced {
            let (service, scope) = (Arc::clone(&service), opened.scope("index")?);
            let overdue = overdue()?;
            tokio::spawn(async move { service.watch_index(&scope, overdue).await });
        }
        if self.roles.contains(&Role::Worker) {
            let pace = pace()?;
            tokio::spawn(async move { adopted.run(pace).await });
        }
        Ok(Served { service, scope: opened.scope("anonymous")? })
    }

    fn server(&self, served: Vec<Served>) -> Server {
        let settings = cresset_http::Settings {
            base_url: self.base_url.as_deref().map(|url| url.trim_end_matches('/').into()),
            max_body: self.max_body,
            ..cresset_http::Settings::default()
        };
        Server::new(Arc::new(KnownTenants::new(served)), settings)
    }

    /// Says where it serves; whoever started it need not listen to the end, or at all.
    fn announce(
        &self,
        address: SocketAddr,
        opened: &[(OpenedStore, Arc<Registry>)],
    ) -> CommandResult {
        let own = format!("http://{address}");
        let base = self.base_url.as_deref().unwrap_or(&own).trim_end_matches('/');
        let places = match opened {
            [(one, _)] => one.place.clone(),
            several => format!("{} datasources", several.len()),
        };
        let lines = [
            format!("Cresset {} serves {places}", env!("CARGO_PKG_VERSION")),
            format!("  FHIR R4   {base}/fhir"),
            format!("  try       {base}/fhir/metadata"),
            format!("            {base}/fhir/Patient?_count=5"),
            format!("            {base}/fhir/Observation?code=http://loinc.org|8302-2&date=ge2015"),
            format!("  health    {base}/health/ready"),
            format!("  metrics   {base}/metrics\n"),
        ];
        let mut out = io::stdout().lock();
        match out.write_all(lines.join("\n").as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
            _ => Ok(()),
        }
    }
}

fn no_default() -> CommandFailure {
    let problem = "--sample fills the default tenant's default datasource, and there is none";
    CommandFailure::Usage(problem.to_owned())
}

/// How fast resources are indexed by new search parameters. `CRESSET_INDEX_PACE=10:50` makes that
/// batches of 10 with pauses of at least 50 ms, for tests.
fn pace() -> Result<Pace, CommandFailure> {
    let Ok(text) = std::env::var("CRESSET_INDEX_PACE") else { return Ok(Pace::default()) };
    let parts = text.split_once(':').and_then(|(batch, pause)| {
        Some((batch.parse().ok()?, Duration::from_millis(pause.parse().ok()?)))
    });
    let (batch, pause) = parts
        .ok_or_else(|| CommandFailure::Usage("CRESSET_INDEX_PACE must be like 500:0".to_owned()))?;
    Ok(Pace { batch, pause, ..Pace::default() })
}

/// How processes on one database keep up with each other's search parameters.
/// `CRESSET_INDEX_GRACE=2000` makes a walk wait 2 s for the others, for tests.
fn sharing() -> Result<Sharing, CommandFailure> {
    let Ok(text) = std::env::var("CRESSET_INDEX_GRACE") else { return Ok(Sharing::default()) };
    let grace = text.parse().map(Duration::from_millis);
    let grace = grace.map_err(|_| {
        CommandFailure::Usage("CRESSET_INDEX_GRACE must be milliseconds".to_owned())
    })?;
    Ok(Sharing { grace, ..Sharing::default() })
}

/// When what isn't indexed is announced again. `CRESSET_INDEX_OVERDUE=500` makes it after 500 ms, for tests.
fn overdue() -> Result<Overdue, CommandFailure> {
    let Ok(text) = std::env::var("CRESSET_INDEX_OVERDUE") else { return Ok(Overdue::default()) };
    let age = text.parse().map(Duration::from_millis).map_err(|_| {
        CommandFailure::Usage("CRESSET_INDEX_OVERDUE must be milliseconds".to_owned())
    })?;
    Ok(Overdue { age, every: age / 2, ..Overdue::default() })
}

/// Builds an index that a killed import has left deferred. Until then reads are answered, searches
/// refused, and writes wait.
fn finish_index(opened: &OpenedStore) -> CommandResult {
    let (own, scope) = (Arc::clone(&opened.store), opened.scope("cresset")?);
    tokio::spawn(async move {
        if let Err(error) = store::finish_index(&*own, &scope).await {
            tracing::error!(%error, "the index can't be built");
        }
    });
    Ok(())
}

/// Listens for the signals that ask the process to stop from now on; what it gives completes when
/// one has come.
pub(crate) fn shutdown() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: finishing what was accepted");
    })
}

/// Reads a size: bytes, or with the unit KiB, MiB or GiB.
fn size(text: &str) -> Result<usize, String> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = match text[digits.len()..].trim() {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err("give bytes, or a number with KiB, MiB or GiB".to_owned()),
    };
    let number: usize = digits.parse().map_err(|_| "give a whole number".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "the number is too large".to_owned())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_have_binary_units() {
        assert_eq!(size("128MiB"), Ok(128 << 20));
        assert_eq!(size("4096"), Ok(4096));
        assert!(size("12 parsecs").is_err());
        assert!(size("99999999999999999GiB").is_err());
    }
}
