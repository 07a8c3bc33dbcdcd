//! Who fills the search index, when it isn't each commit.

use crate::configuration::{Configuration, DEFAULT};
use crate::datasource::Datasource;
use crate::mistake::Mistake;
use crate::secret::Secret;
use crate::section::{Findings, Section};
use std::path::Path;

/// The topic that is meant when none is named.
pub const TOPIC: &str = "FHIR_REMOTE_INDEX";

/// Search values go through Kafka to `cresset remote-index`, for all of the server's datasources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteIndex {
    /// What tells this server's messages from those of another one on the same topic.
    pub instance_identifier: String,
    /// The topic.
    pub topic_name: String,
    /// How Kafka is reached, under the keys of its Java clients.
    pub connection_properties: Vec<(String, Secret)>,
}

impl RemoteIndex {
    pub(crate) fn read(section: &Section<'_>, found: &mut Findings) -> Option<Self> {
        section.only(&["type", "instanceIdentifier", "kafka"], &[], found);
        let kind = section.text("type", found);
        if kind.is_some_and(|kind| kind != "kafka") {
            section.wrong("type", "it must be kafka", found);
        }
        let instance = section.text("instanceIdentifier", found);
        if !section.has("kafka") {
            section.wrong("kafka", "missing: an object is expected", found);
        }
        let kafka = section.section("kafka", found)?;
        kafka.only(&["mode", "topicName", "connectionProperties"], &[], found);
        let mode = kafka.text("mode", found);
        if mode.is_some_and(|mode| mode != "ACTIVE") {
            let problem =
                "it must be ACTIVE: to index with each commit leave remoteIndexService out";
            kafka.wrong("mode", problem, found);
        }
        let topic = match kafka.has("topicName") {
            true => kafka.text("topicName", found)?,
            false => TOPIC,
        };
        if !is_topic(topic) {
            kafka.wrong("topicName", "1 to 249 of A-Z, a-z, 0-9, '.', '_' and '-'", found);
        }
        if !kafka.has("connectionProperties") {
            kafka.wrong("connectionProperties", "missing: an object is expected", found);
        }
        let properties = kafka.section("connectionProperties", found)?;
        if !properties.has("bootstrap.servers") {
            properties.wrong("bootstrap.servers", "missing: HOST:PORT,… is expected", found);
        }
        let values = properties.plain_values(found).into_iter();
        kind.and(mode)?;
        Some(Self {
            instance_identifier: instance?.to_owned(),
            topic_name: topic.to_owned(),
            connection_properties: values
                .map(|(key, value)| (key.to_owned(), Secret::new(value)))
                .collect(),
        })
    }
}

/// Kafka's rule for the names of topics.
fn is_topic(name: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=249).contains(&name.len()) && name.bytes().all(allowed) && !matches!(name, "." | "..")
}

const KEY: &str = "fhirServer.remoteIndexService";

/// It is the server's, not a tenant's, and needs a database that another process can write.
pub(crate) fn check(configuration: &Configuration, folder: &Path, mistakes: &mut Vec<Mistake>) {
    for (name, tenant) in &configuration.tenants {
        if name != DEFAULT && tenant.remote_index.is_some() {
            let problem =
                "it is for the whole server: it stands in the default tenant's file alone";
            mistakes.push(Mistake::at(&Configuration::file(folder, name), KEY, problem));
        }
    }
    if configuration.remote_index().is_none() {
        return;
    }
    for (tenant, id, datasource) in configuration.datasources() {
        if let Datasource::Sqlite { .. } = datasource {
            let key = format!("fhirServer.persistence.datasources.{id}.type");
            mistakes.push(Mistake::at(&Configuration::file(folder, tenant), key, EMBEDDED));
        }
    }
}

/// Why the embedded store has no remote index.
pub const EMBEDDED: &str = "with remoteIndexService it must be postgresql or citus: one process alone \
     writes an embedded store, and it indexes with each commit";
