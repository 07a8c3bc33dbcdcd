//! The URL of a database: `postgres://user@host/database?schema=NAME`, and what libpq's URLs have.

use crate::error::{Context, Outcome};
use crate::schema_type::SchemaType;
use crate::tls::{self, TlsOptions};
use cresset_store::StoreError;
use percent_encoding::percent_decode_str;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, TargetSessionAttrs};

/// What schemas' names begin with when the URL says nothing.
const DEFAULT_BASE: &str = "cresset";

/// How long a host may take to take a connection, unless the URL says.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// When a silent server is asked for a sign of life, unless the URL says; and after how long without one
/// it is given up.
const IDLE: Duration = Duration::from_secs(15);
const UNANSWERED: Duration = Duration::from_secs(20);

/// A database, and what the names of its collections' schemas begin with.
#[derive(Clone, Debug)]
pub(crate) struct Location {
    pub(crate) config: Config,
    pub(crate) base: String,
    /// What the URL says about the tables; nothing: as they are, or plain.
    pub(crate) schema_type: Option<SchemaType>,
    pub(crate) tls: TlsOptions,
}

impl Location {
    pub(crate) fn parse(url: &str) -> Outcome<Self> {
        let (url, mut own) = split(url);
        let mut take = |name: &str| own.iter_mut().rfind(|o| o.0 == name).map(|o| o.1.split_off(0));
        let base = take("schema").unwrap_or_else(|| DEFAULT_BASE.to_owned());
        let unknown = || StoreError::Backend {
            context: "reading the URL of the database",
            source: "schema_type is PLAIN or DISTRIBUTED".into(),
        };
        let kind = take("schema_type");
        let kind = kind.map(|kind| SchemaType::parse(&kind).ok_or_else(unknown));
        let schema_type = kind.transpose()?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if !(1..=64).contains(&base.len()) || !base.bytes().all(allowed) {
            return Err(StoreError::Name(base.chars().take(64).collect()));
        }
        let tls = TlsOptions::of(take)?;
        let mut config: Config = url.parse().context("reading the URL of the database")?;
        set_defaults(&mut config, &url);
        Ok(Self { config, base, schema_type, tls })
    }

    /// The same for each host alone.
    pub(crate) fn each_host(&self) -> Vec<Config> {
        let all = &self.config;
        let (names, addresses) = (all.get_hosts(), all.get_hostaddrs());
        let count = names.len().max(addresses.len());
        (0..count)
            .map(|at| {
                let mut one = without_host(all);
                match (names.get(at), addresses.get(at)) {
                    (Some(Host::Tcp(name)), _) => one.host(name),
                    (Some(Host::Unix(path)), _) => one.host_path(path),
                    // A certificate is for a name, or for an address as one.
                    (None, Some(address)) => one.host(address.to_string()),
                    (None, None) => &mut one,
                };
                if let Some(address) = addresses.get(at) {
                    one.hostaddr(*address);
                }
                if let Some(port) = port(all, at) {
                    one.port(port);
                }
                one
            })
            .collect()
    }

    /// The hosts and the database, for messages: nothing secret.
    pub(crate) fn place(&self) -> String {
        let hosts: Vec<String> = self.each_host().iter().map(address).collect();
        let database = self.config.get_dbname().unwrap_or_default();
        format!("postgres://{}/{database}?schema={}", hosts.join(","), self.base)
    }
}

/// Where the one host of `config` is.
pub(crate) fn address(config: &Config) -> String {
    match (config.get_hosts().first(), port(config, 0)) {
        (Some(Host::Tcp(name)), Some(port)) => format!("{name}:{port}"),
        (Some(Host::Tcp(name)), None) => name.clone(),
        (Some(Host::Unix(path)), _) => path.display().to_string(),
        (None, _) => String::new(),
    }
}

/// One port may be that of all hosts.
fn port(config: &Config, at: usize) -> Option<u16> {
    let ports = config.get_ports();
    ports.get(at).or(ports.first()).copied()
}

