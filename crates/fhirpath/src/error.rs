//! What can be wrong with an expression, and what can go wrong in evaluating it.

use thiserror::Error;

/// Why a text is not a FHIRPath expression.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message} at character {offset}")]
pub struct ParseError {
    /// What was expected or what is not allowed.
    pub message: String,
    /// The byte offset in the expression where it was noticed.
    pub offset: usize,
}

impl ParseError {
    pub(crate) fn new(offset: usize, message: impl Into<String>) -> ParseError {
        ParseError { message: message.into(), offset }
    }
}

/// Why an evaluation ended without a result.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EvaluationError {
    /// A collection of several items stands where one item is needed.
    #[error("{place} needs a single item, but there are {count}")]
    NotSingle {
        /// The operator or function that needs one item.
        place: &'static str,
        /// How many there are.
        count: usize,
    },
    /// An operand or argument has a type that the operator or function can't take.
    #[error("{place} can't take {found}")]
    WrongType {
        /// The operator or function.
        place: &'static str,
        /// A description of what it was given.
        found: String,
    },
    /// A variable (`%name`) that nothing defines.
    #[error("the variable %{0} is not defined")]
    UnknownVariable(String),
    /// A type name that is in neither namespace.
    #[error("the type {0} is not known")]
    UnknownType(String),
    /// A function whose answer only the host could give, and it gave none.
    #[error("{0} is not available here")]
    NotAvailable(&'static str),
    /// A regular expression that can't be compiled.
    #[error("not a usable regular expression: {0}")]
    Pattern(String),
    /// The evaluation did more work than it may (see [`Limits`](crate::Limits)).
    #[error("the expression needs more than {0} steps of work on this resource")]
    TooMuchWork(u64),
    /// A text grew longer than a text may.
    #[error("a text grew beyond {0} bytes")]
    TextTooLong(usize),
}
