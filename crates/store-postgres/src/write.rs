//! What happens inside a commit.

mod admit;
mod doubt;
mod entries;
mod flush;
mod group;
mod plan;
mod prepare;
mod purge;
mod reindex;
mod replicate;
mod request;
mod row_state;

pub(crate) use entries::{Entries, physical};
pub(crate) use flush::{INSERT_REFERENCES, INSERT_VALUES};
pub(crate) use group::commit;
pub(crate) use request::{Answer, Request};
