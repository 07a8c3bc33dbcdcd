//! The values of a database's keys, each as what it must be.

use crate::database::{Database, Problem, SslMode};
use std::collections::BTreeMap;

/// The port of PostgreSQL.
const PORT: u16 = 5432;
/// What schemas' names begin with when nothing is said.
const SCHEMA: &str = "cresset";

/// The values, and what is wrong with them.
pub(crate) struct Given<'a> {
    pub(crate) values: &'a BTreeMap<&'a str, String>,
    pub(crate) problems: Vec<Problem>,
}

impl Given<'_> {
    fn wrong(&mut self, key: &'static str, problem: impl Into<String>) {
        self.problems.push((key, problem.into()));
    }

    /// A value; an empty one is none.
    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.values.get(key).filter(|text| !text.is_empty()).cloned()
    }

    pub(crate) fn required(&mut self, key: &'static str) -> String {
        self.text(key).unwrap_or_else(|| {
            self.wrong(key, "missing: a text is expected");
            String::new()
        })
    }

    pub(crate) fn host(&mut self) -> String {
        let host = self.required("db.host");
        if !host.is_empty() && host.split(',').any(|host| host.trim().is_empty()) {
            self.wrong("db.host", "a host, or several separated by commas, is expected");
        }
        host
    }

    pub(crate) fn port(&mut self) -> u16 {
        let Some(text) = self.text("db.port") else { return PORT };
        match text.trim().parse() {
            Ok(port) if port > 0 => port,
            _ => {
                self.wrong("db.port", "a number from 1 to 65535 is expected");
                PORT
            }
        }
    }

    pub(crate) fn schema(&mut self) -> String {
        let schema = self.text("currentSchema").unwrap_or_else(|| SCHEMA.to_owned());
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if schema.len() > 64 || !schema.bytes().all(allowed) {
            self.wrong("currentSchema", "1 to 64 of A-Z, a-z, 0-9, '_' and '-' are expected");
        }
        schema
    }

    pub(crate) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        match self.text(key)?.trim().to_ascii_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.wrong(key, "true or false is expected");
                None
            }
        }
    }

    pub(crate) fn sslmode(&mut self) -> Option<SslMode> {
        let text = self.text("sslmode")?;
        let known = SslMode::NAMES.iter().find(|(name, _)| *name == text.trim());
        if known.is_none() {
            let names: Vec<_> = SslMode::NAMES.iter().map(|(name, _)| *name).collect();
            self.wrong("sslmode", format!("one of {} is expected", names.join(", ")));
        }
        known.map(|(_, mode)| *mode)
    }

    pub(crate) fn check_protection(&mut self, database: &Database) {
        if let (Some(ssl), Some(mode)) = (database.ssl, database.sslmode) {
            let encrypts = mode >= SslMode::Require;
            if ssl != encrypts && (ssl || encrypts) {
                let problem = format!("it contradicts sslmode={}: leave one out", mode.name());
                self.wrong("ssl", problem);
            }
        }
        match (&database.sslcert, &database.sslkey) {
            (Some(_), None) => self.wrong("sslkey", "missing: the key of sslcert is expected"),
            (None, Some(_)) => {
                self.wrong("sslcert", "missing: the certificate of sslkey is expected")
            }
            _ => {}
        }
    }
}
