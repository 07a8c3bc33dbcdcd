//! A broker that wants to know who comes.

use crate::broker::Broker;
use crate::builder::Builder;
use cresset_test_service::Authority;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Somebody whom a broker lets in.
#[derive(Clone, Copy, Debug)]
pub struct User {
    /// What `sasl.username` says.
    pub name: &'static str,
    /// What `sasl.password` says.
    pub password: &'static str,
}

/// Files in the broker's folder: of the server, of its clients, and of somebody whom it doesn't know.
const SERVER: &str = "server.pem";
const AUTHORITY: &str = "ca.pem";
const CERTIFICATE: &str = "client.pem";
const KEY: &str = "client.key";
const STRANGER: &str = "stranger-ca.pem";

/// A [`Broker`] that also listens for clients with names and passwords, and for those with certificates;
/// both are encrypted.
#[derive(Debug)]
pub struct Secured {
    broker: Broker,
}

impl Secured {
    /// Who comes with the mechanism `PLAIN`, and with no other.
    pub const PLAIN: User = User { name: "plainly", password: "plain-secret" };

    /// Who comes with `SCRAM-SHA-256` or `SCRAM-SHA-512`, and with no other.
    pub const SCRAM: User = User { name: "salted", password: "scram-secret" };

    fn start() -> Option<Self> {
        let builder = ["256", "512"].iter().fold(Broker::builder(), |builder, bits| {
            let User { name, password } = Self::SCRAM;
            let user = format!("SCRAM-SHA-{bits}=[name={name},password={password}]");
            builder.format("--add-scram").format(&user)
        });
        let builder = builder.listener("SASL_SSL").listener("SSL");
        let broker = builder.start_with(|folder, builder| {
            certify(folder);
            secure(builder, folder)
        })?;
        Some(Self { broker })
    }

    /// Where clients with names and passwords begin: `security.protocol` is `SASL_SSL`.
    pub fn sasl_bootstrap(&self) -> String {
        self.broker.bootstrap_for("SASL_SSL")
    }

    /// Where clients with certificates begin, without which nobody is let in: `security.protocol` is
    /// `SSL`.
    pub fn tls_bootstrap(&self) -> String {
        self.broker.bootstrap_for("SSL")
    }

    /// The certificate of the authority that has signed the broker's, a PEM file.
    pub fn authority(&self) -> PathBuf {
        self.broker.folder().join(AUTHORITY)
    }

    /// A client's certificate, a PEM file.
    pub fn certificate(&self) -> PathBuf {
        self.broker.folder().join(CERTIFICATE)
    }

    /// The key of that certificate, a PEM file.
    pub fn key(&self) -> PathBuf {
        self.broker.folder().join(KEY)
    }

    /// The certificate of an authority that hasn't signed anything here, a PEM file.
    pub fn stranger(&self) -> PathBuf {
        self.broker.folder().join(STRANGER)
    }
}

impl Deref for Secured {
    type Target = Broker;

    fn deref(&self) -> &Broker {
        &self.broker
    }
}

impl Broker {
    /// Starts one that can also be reached with encryption. None, and a loud word about it, without
    /// Kafka's jars or Java.
    pub fn secured() -> Option<Secured> {
        Secured::start()
    }
}

/// Writes the files.
fn certify(folder: &Path) {
    let write = |name: &str, contents: &[u8]| {
        std::fs::write(folder.join(name), contents).expect("a file in the temporary folder");
    };
    let authority = Authority::new("Cresset's test authority");
    let server = authority.sign("broker", &["localhost", "127.0.0.1"]);
    write(SERVER, &[server.key, server.certificate].concat());
    let client = authority.sign("client", &["localhost", "127.0.0.1"]);
    write(CERTIFICATE, &client.certificate);
    write(KEY, &client.key);
    write(AUTHORITY, &authority.pem());
    write(STRANGER, &Authority::new("somebody else").pem());
}

/// Tells the broker of them, and of its users.
fn secure(builder: Builder, folder: &Path) -> Builder {
    let User { name, password } = Secured::PLAIN;
    let module = "org.apache.kafka.common.security";
    let plain = format!("{module}.plain.PlainLoginModule required user_{name}=\"{password}\";");
    let scram = format!("{module}.scram.ScramLoginModule required;");
    let file = |name: &str| folder.join(name).display().to_string();
    [
        ("ssl.keystore.type", "PEM"),
        ("ssl.keystore.location", &file(SERVER)),
        ("ssl.truststore.type", "PEM"),
        ("ssl.truststore.location", &file(AUTHORITY)),
        ("listener.name.ssl.ssl.client.auth", "required"),
        ("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512"),
        ("listener.name.sasl_ssl.plain.sasl.jaas.config", &plain),
        ("listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config", &scram),
        ("listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config", &scram),
    ]
    .iter()
    .fold(builder, |builder, (name, value)| builder.property(name, value))
}
