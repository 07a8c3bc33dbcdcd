//! The search index: posting lists in a tree.
//!
//! A row `(p, v, r, more)` says that resource `r`, and those in `more`, have value `v` under
//! parameter `p`. The rows of one value don't overlap and follow each other by `r`, so a value that
//! one resource has costs one small row, and a value that a million share a byte or two for each.

mod apply;
mod block;
mod deltas;

pub(crate) use apply::apply;
pub(crate) use block::{Block, members};
pub(crate) use deltas::Deltas;
