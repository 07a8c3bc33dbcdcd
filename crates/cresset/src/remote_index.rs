//! The search index, filled through Kafka: what `serve` announces with, and the command that enters it.

use crate::backend;
use crate::failure::{CommandFailure, CommandResult};
use clap::{Args, ValueEnum};
use cresset_config::{Database, RemoteIndex as Configured, SchemaType, TOPIC, properties};
use cresset_index::consumer::{self, Counters};
use cresset_index::kafka_properties::{Translated, translate};
use cresset_index::{ConsumerSettings, Publisher, PublisherSettings};
use cresset_store::{Announcer, Indexer};
use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How often the command says what it has done, if anything.
const REPORT: Duration = Duration::from_secs(5);
/// How long a commit may take, and some more for its end to be seen.
const MAX_READY: Duration = Duration::from_secs(125);

/// Enter into the search index what servers announce through Kafka.
#[derive(Args)]
#[command(
    after_help = "Example: cresset remote-index --kafka-properties kafka.properties \\\n           \
                  --database-properties database.properties --instance-identifier production"
)]
pub(crate) struct RemoteIndex {
    /// How Kafka is reached: a properties file of its Java clients.
    #[arg(long, value_name = "FILE")]
    kafka_properties: PathBuf,
    /// How the database is reached: db.host, db.port, db.database, user, password, currentSchema, ssl….
    #[arg(long, value_name = "FILE")]
    database_properties: PathBuf,
    /// The kind of database.
    #[arg(long, value_name = "TYPE", default_value = "postgresql")]
    db_type: DatabaseType,
    /// The topic.
    #[arg(long, value_name = "TOPIC", default_value = TOPIC)]
    topic_name: String,
    /// Whose announcements are meant: the servers' `instanceIdentifier`.
    #[arg(long, value_name = "ID")]
    instance_identifier: String,
    /// Members of the consumer group in this process.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=64))]
    consumer_count: u16,
    /// The consumer group.
    #[arg(long, value_name = "GROUP", default_value = "remote-index-service-cg")]
    consumer_group: String,
    /// How the tables are made [default: PLAIN, for citus DISTRIBUTED].
    #[arg(long, value_name = "TYPE")]
    schema_type: Option<Schema>,
    /// How long an announcement waits for its commit, in milliseconds [default: 125000].
    #[arg(long, value_name = "N")]
    max_ready_time_ms: Option<u64>,
    /// Where to answer `GET /metrics`; nowhere unless given.
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum DatabaseType {
    Postgresql,
    Citus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Schema {
    Plain,
    Distributed,
}

impl RemoteIndex {
    pub(crate) async fn run(self) -> CommandResult {
        if let Some(address) = self.metrics_listen {
            serve_metrics(address).await?;
        }
        let client = kafka(&self.kafka_properties)?;
        let database = Database::from_properties(&self.database_properties)
            .map_err(|error| CommandFailure::Usage(error.to_string()))?;
        let url = database.url(self.schema_type());
        let settings = cresset_store_postgres::Settings {
            // A batch and a look at what became of transactions, for each member.
            readers: 2 + usize::from(self.consumer_count),
            ..cresset_store_postgres::Settings::default()
        };
        let indexer: Arc<dyn Indexer> = Arc::new(backend::postgres(url.expose(), settings).await?);
        let mut settings = ConsumerSettings::new(
            client.config,
            &self.topic_name,
            &self.consumer_group,
            &self.instance_identifier,
        );
        settings.max_ready_time = self.max_ready_time_ms.map_or(MAX_READY, Duration::from_millis);
        let counters = Arc::new(Counters::default());
        let stop = stopping()?;
        let reporting = tokio::spawn(report(Arc::clone(&counters), Arc::clone(&indexer)));
        tracing::info!(
            topic = self.topic_name,
            group = self.consumer_group,
            "entering what is announced"
        );
        let consumers = usize::from(self.consumer_count);
        let outcome = consumer::run(settings, indexer, consumers, counters.clone(), stop).await;
        reporting.abort();
        say(&counters, None);
        outcome?;
        tracing::info!("stopped");
        Ok(())
    }

    fn schema_type(&self) -> SchemaType {
        match (self.schema_type, self.db_type) {
            (Some(Schema::Plain), _) | (None, DatabaseType::Postgresql) => SchemaType::Plain,
            (Some(Schema::Distributed), _) | (None, DatabaseType::Citus) => SchemaType::Distributed,
        }
    }
}

/// Reads a properties file of a Java client.
fn kafka(path: &Path) -> Result<Translated, CommandFailure> {
    let wrong = |problem: String| CommandFailure::Usage(format!("{}: {problem}", path.display()));
    let bytes = fs::read(path).map_err(|error| wrong(format!("it can't be read: {error}")))?;
    let read = properties::parse(&bytes).map_err(|error| wrong(error.to_string()))?;
    let values = read.into_iter().map(|p| (p.key, p.value.expose().to_owned()));
    translated(&values.collect()).map_err(wrong)
}

/// For librdkafka; what is without effect is logged.
fn translated(values: &BTreeMap<String, String>) -> Result<Translated, String> {
    let translated = translate(values).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    for warning in &translated.warnings {
        tracing::warn!("{warning}");
    }
    Ok(translated)
}

/// What commits of a server announce with.
pub(crate) async fn announcer(
    configured: &Configured,
) -> Result<Arc<dyn Announcer>, CommandFailure> {
    let values = configured.connection_properties.iter();
    let values = values.map(|(key, value)| (key.clone(), value.expose().to_owned()));
    let client = translated(&values.collect()).map_err(|problem| {
        let place = "fhirServer.remoteIndexService.kafka.connectionProperties";
        CommandFailure::Usage(format!("{place}: {problem}"))
    })?;
    let (topic, instance) = (&configured.topic_name, &configured.instance_identifier);
    let mut settings = PublisherSettings::new(client.config, topic, instance);
    if let Some(bytes) = client.record_bytes {
        settings.record_bytes = bytes;
    }
    let publisher = Publisher::open(settings).await?;
    tracing::info!(topic, partitions = publisher.partitions(), "index keys are announced");
    Ok(Arc::new(publisher))
}

/// Says from time to time what was done.
async fn report(counters: Arc<Counters>, indexer: Arc<dyn Indexer>) {
    let mut before = counters.all();
    loop {
        tokio::time::sleep(REPORT).await;
        let now = counters.all();
        let dead_letters = indexer.dead_letters().await.ok();
        if let Some(count) = dead_letters {
            metrics::gauge!("cresset_index_dead_letters").set(count as f64);
        }
        if now != before {
            say(&counters, dead_letters);
        }
        before = now;
    }
}

fn say(counters: &Counters, dead_letters: Option<u64>) {
    let done = counters.all().map(|(name, count)| format!("{name} {count}")).join(", ");
    let lag = counters.lag();
    let (behind, oldest) = (lag.records.values().sum::<u64>(), lag.oldest.unwrap_or_default());
    tracing::info!(done, behind, lag_seconds = oldest.as_secs_f64(), dead_letters, "remote index");
}

/// Answers `GET /metrics` in Prometheus' text.
async fn serve_metrics(address: SocketAddr) -> CommandResult {
    let metrics = cresset_http::install_metrics()?;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        CommandFailure::Failed(format!("{address} can't be listened on: {error}").into())
    })?;
    tracing::info!(address = %listener.local_addr()?, "metrics are told");
    let render = axum::routing::get(move || async move { metrics.render() });
    let router = axum::Router::new().route("/metrics", render);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "metrics can't be told any more");
        }
    });
    Ok(())
}

/// Becomes true when the process is asked to stop.
fn stopping() -> std::io::Result<watch::Receiver<bool>> {
    let shutdown = crate::serve::shutdown()?;
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        shutdown.await;
        sender.send_replace(true);
        // Kept: whoever asks must not find it gone.
        sender.closed().await;
    });
    Ok(receiver)
}
