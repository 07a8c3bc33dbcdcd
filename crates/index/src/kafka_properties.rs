//! The properties of Java's Kafka clients, for librdkafka.

mod files;
mod jaas;
mod pem;
mod table;
#[cfg(test)]
mod tests;

use rdkafka::ClientConfig;
use std::collections::BTreeMap;
use table::{Meaning, meaning};

/// What a connection's properties come to.
pub struct Translated {
    /// For librdkafka. It has secrets in it.
    pub config: ClientConfig,
    /// `max.request.size`: bytes of the largest record that the broker takes.
    pub record_bytes: Option<usize>,
    /// What has no effect here, or another one than in Java.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for Translated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Names only: passwords are among the values.
        let names: Vec<&str> = self.config.config_map().into_keys().collect();
        f.debug_struct("Translated")
            .field("config", &names)
            .field("warnings", &self.warnings)
            .finish_non_exhaustive()
    }
}

/// A property that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct PropertyError {
    /// Its key.
    pub key: String,
    /// What is wrong, and what to do; no secrets.
    pub problem: String,
}

impl PropertyError {
    fn new(key: &str, problem: impl Into<String>) -> Self {
        Self { key: key.to_owned(), problem: problem.into() }
    }
}

/// Translates the properties of a Kafka client in Java.
///
/// # Errors
/// A [`PropertyError`] for each key that is unknown or says what librdkafka can't do.
pub fn translate(properties: &BTreeMap<String, String>) -> Result<Translated, Vec<PropertyError>> {
    let (config, warnings) = (ClientConfig::new(), Vec::new());
    let mut translated = Translated { config, record_bytes: None, warnings };
    let mut problems = Vec::new();
    for (key, value) in properties {
        if let Err(problem) = one(key, value.trim(), &mut translated) {
            problems.push(PropertyError::new(key, problem));
        }
    }
    if !properties.contains_key("bootstrap.servers") {
        problems.push(PropertyError::new("bootstrap.servers", "missing: host:port, …"));
    }
    problems.extend(files::trust(properties, &mut translated));
    problems.extend(files::identity(properties, &mut translated));
    problems.extend(jaas::login(properties, &mut translated));
    if problems.is_empty() { Ok(translated) } else { Err(problems) }
}

/// Translates a property that means something by itself.
fn one(key: &str, value: &str, to: &mut Translated) -> Result<(), String> {
    match meaning(key).ok_or("it is unknown, or can't be translated: take it out")? {
        Meaning::As(name) => {
            if value.is_empty() {
                return Err("it is empty".into());
            }
            to.config.set(*name, value);
        }
        Meaning::Number(name, most) => {
            let number = value.parse::<i64>().ok().filter(|n| (0..=*most).contains(n));
            let number = number.ok_or_else(|| format!("a number from 0 to {most} is expected"))?;
            to.config.set(*name, number.to_string());
        }
        Meaning::Truth(name) => {
            let truth = value.to_ascii_lowercase();
            if !["true", "false"].contains(&&*truth) {
                return Err("true or false is expected".into());
            }
            to.config.set(*name, truth);
        }
        Meaning::Names(name, known) => {
            let found = known.iter().find(|(java, _)| java.eq_ignore_ascii_case(value));
            let list = || known.iter().map(|(java, _)| *java).collect::<Vec<_>>().join(", ");
            let (_, ours) = found.ok_or_else(|| format!("one of {} is expected", list()))?;
            to.config.set(*name, *ours);
        }
        Meaning::Only(accepted, why) => {
            if !accepted.iter().any(|one| one.eq_ignore_ascii_case(value)) {
                return Err(format!("only {} will do: {why}", accepted.join(" or ")));
            }
        }
        Meaning::Tls => tls(key, value, to)?,
        Meaning::RecordBytes => {
            let bytes = value.parse().ok().filter(|bytes| (4096..=1_000_000_000).contains(bytes));
            to.record_bytes = Some(bytes.ok_or("a number from 4096 to 1000000000 is expected")?);
        }
        Meaning::EndpointName => {
            if !value.is_empty() && !value.eq_ignore_ascii_case("https") {
                return Err("https, or nothing for no check, is expected".into());
            }
            to.config.set(
                "ssl.endpoint.identification.algorithm",
                if value.is_empty() { "none" } else { "https" },
            );
            if value.is_empty() {
                to.warnings.push(format!("{key}: the broker's name isn't checked"));
            }
        }
        Meaning::WithoutEffect(why) => to.warnings.push(format!("{key} has no effect: {why}")),
        Meaning::Elsewhere | Meaning::Java => {}
    }
    Ok(())
}

/// OpenSSL agrees with the broker on TLS 1.2 or later by itself.
fn tls(key: &str, value: &str, to: &mut Translated) -> Result<(), String> {
    let named = value.split(',').map(str::trim);
    if !named.clone().any(|name| ["TLSv1.2", "TLSv1.3"].contains(&name)) {
        return Err("TLSv1.2 or TLSv1.3 must be among them: no earlier protocol is spoken".into());
    }
    to.warnings
        .push(format!("{key}: the latest protocol that the broker has from TLSv1.2 on is taken"));
    Ok(())
}
