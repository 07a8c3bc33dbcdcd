//! What happens inside a commit.

mod admit;
mod clock;
mod doubt;
mod entries;
mod flush;
mod group;
mod index;
mod plan;
mod prepare;
mod purge;
mod replicate;
mod request;
mod row_state;
mod words;

pub(crate) use entries::{Entries, index_prefix, physical, value_of};
pub(crate) use flush::{INSERT_REFERENCES, INSERT_VALUES, INSERT_WORDS};
pub(crate) use group::commit;
pub(crate) use request::{Answer, Indexing, Request};
pub(crate) use words::lexeme;
