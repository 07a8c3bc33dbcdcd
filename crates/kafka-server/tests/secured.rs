//! Who is let in by a broker that looks.

mod support;

use cresset_kafka_server::{Broker, Secured, User};
use rdkafka::ClientConfig;
use rdkafka::client::ClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};
use support::{PATIENCE, client, consume, produce};

/// Ended by the process's end.
static SECURED: LazyLock<Option<Secured>> = LazyLock::new(Broker::secured);

/// A client that trusts those whom an authority has signed.
fn encrypted(bootstrap: &str, protocol: &str, authority: &Path) -> ClientConfig {
    let mut config = client(bootstrap);
    config.set("security.protocol", protocol);
    config.set("ssl.ca.location", authority.display().to_string());
    config
}

/// One that tells its name.
fn named(secured: &Secured, mechanism: &str, name: &str, password: &str) -> ClientConfig {
    let mut config = encrypted(&secured.sasl_bootstrap(), "SASL_SSL", &secured.authority());
    config.set("sasl.mechanism", mechanism).set("sasl.username", name);
    config.set("sasl.password", password);
    config
}

/// Keeps what goes wrong with a connection.
#[derive(Default)]
struct Told(Mutex<String>);

impl ClientContext for Told {
    fn error(&self, error: KafkaError, reason: &str) {
        let mut told = self.0.lock().expect("no test fails in here");
        *told += &format!("{error}: {reason}\n");
    }
}

impl ConsumerContext for Told {}

/// Waits until the client is refused for this reason; fails if it is let in.
fn refused(config: &ClientConfig, reason: &str) {
    let consumer: BaseConsumer<Told> =
        config.create_with_context(Told::default()).expect("a consumer");
    let until = Instant::now() + PATIENCE;
    loop {
        // Lets the client tell what has happened.
        drop(consumer.poll(Duration::from_millis(10)));
        let let_in = consumer.fetch_metadata(None, Duration::from_millis(500)).is_ok();
        assert!(!let_in, "it is let in instead of: {reason}");
        let told = consumer.context().0.lock().expect("no test fails in here").clone();
        if told.contains(reason) {
            return;
        }
        assert!(Instant::now() < until, "{reason:?} isn't why it is refused: {told}");
    }
}

/// Sends and gets a message.
async fn used(config: &ClientConfig, topic: &str) {
    let sent = BTreeSet::from([(0, format!("to {topic}"))]);
    produce(config, topic, &sent).await;
    assert_eq!(consume(config, topic, 1, 1), sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_let_in_with_its_password_and_its_mechanism() {
    let Some(secured) = &*SECURED else { return };
    let (plain, scram) = (Secured::PLAIN, Secured::SCRAM);
    for (mechanism, User { name, password }, other) in
        [("PLAIN", plain, scram), ("SCRAM-SHA-256", scram, plain), ("SCRAM-SHA-512", scram, plain)]
    {
        secured.create_topic(mechanism, 1);
        used(&named(secured, mechanism, name, password), mechanism).await;
        refused(&named(secured, mechanism, name, "wrong"), "uthentication failed");
        refused(&named(secured, mechanism, other.name, other.password), "uthentication failed");
    }
}

#[test]
fn a_broker_isnt_believed_by_those_who_trust_another_authority() {
    let Some(secured) = &*SECURED else { return };
    let User { name, password } = Secured::PLAIN;
    let mut config = named(secured, "PLAIN", name, password);
    config.set("ssl.ca.location", secured.stranger().display().to_string());
    refused(&config, "certificate verify failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_shows_its_certificate_where_that_is_demanded() {
    let Some(secured) = &*SECURED else { return };
    secured.create_topic("certified", 1);
    let mut config = encrypted(&secured.tls_bootstrap(), "SSL", &secured.authority());
    // Versions of Java give different names to this.
    refused(&config, "SSL alert number");
    config.set("ssl.certificate.location", secured.certificate().display().to_string());
    config.set("ssl.key.location", secured.key().display().to_string());
    used(&config, "certified").await;
}

#[test]
fn names_and_passwords_arent_told_without_encryption() {
    let Some(secured) = &*SECURED else { return };
    let User { name, password } = Secured::PLAIN;
    let mut config = named(secured, "PLAIN", name, password);
    config.set("security.protocol", "SASL_PLAINTEXT");
    refused(&config, "All broker connections are down");
}
