//! Where a PostgreSQL database is, under the keys of LinuxForHealth's `database.properties`.

use crate::given::Given;
use crate::host::{authority, compared, escaped};
use crate::mistake::{ConfigError, Mistake};
use crate::properties;
use crate::secret::Secret;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A database, how to log in to it, and how the connection is protected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// A host, or several separated by commas: of these the one that lets write is used.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database's name.
    pub database: String,
    /// The role.
    pub user: String,
    /// Its password, where it needs one.
    pub password: Option<Secret>,
    /// What the names of the collections' schemas begin with.
    pub schema: String,
    /// Whether the connection must be encrypted to a server that proves its name.
    pub ssl: Option<bool>,
    /// How the connection is protected; nothing: as `ssl` says, or else as the store does.
    pub sslmode: Option<SslMode>,
    /// The file of a certificate to show.
    pub sslcert: Option<String>,
    /// The file of the authorities that are believed, or `system`.
    pub sslrootcert: Option<String>,
    /// The file of the certificate's key.
    pub sslkey: Option<String>,
}

/// libpq's modes of protection, from the weakest to the strongest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// No encryption.
    Disable,
    /// Encryption if the server insists.
    Allow,
    /// Encryption if the server can.
    Prefer,
    /// Encryption, to whomever.
    Require,
    /// Encryption to somebody whom an authority vouches for.
    VerifyCa,
    /// Encryption to the host that was named.
    VerifyFull,
}

impl SslMode {
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("disable", Self::Disable),
        ("allow", Self::Allow),
        ("prefer", Self::Prefer),
        ("require", Self::Require),
        ("verify-ca", Self::VerifyCa),
        ("verify-full", Self::VerifyFull),
    ];

    /// As libpq names it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }
}

/// How the tables of a database are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaType {
    /// Ordinary tables.
    Plain,
    /// Tables that Citus distributes.
    Distributed,
}

/// What is wrong with a key.
pub(crate) type Problem = (&'static str, String);

impl Database {
    /// The keys that are known.
    pub(crate) const KEYS: [&'static str; 11] = [
        "db.host",
        "db.port",
        "db.database",
        "user",
        "password",
        "currentSchema",
        "ssl",
        "sslmode",
        "sslcert",
        "sslrootcert",
        "sslkey",
    ];

    /// Reads a Java properties file. Of a key that stands in it twice the last one counts, as in Java.
    ///
    /// # Errors
    /// [`ConfigError`] names file, line and key of each mistake.
    pub fn from_properties(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |error| Mistake::in_file(path, format!("it can't be read: {error}"));
        let bytes = fs::read(path).map_err(unreadable)?;
        let wrong = |line, key: Option<&str>, problem: String| Mistake {
            line,
            key: key.map(str::to_owned),
            ..Mistake::in_file(path, problem)
        };
        let all = properties::parse(&bytes)
            .map_err(|error| wrong(Some(error.line), None, error.problem.to_owned()))?;
        let unknown = || format!("unknown key; known are {}", Self::KEYS.join(", "));
        let mut mistakes: Vec<Mistake> = all
            .iter()
            .filter(|property| !Self::KEYS.contains(&property.key.as_str()))
            .map(|property| wrong(Some(property.line), Some(&property.key), unknown()))
            .collect();
        let values = all.iter().map(|p| (p.key.as_str(), p.value.expose().to_owned()));
        match Self::of(&values.collect()) {
            Ok(database) if mistakes.is_empty() => return Ok(database),
            Ok(_) => {}
            Err(problems) => mistakes.extend(problems.into_iter().map(|(key, problem)| {
                let line = all.iter().rfind(|property| property.key == key).map(|p| p.line);
                wrong(line, Some(key), problem)
            })),
        }
        mistakes.sort_by_key(|mistake| mistake.line.unwrap_or(usize::MAX));
        Err(ConfigError::new(mistakes))
    }

    /// From values by their keys; others aren't looked at.
    pub(crate) fn of(values: &BTreeMap<&str, String>) -> Result<Self, Vec<Problem>> {
        let mut given = Given { values, problems: Vec::new() };
        let database = Self {
            host: given.host(),
            port: given.port(),
            database: given.required("db.database"),
            user: given.required("user"),
            password: given.text("password").map(Secret::new),
            schema: given.schema(),
            ssl: given.boolean("ssl"),
            sslmode: given.sslmode(),
            sslcert: given.text("sslcert"),
            sslrootcert: given.text("sslrootcert"),
            sslkey: given.text("sslkey"),
        };
        given.check_protection(&database);
        if given.problems.is_empty() { Ok(database) } else { Err(given.problems) }
    }

    /// The URL that the store on PostgreSQL opens. It has the password in it.
    pub fn url(&self, schema_type: SchemaType) -> Secret {
        let password = self.password.as_ref().map(|p| format!(":{}", escaped(p.expose())));
        let schema_type = match schema_type {
            SchemaType::Plain => "PLAIN",
            SchemaType::Distributed => "DISTRIBUTED",
        };
        let mut url = format!(
            "postgres://{}{}@{}/{}?schema={}&schema_type={schema_type}",
            escaped(&self.user),
            password.unwrap_or_default(),
            authority(&self.host, self.port),
            escaped(&self.database),
            escaped(&self.schema),
        );
        let mode = self.protection();
        // Whoever asked for a server that proves its name, and named no authority, gets the system's.
        let by_system = self.sslmode.is_none() && self.sslrootcert.is_none();
        let system = (by_system && mode == Some(SslMode::VerifyFull)).then_some("system");
        for (name, value) in [
            ("sslmode", mode.map(SslMode::name)),
            ("sslrootcert", self.sslrootcert.as_deref().or(system)),
            ("sslcert", self.sslcert.as_deref()),
            ("sslkey", self.sslkey.as_deref()),
        ] {
            if let Some(value) = value {
                url.push_str(&format!("&{name}={}", escaped(value)));
            }
        }
        Secret::new(url)
    }

    /// As the JDBC driver reads it, `ssl` without a mode asks for the strongest.
    fn protection(&self) -> Option<SslMode> {
        self.sslmode.or((self.ssl == Some(true)).then_some(SslMode::VerifyFull))
    }

    /// What two databases are told apart by.
    pub(crate) fn identity(&self) -> (String, u16, &str, String) {
        (compared(&self.host), self.port, &self.database, self.schema.to_ascii_lowercase())
    }
}

impl std::fmt::Display for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { host, port, database, schema, .. } = self;
        write!(f, "{host}, port {port}, database {database}, schema {schema}")
    }
}
