//! Keeping trees, and the recursion that makes them, within [`MAX_DEPTH`].

use super::{MAX_DEPTH, Parser, Sized};
use crate::ast::Node;
use crate::error::ParseError;

impl Parser {
    /// Begins a construct that may hold others.
    pub(super) fn enter(&mut self) -> Result<(), ParseError> {
        self.depth += 1;
        self.within_bounds(self.depth)
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// A tree whose deepest part is `inner` deep.
    pub(super) fn sized(&self, node: Node, inner: usize) -> Result<Sized, ParseError> {
        let depth = inner + 1;
        self.within_bounds(depth)?;
        Ok(Sized { node, depth })
    }

    fn within_bounds(&self, depth: usize) -> Result<(), ParseError> {
        if depth <= MAX_DEPTH {
            return Ok(());
        }
        Err(self.error("the expression is nested too deeply"))
    }
}
