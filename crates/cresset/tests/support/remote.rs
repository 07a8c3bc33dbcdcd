//! A server whose search index another process fills through Kafka.

use super::place::Place;
use super::server::{Server, appended, cresset, signal, text};
use super::tenants::postgres;
use cresset_kafka_server::Shared;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What the servers' announcements are marked with.
pub(crate) const INSTANCE: &str = "end-to-end";

/// A datasource on PostgreSQL, a topic, and the files that name them.
pub(crate) struct Remote {
    folder: tempfile::TempDir,
    pub(crate) topic: String,
    pub(crate) url: String,
    pub(crate) schema: String,
}

impl Remote {
    /// On the broker that tests share.
    pub(crate) fn new(broker: &Shared, url: &str, partitions: i32) -> Self {
        let remote = Self::at(&broker.bootstrap(), url);
        broker.create_topic(&remote.topic, partitions);
        remote
    }

    /// On a broker where the topic is still to be made.
    pub(crate) fn at(bootstrap: &str, url: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let schema = format!("remote{}x{number}", std::process::id());
        let folder = tempfile::tempdir().expect("a folder");
        let remote = Self { folder, topic: schema.clone(), url: url.to_owned(), schema };
        remote.write_files(bootstrap);
        remote
    }

    fn write_files(&self, bootstrap: &str) {
        let datasource = postgres(&self.url, &self.schema);
        let lines = datasource["connectionProperties"].as_object().expect("properties").iter();
        let lines =
            lines.map(|(key, value)| format!("{key}={}\n", value.as_str().expect("a text")));
        // Without a password there is no line for it.
        let lines: Vec<String> = lines.filter(|line| line != "password=\n").collect();
        fs::write(self.path("database.properties"), lines.concat()).expect("a file");
        // A killed consumer is missed soon.
        let kafka = format!("bootstrap.servers={bootstrap}\nsession.timeout.ms=6000\n");
        fs::write(self.path("kafka.properties"), kafka).expect("a file");
        for instance in [INSTANCE, "foreign"] {
            let mut datasource = datasource.clone();
            if let Some(properties) = datasource["connectionProperties"].as_object_mut() {
                properties.retain(|_, value| value != "");
            }
            let remote = json!({ "type": "kafka", "instanceIdentifier": instance, "kafka": {
                "mode": "ACTIVE", "topicName": self.topic,
                "connectionProperties": { "bootstrap.servers": bootstrap } } });
            let file = json!({ "fhirServer": { "remoteIndexService": remote,
                "persistence": { "datasources": { "default": datasource } } } });
            let tenant = self.path(instance).join("config/default");
            fs::create_dir_all(&tenant).expect("a folder");
            fs::write(tenant.join("fhir-server-config.json"), file.to_string()).expect("a file");
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The servers' place.
    pub(crate) fn place(&self) -> Place {
        Place::Configured(self.path(INSTANCE))
    }

    pub(crate) fn server(&self, env: &[(&str, &str)]) -> Server {
        Server::on(&self.place(), &[], env)
    }

    /// One of another installation on the same topic and database.
    pub(crate) fn foreign_server(&self) -> Server {
        Server::on(&Place::Configured(self.path("foreign")), &[], &[])
    }

    /// The process that fills the index.
    pub(crate) fn indexer(&self, options: &[&str]) -> Indexer {
        self.indexer_of(INSTANCE, &self.topic, options)
    }

    /// One for another installation's announcements, in a group.
    pub(crate) fn indexer_of(&self, instance: &str, group: &str, options: &[&str]) -> Indexer {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = self.path(&format!("indexer{number}.log"));
        let child = self.command(instance, group, options).stderr(appended(&log)).spawn();
        Indexer { child: child.expect("the binary starts"), log }
    }

    fn command(&self, instance: &str, group: &str, options: &[&str]) -> std::process::Command {
        let mut command = cresset(&["remote-index", "--instance-identifier", instance]);
        command.arg("--kafka-properties").arg(self.path("kafka.properties"));
        command.arg("--database-properties").arg(self.path("database.properties"));
        command.args(["--topic-name", &self.topic, "--consumer-group", group]);
        command.args(options).stdin(Stdio::null()).stdout(Stdio::null());
        command
    }

    /// The schema of its collection.
    pub(crate) fn collection(&self) -> String {
        format!("{}_default_default_fhir_0", self.schema)
    }
}

/// A running `cresset remote-index`. Dropped, it is killed: this child and no other process.
pub(crate) struct Indexer {
    pub(crate) child: Child,
    log: PathBuf,
}

impl Indexer {
    pub(crate) fn log(&self) -> String {
        text(&self.log)
    }

    /// How many of a kind it has said it counted, at last.
    pub(crate) fn counted(&self, kind: &str) -> Option<u64> {
        let log = self.log();
        let at = log.rfind(&format!("{kind} "))?;
        let digits = log[at + kind.len() + 1..].chars().take_while(char::is_ascii_digit);
        digits.collect::<String>().parse().ok()
    }

    /// Kills it as a power cut would.
    pub(crate) fn kill9(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop, and fails with its log unless it ends with 0 within a minute.
    pub(crate) fn stop_cleanly(mut self) -> String {
        signal(self.child.id(), "-TERM");
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                assert!(status.success(), "{status}: {}", self.log());
                return self.log();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it goes on: {}", self.log());
    }
}

impl Drop for Indexer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
