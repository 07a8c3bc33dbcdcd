//! PostgreSQL with an index that is filled through Kafka is a store, as the conformance suite defines it, for
//! whoever waits for the index.

use cresset_index::consumer::{self, Counters};
use cresset_index::{ConsumerSettings, Publisher, PublisherSettings};
use cresset_kafka_server::Broker;
use cresset_store::conformance::Fixture;
use cresset_store::{Consistency, Indexer, StoreError};
use cresset_store_postgres::{PostgresStore, Settings};
use rdkafka::ClientConfig;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::watch;

/// A store whose schemas and whose topic nobody else has, with a consumer beside it.
async fn fixture() -> Fixture {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("kafka{}x{number}", std::process::id());
    let url = cresset_postgres_server::url();
    let separator = if url.contains('?') { '&' } else { '?' };
    let url = format!("{url}{separator}schema={name}");
    let topic = name.clone();
    let client = tokio::task::spawn_blocking(move || {
        let broker = Broker::shared();
        broker.create_topic(&topic, 2);
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", broker.bootstrap());
        client
    });
    let client = client.await.expect("a topic");
    let (stop, stops) = watch::channel(false);
    let indexer = PostgresStore::open(&url, Settings::default()).await.expect("the store opens");
    let indexer: Arc<dyn Indexer> = Arc::new(indexer);
    let settings = ConsumerSettings::new(client.clone(), &name, &name, "suite");
    tokio::spawn(consumer::run(settings, indexer, 1, Arc::new(Counters::default()), stops));
    Fixture::opening(move || {
        let (url, client, name) = (url.clone(), client.clone(), name.clone());
        async move {
            let settings = Settings { consistency: Consistency::Strong, ..Settings::default() };
            let publisher = Publisher::open(PublisherSettings::new(client, &name, "suite")).await;
            let publisher = publisher.map_err(|error| StoreError::Corrupt(error.to_string()))?;
            Ok(PostgresStore::open(&url, settings).await?.announcing(Arc::new(publisher)))
        }
    })
    .await
    .lagging()
    .keeping(stop)
}

cresset_store::conformance_suite!(fixture);