/// What the URL leaves open.
fn set_defaults(config: &mut Config, url: &str) {
    if config.get_application_name().is_none() {
        config.application_name("cresset");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    // A server that went away without a word is noticed.
    if !url.contains("keepalives_idle=") {
        config.keepalives_idle(IDLE).keepalives_interval(IDLE / 3).keepalives_retries(3);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNANSWERED);
    }
    // Of several servers one writes; another one's reads would be stale.
    let several = config.get_hosts().len().max(config.get_hostaddrs().len()) > 1;
    if several && !url.contains("target_session_attrs=") {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

/// All but hosts and ports.
fn without_host(all: &Config) -> Config {
    let mut one = Config::new();
    one.ssl_negotiation(all.get_ssl_negotiation())
        .keepalives(all.get_keepalives())
        .keepalives_idle(all.get_keepalives_idle())
        .target_session_attrs(all.get_target_session_attrs())
        .channel_binding(all.get_channel_binding())
        .load_balance_hosts(all.get_load_balance_hosts());
    all.get_user().map(|user| one.user(user));
    all.get_password().map(|password| one.password(password));
    all.get_dbname().map(|name| one.dbname(name));
    all.get_options().map(|options| one.options(options));
    all.get_application_name().map(|name| one.application_name(name));
    all.get_connect_timeout().map(|limit| one.connect_timeout(*limit));
    all.get_tcp_user_timeout().map(|limit| one.tcp_user_timeout(*limit));
    all.get_keepalives_interval().map(|interval| one.keepalives_interval(interval));
    all.get_keepalives_retries().map(|retries| one.keepalives_retries(retries));
    one
}

/// Parameters that libpq doesn't have.
const OWN: [&str; 2] = ["schema", "schema_type"];

/// The URL without the parameters that are ours to understand, and these.
fn split(url: &str) -> (String, Vec<(&str, String)>) {
    let Some((address, query)) = url.split_once('?') else {
        return (url.to_owned(), Vec::new());
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for part in query.split('&') {
        match part.split_once('=') {
            Some((name, value)) if OWN.contains(&name) || tls::OPTIONS.contains(&name) => {
                let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
                own.push((name, value));
            }
            _ => others.push(part),
        }
    }
    let others = others.join("&");
    let url = if others.is_empty() { address.to_owned() } else { format!("{address}?{others}") };
    (url, own)
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
    fn options_of_encryption_are_taken_out_of_the_url() {
        let url = "postgres://h/d?sslmode=verify-ca&connect_timeout=9&sslrootcert=%2Fetc%2Fa+b.pem";
        let tls = Location::parse(url).expect("a URL").tls;
        assert_eq!(tls.told(), "sslmode=verify-ca, sslrootcert=/etc/a+b.pem");
    }

    #[test]
    fn each_host_has_its_port_and_all_else() {
        let url = "postgres://me:secret@a:1,b:2/records?connect_timeout=9";
        let location = Location::parse(url).expect("a URL");
        let hosts = location.each_host();
        assert_eq!(hosts.iter().map(address).collect::<Vec<_>>(), ["a:1", "b:2"]);
        assert_eq!(location.place(), "postgres://a:1,b:2/records?schema=cresset");
        for host in hosts {
            let mut whole: Config = url.parse().expect("a URL");
            set_defaults(&mut whole, url);
            // Which is all that there is: what isn't copied differs here.
            let cut = |config: &Config| {
                let text = format!("{config:?}");
                let (before, rest) = text.split_once("host: ").expect("hosts");
                let (_, after) = rest.split_once("connect_timeout").expect("what follows");
                format!("{before}{after}")
            };
            assert_eq!(cut(&host), cut(&whole));
        }
    }

    #[test]
    fn of_several_hosts_the_one_that_writes_is_meant() {
        let attributes =
            |url| Location::parse(url).expect("a URL").config.get_target_session_attrs();
        assert_eq!(attributes("postgres://a,b/d"), TargetSessionAttrs::ReadWrite);
        assert_eq!(attributes("postgres://a/d"), TargetSessionAttrs::Any);
        let any = "postgres://a,b/d?target_session_attrs=any";
        assert_eq!(attributes(any), TargetSessionAttrs::Any);
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
