//! Reading resources, versions, history and changes.

mod changes;
mod compare;
mod current;
mod history;
mod list;
mod references;
mod snapshot;
mod versions;

pub(crate) use changes::{bookmark, changes, horizon};
pub(crate) use compare::compare_index;
pub(crate) use current::{current, next_versions, of_surrogates, version};
pub(crate) use history::history;
pub(crate) use list::list;
pub(crate) use references::references;
pub(crate) use snapshot::Snapshot;
pub(crate) use versions::versions;
