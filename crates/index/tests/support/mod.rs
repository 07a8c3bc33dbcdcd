//! What the tests on a broker have in common.

use cresset_index::{Publisher, PublisherSettings};
use rdkafka::ClientConfig;
use std::time::Duration;

/// How long anything may take that is to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn client(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap);
    config
}

pub(crate) async fn publisher(bootstrap: &str, topic: &str) -> Publisher {
    let settings = PublisherSettings::new(client(bootstrap), topic, "here");
    Publisher::open(settings).await.expect("a publisher")
}

/// A topic of this process's own.
pub(crate) fn topic(name: &str) -> String {
    format!("index-{name}-{}", std::process::id())
}
