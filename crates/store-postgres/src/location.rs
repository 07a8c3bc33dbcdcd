//! The URL of a database: `postgres://user@host/database?schema=NAME`, and what libpq's URLs have.

use crate::error::{Context, Outcome};
use crate::schema_type::SchemaType;
use cresset_store::StoreError;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// What schemas' names begin with when the URL says nothing.
const DEFAULT_BASE: &str = "cresset";

/// A database, and what the names of its collections' schemas begin with.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) config: Config,
    pub(crate) base: String,
    /// What the URL says about the tables; nothing: as they are, or plain.
    pub(crate) schema_type: Option<SchemaType>,
}

impl Location {
    pub(crate) fn parse(url: &str) -> Outcome<Self> {
        let (url, base) = without(url, "schema");
        let (url, kind) = without(&url, "schema_type");
        let base = base.unwrap_or_else(|| DEFAULT_BASE.to_owned());
        let unknown = || StoreError::Backend {
            context: "reading the URL of the database",
            source: "schema_type is PLAIN or DISTRIBUTED".into(),
        };
        let kind = kind.map(|kind| SchemaType::parse(&kind).ok_or_else(unknown));
        let schema_type = kind.transpose()?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=64).contains(&base.len()) || !base.bytes().all(allowed) {
            return Err(StoreError::Name(base.chars().take(64).collect()));
        }
        let mut config: Config = url.parse().context("reading the URL of the database")?;
        if config.get_application_name().is_none() {
            config.application_name("cresset");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        // A server that went away without a word is noticed.
        config.keepalives_idle(Duration::from_secs(30)).tcp_user_timeout(Duration::from_secs(60));
        Ok(Self { config, base, schema_type })
    }

    /// The hosts and the database, for messages: nothing secret.
    pub(crate) fn place(&self) -> String {
        let ports = self.config.get_ports();
        let hosts = self.config.get_hosts().iter().enumerate().map(|(at, host)| match host {
            // One port may be that of all hosts.
            Host::Tcp(name) => match ports.get(at).or(ports.first()) {
                Some(port) => format!("{name}:{port}"),
                None => name.clone(),
            },
            Host::Unix(path) => path.display().to_string(),
        });
        let hosts = hosts.collect::<Vec<_>>().join(",");
        let database = self.config.get_dbname().unwrap_or_default();
        format!("postgres://{hosts}/{database}?schema={}", self.base)
    }
}

/// The URL without a parameter that libpq doesn't know, and that parameter.
fn without(url: &str, name: &str) -> (String, Option<String>) {
    let Some((address, query)) = url.split_once('?') else {
        return (url.to_owned(), None);
    };
    let mut value = None;
    let others = query.split('&').filter(|part| match part.split_once('=') {
        Some((key, given)) if key == name => {
            value = Some(given.to_owned());
            false
        }
        _ => true,
    });
    let others = others.collect::<Vec<_>>().join("&");
    let url = if others.is_empty() { address.to_owned() } else { format!("{address}?{others}") };
    (url, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_is_taken_out_of_the_url() {
        let url = "postgres://me:secret@db.example:5433/records?schema=ward-7&connect_timeout=9";
        let location = Location::parse(url).expect("a URL");
        assert_eq!(location.base, "ward-7");
        assert_eq!(location.config.get_dbname(), Some("records"));
        assert_eq!(location.config.get_connect_timeout(), Some(&Duration::from_secs(9)));
        assert_eq!(location.place(), "postgres://db.example:5433/records?schema=ward-7");
    }

    #[test]
    fn the_schema_type_is_one_of_two() {
        let of = |url| Location::parse(url).map(|location| location.schema_type);
        let distributed = of("postgres://localhost/x?schema_type=distributed&schema=a");
        assert_eq!(distributed.expect("a URL"), Some(SchemaType::Distributed));
        assert_eq!(of("postgres://localhost/x").expect("a URL"), None);
        let problem = of("postgres://localhost/x?schema_type=SHARDED").expect_err("no such type");
        assert!(problem.to_string().contains("PLAIN or DISTRIBUTED"), "{problem}");
    }

    #[test]
    fn without_a_schema_there_is_a_default() {
        assert_eq!(Location::parse("postgres://localhost/x").expect("a URL").base, "cresset");
    }

    #[test]
    fn a_schema_that_is_no_name_is_refused() {
        let outcome = Location::parse("postgres://localhost/x?schema=a%22b");
        assert!(matches!(outcome, Err(StoreError::Name(_))), "{outcome:?}");
    }
}
