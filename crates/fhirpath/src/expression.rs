//! Compiled expressions.

use std::fmt;

use crate::ast;
use crate::collection::Collection;
use crate::context::Context;
use crate::error::{EvaluationError, ParseError};
use crate::evaluate::Evaluator;
use crate::node::Node;
use crate::parser;

/// A compiled expression, which any number of threads can evaluate at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    text: String,
    ast: ast::Node,
}

impl Expression {
    /// Compiles an expression.
    ///
    /// # Errors
    /// When the text is no expression, names a function that doesn't exist, is nested too deeply
    /// or is too long.
    pub fn parse(text: &str) -> Result<Expression, ParseError> {
        let ast = parser::parse(text)?;
        Ok(Expression { text: text.to_owned(), ast })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The expression as a tree.
    pub fn ast(&self) -> &ast::Node {
        &self.ast
    }

    /// Evaluates the expression on a node.
    ///
    /// # Errors
    /// When an operator or function can't take what it's given, or the [limits](crate::Limits)
    /// are reached.
    pub fn evaluate<'a>(
        &self,
        input: Node<'a>,
        context: &Context<'a>,
    ) -> Result<Collection<'a>, EvaluationError> {
        Evaluator::new(context).evaluate(&self.ast, input)
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
