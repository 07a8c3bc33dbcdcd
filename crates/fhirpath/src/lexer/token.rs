//! The tokens.

use compact_str::CompactString;

use crate::value::Value;

/// A token and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) offset: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// An identifier or keyword; which of them, its place decides.
    Word(CompactString),
    /// An identifier in backticks (or, as in older expressions, double quotes).
    Delimited(CompactString),
    /// A text in single quotes.
    String(CompactString),
    /// A number, date, date and time, or time.
    Literal(Value),
    /// `%name`
    Variable(CompactString),
    /// `$this`, `$index`, `$total`
    Dollar(CompactString),
    Symbol(&'static str),
    End,
}

impl TokenKind {
    pub(crate) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self, TokenKind::Symbol(found) if *found == symbol)
    }
}
