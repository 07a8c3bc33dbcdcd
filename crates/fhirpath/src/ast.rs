//! Expressions as trees.
//!
//! A chain of members, functions and indexes (`Patient.name.where(use = 'usual')[0].family`) is
//! one [`Path`] with a list of steps, not a nest: it evaluates in a loop, and a reader that
//! compiles expressions further sees the steps in order.

mod identifier;

use std::fmt;

use compact_str::CompactString;

use crate::functions::Function;
use crate::value::Value;

pub use identifier::Identifier;
pub(crate) use identifier::Meaning;

/// An expression or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A literal such as `'text'`, `1.5`, `@2015-02` or `4 days`.
    Literal(Value),
    /// `{}`
    Empty,
    /// `$this`
    This,
    /// `$index`
    Index,
    /// `$total`
    Total,
    /// `%name`
    Variable(CompactString),
    /// A chain of steps.
    Path(Path),
    /// `-operand`, or `+operand`, which only asks for a number.
    Polarity {
        /// Whether it's `-`.
        negative: bool,
        /// What it's applied to.
        operand: Box<Node>,
    },
    /// `left operator right`
    Binary {
        /// Which one.
        operator: Operator,
        /// What's before it.
        left: Box<Node>,
        /// What's after it.
        right: Box<Node>,
    },
    /// `operand is Type` or `operand as Type`; the functions `is()` and `as()` are steps.
    Type {
        /// Whether the type is asked or selected.
        operation: TypeOperation,
        /// What's before it.
        operand: Box<Node>,
        /// The type.
        name: TypeName,
    },
}

/// A chain of steps from a start.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// Where it starts; the focus (the resource, or `$this`) when absent.
    pub start: Option<Box<Node>>,
    /// The steps, at least one.
    pub steps: Vec<Step>,
}

/// A step of a path.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// `.name`; as the first step without a start it may also be the focus's own type, as in
    /// `Patient.name`.
    Member(Identifier),
    /// `.function(arguments)`
    Call(Call),
    /// `[index]`
    Index(Node),
}

/// A function with its arguments, the number of which fits the function.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Which function.
    pub function: Function,
    /// Its arguments; a type argument is in `type_name`.
    pub arguments: Vec<Node>,
    /// The argument of `is()`, `as()` and `ofType()`.
    pub type_name: Option<TypeName>,
}

/// The name of a type with the namespace that's written with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeName {
    /// `System`, `FHIR` or nothing.
    pub namespace: Option<CompactString>,
    /// The name.
    pub name: CompactString,
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}.")?;
        }
        f.write_str(&self.name)
    }
}

/// What's done with a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeOperation {
    /// Whether the operand has it.
    Is,
    /// The items that have it. On several items this selects, as search parameters such as
    /// `(Observation.component.value as Quantity)` need; the specification has only one item here.
    As,
}

/// A binary operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is its own sign or keyword")]
pub enum Operator {
    Multiply,
    Divide,
    Div,
    Mod,
    Add,
    Subtract,
    Concatenate,
    Union,
    LessOrEqual,
    Less,
    Greater,
    GreaterOrEqual,
    Equal,
    Equivalent,
    NotEqual,
    NotEquivalent,
    In,
    Contains,
    And,
    Or,
    Xor,
    Implies,
}

impl Operator {
    /// The operator as it's written.
    pub fn symbol(self) -> &'static str {
        match self {
            Operator::Multiply => "*",
            Operator::Divide => "/",
            Operator::Div => "div",
            Operator::Mod => "mod",
            Operator::Add => "+",
            Operator::Subtract => "-",
            Operator::Concatenate => "&",
            Operator::Union => "|",
            Operator::LessOrEqual => "<=",
            Operator::Less => "<",
            Operator::Greater => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::Equal => "=",
            Operator::Equivalent => "~",
            Operator::NotEqual => "!=",
            Operator::NotEquivalent => "!~",
            Operator::In => "in",
            Operator::Contains => "contains",
            Operator::And => "and",
            Operator::Or => "or",
            Operator::Xor => "xor",
            Operator::Implies => "implies",
        }
    }
}
