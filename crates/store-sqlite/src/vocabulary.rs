//! Numbers for index names and terms: small sets, kept in memory whole once asked for.

use crate::error::{Context, Outcome};
use cresset_store::{Parameter, TypeNumber};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// Parameters that the store itself keeps.
pub(crate) mod reserved {
    /// All current resources of a type: value is the type's number in two bytes.
    pub(crate) const TYPE: u32 = 0;
    /// The time of the current version: type in two bytes, time in eight.
    pub(crate) const UPDATED: u32 = 1;
    /// The change sequence by type; its "resources" are places in the sequence.
    pub(crate) const HISTORY: u32 = 2;
    /// The first that stands for a [`cresset_store::Parameter`].
    pub(crate) const FIRST: u32 = 16;
}

/// Terms to remember at most; a unit or system that isn't among them is asked for again.
const REMEMBERED: usize = 100_000;

/// An index: its number, and the only type that it has keys of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    pub(crate) number: u32,
    /// `None` when resources of several types have keys in it.
    pub(crate) only_type: Option<TypeNumber>,
}

/// What one connection knows of `parameter` and `term`.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    parameters: HashMap<Parameter, Index>,
    terms: HashMap<String, u64>,
}

impl Vocabulary {
    /// The index of a parameter, if anything was ever written to it.
    pub(crate) fn parameter(
        &mut self,
        connection: &Connection,
        parameter: &Parameter,
    ) -> Outcome<Option<Index>> {
        if let Some(index) = self.parameters.get(parameter) {
            return Ok(Some(*index));
        }
        let row = connection
            .prepare_cached("SELECT p, type FROM parameter WHERE name = ?1")
            .and_then(|mut s| {
                s.query_row([parameter.name()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
            })
            .context("looking up a parameter")?;
        Ok(row.map(|(number, only): (u32, Option<u16>)| {
            let index = Index { number, only_type: only.map(TypeNumber) };
            self.parameters.insert(parameter.clone(), index);
            index
        }))
    }

    /// The index of a parameter that a resource of `of` has a key in; entered if it is new.
    pub(crate) fn enter_parameter(
        &mut self,
        connection: &Connection,
        parameter: &Parameter,
        of: TypeNumber,
    ) -> Outcome<u32> {
        let known = self.parameter(connection, parameter)?;
        let index = match known {
            Some(index) if index.only_type.is_none_or(|only| only == of) => return Ok(index.number),
            Some(index) => {
                connection
                    .prepare_cached("UPDATE parameter SET type = NULL WHERE p = ?1")
                    .and_then(|mut s| s.execute([index.number]))
                    .context("entering a parameter")?;
                Index { only_type: None, ..index }
            }
            None => {
                Index { number: insert_parameter(connection, parameter, of)?, only_type: Some(of) }
            }
        };
        self.parameters.insert(parameter.clone(), index);
        Ok(index.number)
    }

    /// The number of a term, if it was ever written.
    pub(crate) fn term(&mut self, connection: &Connection, text: &str) -> Outcome<Option<u64>> {
        if let Some(number) = self.terms.get(text) {
            return Ok(Some(*number));
        }
        let number = connection
            .prepare_cached("SELECT t FROM term WHERE text = ?1")
            .and_then(|mut s| s.query_row([text], |row| row.get::<_, i64>(0)).optional())
            .context("looking up a term")?;
        Ok(number.map(|number| self.remember(text, number)))
    }

    /// The number of a term; entered if it is new.
    pub(crate) fn enter_term(&mut self, connection: &Connection, text: &str) -> Outcome<u64> {
        if let Some(number) = self.term(connection, text)? {
            return Ok(number);
        }
        connection
            .prepare_cached("INSERT INTO term(text) VALUES(?1)")
            .and_then(|mut s| s.insert([text]))
            .context("entering a term")
            .map(|number| self.remember(text, number))
    }

    /// What a parameter is called.
    pub(crate) fn parameter_name(connection: &Connection, number: u32) -> Outcome<String> {
        connection
            .prepare_cached("SELECT name FROM parameter WHERE p = ?1")
            .and_then(|mut s| s.query_row([number], |row| row.get(0)).optional())
            .map(|name| name.unwrap_or_else(|| format!("index {number}")))
            .context("looking up a parameter")
    }

    /// All terms that end with `ending`.
    pub(crate) fn terms_ending(connection: &Connection, ending: &str) -> Outcome<Vec<u64>> {
        let terms = || {
            let mut statement = connection.prepare_cached(
                "SELECT t FROM term WHERE ?1 = '' OR substr(text, -length(?1)) = ?1 ORDER BY t",
            )?;
            let rows = statement.query_map([ending], |row| row.get::<_, i64>(0))?;
            rows.map(|t| t.map(i64::unsigned_abs)).collect::<rusqlite::Result<Vec<_>>>()
        };
        terms().context("looking up terms")
    }

    /// Forgets everything: what was entered in a transaction that was rolled back isn't there.
    pub(crate) fn forget(&mut self) {
        self.parameters.clear();
        self.terms.clear();
    }

    /// A reader's memory of "one type only" can be overtaken by a writer; the writer's can't.
    pub(crate) fn forget_parameters(&mut self) {
        self.parameters.clear();
    }

    fn remember(&mut self, text: &str, number: i64) -> u64 {
        if self.terms.len() >= REMEMBERED {
            self.terms.clear();
        }
        self.terms.insert(text.to_owned(), number.unsigned_abs());
        number.unsigned_abs()
    }
}

fn insert_parameter(
    connection: &Connection,
    parameter: &Parameter,
    of: TypeNumber,
) -> Outcome<u32> {
    connection
        .prepare_cached(
            "INSERT INTO parameter(p, name, type)
             VALUES((SELECT coalesce(max(p) + 1, ?3) FROM parameter), ?1, ?2) RETURNING p",
        )
        .and_then(|mut s| s.query_row((parameter.name(), of.0, reserved::FIRST), |row| row.get(0)))
        .context("entering a parameter")
}
