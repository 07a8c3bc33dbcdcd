//! Encrypted, with a name and a password or a certificate, from the properties of a Java client.

#[path = "support/announcing.rs"]
mod announcing;

use announcing::{announcement, collection};
use cresset_index::kafka_properties::translate;
use cresset_index::{Publisher, PublisherSettings};
use cresset_kafka_server::{Broker, Secured, User};
use cresset_store::Announcer;
use std::collections::BTreeMap;

/// Opens a publisher and announces with it; what stands against that.
async fn announced(properties: &[(&str, &str)], topic: &str) -> Result<(), String> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let properties: BTreeMap<String, String> = properties.iter().map(own).collect();
    let translated = translate(&properties).map_err(|errors| format!("{errors:?}"))?;
    let settings = PublisherSettings::new(translated.config, topic, "here");
    let publisher = Publisher::open(settings).await.map_err(|error| error.to_string())?;
    let all = [announcement("a", 1, "x")];
    publisher.announce(&collection("fhir"), &all).await.map_err(|error| error.to_string())
}

fn login(module: &str, User { name, password }: User) -> String {
    let module = format!("org.apache.kafka.common.security.{module}");
    format!("{module} required username=\"{name}\" password=\"{password}\";")
}

#[tokio::test(flavor = "multi_thread")]
async fn java_properties_lead_to_a_secured_broker() {
    let Some(broker) = Broker::secured() else { return };
    broker.create_topic("secured", 1);
    let authority = std::fs::read_to_string(broker.authority()).expect("a file");
    // As properties often have it.
    let authority = authority.replace('\n', " ");
    let (plain, scram) = (
        login("plain.PlainLoginModule", Secured::PLAIN),
        login("scram.ScramLoginModule", Secured::SCRAM),
    );
    let bootstrap = broker.sasl_bootstrap();
    for (mechanism, login) in
        [("PLAIN", &plain), ("SCRAM-SHA-256", &scram), ("SCRAM-SHA-512", &scram)]
    {
        let properties = [
            ("bootstrap.servers", bootstrap.as_str()),
            ("security.protocol", "SASL_SSL"),
            ("sasl.mechanism", mechanism),
            ("sasl.jaas.config", login),
            ("ssl.truststore.type", "PEM"),
            ("ssl.truststore.certificates", &authority),
        ];
        assert_eq!(announced(&properties, "secured").await, Ok(()), "{mechanism}");
    }
    let both =
        [broker.certificate(), broker.key()].map(|p| std::fs::read_to_string(p).expect("a file"));
    let folder = tempfile::tempdir().expect("a folder");
    let keystore = folder.path().join("client.pem");
    std::fs::write(&keystore, both.concat()).expect("a file");
    let (keystore, truststore) =
        (keystore.display().to_string(), broker.authority().display().to_string());
    let (chain, key) = (both[0].replace('\n', " "), both[1].replace('\n', " "));
    let bootstrap = broker.tls_bootstrap();
    let certified = |more: &[(&'static str, String)]| {
        let mut all = vec![
            ("bootstrap.servers", bootstrap.clone()),
            ("security.protocol", "SSL".to_owned()),
            ("ssl.truststore.location", truststore.clone()),
            ("ssl.keystore.type", "PEM".to_owned()),
        ];
        all.extend_from_slice(more);
        all
    };
    for properties in [
        certified(&[("ssl.keystore.location", keystore)]),
        certified(&[("ssl.keystore.certificate.chain", chain), ("ssl.keystore.key", key)]),
    ] {
        let properties: Vec<_> = properties.iter().map(|(k, v)| (*k, v.as_str())).collect();
        assert_eq!(announced(&properties, "secured").await, Ok(()));
    }
}
