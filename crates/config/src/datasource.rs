use crate::database::Database;
use crate::foreign;
use crate::mistake::{ConfigError, Mistake};
use crate::properties;
use crate::section::{Findings, Section};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a datasource's collections are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datasource {
    /// An embedded store.
    Sqlite {
        /// Its directory; a relative one begins where the process was started, as `--data` does.
        path: PathBuf,
    },
    /// A PostgreSQL database.
    Postgres(Database),
    /// A PostgreSQL database whose tables Citus distributes.
    Citus(Database),
}

/// What to write, for whoever brings another server's file.
const INSTEAD: &str = "write 'sqlite' with connectionProperties {\"db.path\": DIRECTORY}, or 'postgresql' or \
                       'citus' with db.host, db.database, user and password; or say by --data or --store \
                       where the default tenant's default datasource is";

impl Datasource {
    pub(crate) fn read(section: &Section<'_>, found: &mut Findings) -> Option<Self> {
        let known = ["type", "connectionProperties", "currentSchema"];
        section.only(&known, foreign::DATASOURCE, found);
        let kind = section.text("type", found)?;
        if !matches!(kind, "sqlite" | "postgresql" | "citus") {
            section.wrong("type", format!("there is no such store here: {INSTEAD}"), found);
            return None;
        }
        let Some(properties) = section.section("connectionProperties", found) else {
            if !section.has("connectionProperties") {
                section.wrong("connectionProperties", missing(kind), found);
            }
            return None;
        };
        if kind != "sqlite" {
            let database = database(section, &properties, found)?;
            return Some(if kind == "citus" { Self::Citus } else { Self::Postgres }(database));
        }
        properties.only(&["db.path"], &[], found);
        if section.has("currentSchema") {
            section.wrong("currentSchema", "an embedded store has no schemas: leave it out", found);
        }
        Some(Self::Sqlite { path: properties.text("db.path", found)?.into() })
    }
}

impl Datasource {
    /// Reads where an embedded store is from a Java properties file: its one key is `db.path`.
    ///
    /// # Errors
    /// When the file can't be read, has another key or lacks this one.
    pub fn sqlite_from_properties(path: &Path) -> Result<Self, ConfigError> {
        let wrong = |line: Option<usize>, key: Option<&str>, problem: &str| {
            let key = key.map(str::to_owned);
            ConfigError::new(vec![Mistake {
                line,
                key,
                ..Mistake::in_file(path, problem.to_owned())
            }])
        };
        let bytes = fs::read(path)
            .map_err(|error| wrong(None, None, &format!("it can't be read: {error}")))?;
        let all = properties::parse(&bytes)
            .map_err(|error| wrong(Some(error.line), None, error.problem))?;
        if let Some(other) = all.iter().find(|property| property.key != "db.path") {
            return Err(wrong(Some(other.line), Some(&other.key), "unknown key; known is db.path"));
        }
        match all.last() {
            Some(property) => Ok(Self::Sqlite { path: property.value.expose().into() }),
            None => Err(wrong(None, Some("db.path"), "missing")),
        }
    }
}

/// Without user, password and files.
impl fmt::Display for Datasource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => write!(f, "sqlite, {}", path.display()),
            Self::Postgres(database) => write!(f, "postgresql, {database}"),
            Self::Citus(database) => write!(f, "citus, {database}"),
        }
    }
}

fn missing(kind: &str) -> &'static str {
    match kind {
        "sqlite" => "missing: write {\"db.path\": DIRECTORY}",
        _ => {
            "missing: what another server reads from its datasource.xml stands here: db.host, db.port, \
             db.database, user, password; or say by --store where the default tenant's default datasource is"
        }
    }
}

fn database(
    section: &Section<'_>,
    properties: &Section<'_>,
    found: &mut Findings,
) -> Option<Database> {
    properties.only(&Database::KEYS, &[], found);
    let mistakes = found.mistakes.len();
    let mut values: BTreeMap<&str, String> = properties.plain_values(found).into_iter().collect();
    if let Some(schema) = section.optional_text("currentSchema", found) {
        // LinuxForHealth has it here.
        let inner = values.entry("currentSchema").or_insert_with(|| schema.to_owned());
        if inner != schema {
            let problem = "connectionProperties has another one: leave one out";
            section.wrong("currentSchema", problem, found);
        }
    }
    match Database::of(&values) {
        Ok(database) if found.mistakes.len() == mistakes => Some(database),
        Ok(_) => None,
        Err(problems) => {
            for (key, problem) in problems {
                properties.wrong(key, problem, found);
            }
            None
        }
    }
}
