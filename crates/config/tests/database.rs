//! Databases out of properties files, and the URLs that open them.

use cresset_config::{ConfigError, Database, SchemaType, SslMode};
use proptest::prelude::*;
use std::fs;
use tokio_postgres::config::{Config, Host};

fn from(text: &str) -> Result<Database, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("database.properties");
    fs::write(&file, text).unwrap();
    Database::from_properties(&file)
}

const LEAST: &str = "db.host=db.example\ndb.database=records\nuser=cresset\n";

/// The URL of these lines after [`LEAST`].
fn url(more: &str) -> String {
    let database = from(&format!("{LEAST}{more}")).unwrap();
    database.url(SchemaType::Plain).expose().to_owned()
}

#[test]
fn every_key_is_read() {
    let database = from(
        "# made by hand\ndb.host = h\ndb.port=6432\ndb.database:d\nuser u\npassword=p\\u00e4 s\n\
         currentSchema=ward\nssl=true\nsslmode=verify-ca\nsslcert=c\nsslrootcert=r\nsslkey=k\n",
    )
    .unwrap();
    let expected = "postgres://u:p%C3%A4%20s@h:6432/d?schema=ward&schema_type=DISTRIBUTED\
                    &sslmode=verify-ca&sslrootcert=r&sslcert=c&sslkey=k";
    assert_eq!(database.url(SchemaType::Distributed).expose(), expected);
    assert_eq!(database.sslmode, Some(SslMode::VerifyCa));
}

#[test]
fn little_need_be_said() {
    let expected = "postgres://cresset@db.example:5432/records?schema=cresset&schema_type=PLAIN";
    assert_eq!(url(""), expected);
}

#[test]
fn ssl_alone_asks_for_a_server_that_proves_its_name() {
    assert!(url("ssl=true").ends_with("&sslmode=verify-full&sslrootcert=system"));
    assert!(
        url("ssl=true\nsslrootcert=ca.pem").ends_with("&sslmode=verify-full&sslrootcert=ca.pem")
    );
    assert!(url("ssl=true\nsslmode=require").ends_with("&sslmode=require"));
    assert!(!url("ssl=false").contains("ssl"));
}

#[test]
fn several_hosts_addresses_and_sockets_have_their_place_in_the_url() {
    let hosts = |hosts: &str| {
        let url = url(&format!("db.host={hosts}\ndb.port=7\n"));
        let config: Config = url.split('?').next().unwrap().parse().unwrap();
        (config.get_hosts().to_vec(), config.get_ports().to_vec())
    };
    let tcp = |name: &str| Host::Tcp(name.to_owned());
    assert_eq!(hosts("a, b"), (vec![tcp("a"), tcp("b")], vec![7, 7]));
    assert_eq!(hosts("::1,[fe80::2]"), (vec![tcp("::1"), tcp("fe80::2")], vec![7, 7]));
    assert_eq!(hosts("/run/pg").0, [Host::Unix("/run/pg".into())]);
}

#[test]
fn mistakes_are_named_by_file_line_and_key_without_values() {
    let told = |text: &str| from(text).unwrap_err().to_string();
    let all =
        told("db.hots=h\npassword=ZZSECRETZZ\n\ndb.port=ZZSECRETZZ\nssl=maybe\nsslmode=some\n");
    let lines: Vec<&str> = all.lines().map(|l| l.split_once(".properties: ").unwrap().1).collect();
    assert_eq!(
        lines.iter().map(|line| line.split(": ").take(2).collect::<Vec<_>>()).collect::<Vec<_>>(),
        [
            ["line 1", "db.hots"],
            ["line 4", "db.port"],
            ["line 5", "ssl"],
            ["line 6", "sslmode"],
            ["db.host", "missing"],
            ["db.database", "missing"],
            ["user", "missing"],
        ]
    );
    assert!(lines[0].contains("known are db.host, db.port"), "{all}");
    assert!(!all.contains("ZZSECRETZZ"), "{all}");
    for (more, problem) in [
        ("x=\\u12", "line 4: \\u needs four"),
        ("currentSchema=a\"b", "line 4: currentSchema: 1 to 64"),
        ("db.port=0", "line 4: db.port: a number"),
        ("db.host=a,,b", "line 4: db.host: a host, or several"),
        ("ssl=true\nsslmode=prefer", "line 4: ssl: it contradicts sslmode=prefer"),
        ("ssl=false\nsslmode=verify-full", "line 4: ssl: it contradicts sslmode=verify-full"),
        ("sslcert=c", "sslkey: missing"),
        ("sslkey=k", "sslcert: missing"),
    ] {
        let told = told(&format!("{LEAST}{more}"));
        assert!(told.contains(problem), "{problem} is expected: {told}");
    }
    let missing = Database::from_properties("nowhere/at.all".as_ref()).unwrap_err();
    assert!(missing.to_string().starts_with("nowhere/at.all: it can't be read"), "{missing}");
}

#[test]
fn of_a_key_that_stands_twice_the_last_one_counts() {
    assert!(url("user=later").starts_with("postgres://later@"));
}

#[test]
fn a_password_is_not_shown() {
    let database = from(&format!("{LEAST}password=ZZSECRETZZ")).unwrap();
    let shown = format!("{database} {database:?} {:?}", database.url(SchemaType::Plain));
    assert!(!shown.contains("ZZSECRETZZ"), "{shown}");
}

proptest! {
    /// The driver reads out of the URL what went in, whatever characters it has.
    #[test]
    fn urls_keep_every_character(user in "[^\0]{1,12}", password in "[^\0]{1,12}", name in "[^\0]{1,12}") {
        let mut database = from(LEAST).unwrap();
        database.user = user.clone();
        database.password = Some(cresset_config::Secret::new(password.as_str()));
        database.database = name.clone();
        let url = database.url(SchemaType::Plain);
        let (address, query) = url.expose().split_once('?').unwrap();
        let config: Config = address.parse().unwrap();
        prop_assert_eq!(config.get_user(), Some(user.as_str()));
        prop_assert_eq!(config.get_password(), Some(password.as_bytes()));
        prop_assert_eq!(config.get_dbname(), Some(name.as_str()));
        prop_assert_eq!(config.get_hosts(), [Host::Tcp("db.example".to_owned())]);
        prop_assert_eq!(query, "schema=cresset&schema_type=PLAIN");
    }
}
