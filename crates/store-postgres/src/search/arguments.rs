//! Statements that are put together, and the values that go with them.

use crate::transaction::{Argument, Statement};
use tokio_postgres::types::{ToSql, Type};

/// The values of a statement's parameters.
#[derive(Debug, Default)]
pub(super) struct Arguments {
    values: Vec<(Box<dyn ToSql + Send + Sync>, Type)>,
}

impl Arguments {
    /// Takes a value; returns what stands for it in the statement.
    pub(super) fn bind(&mut self, value: impl ToSql + Send + Sync + 'static, of: Type) -> String {
        self.values.push((Box::new(value), of));
        format!("${}", self.values.len())
    }

    pub(super) fn bytes(&mut self, value: Vec<u8>) -> String {
        self.bind(value, Type::BYTEA)
    }

    pub(super) fn numbers(&mut self, values: Vec<i32>) -> String {
        self.bind(values, Type::INT4_ARRAY)
    }
}

/// A statement and its values.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(super) sql: String,
    pub(super) arguments: Arguments,
}

impl Ready {
    /// To be sent.
    pub(crate) fn statement(&self, doing: &'static str) -> Statement<'_> {
        self.prefixed("", doing)
    }

    /// To be sent with something before it: `EXPLAIN`.
    pub(crate) fn prefixed(&self, before: &str, doing: &'static str) -> Statement<'_> {
        let arguments = self.arguments.values.iter();
        let arguments = arguments.map(|(value, of)| -> Argument<'_> { (&**value, of.clone()) });
        Statement { doing, sql: format!("{before}{}", self.sql), arguments: arguments.collect() }
    }
}
