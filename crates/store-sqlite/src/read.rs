//! Reading resources, versions, history and changes.

mod changes;
mod compare;
mod history;
mod list;
mod references;
mod versions;

pub(crate) use changes::{bookmark, changes, horizon};
pub(crate) use compare::compare_index;
pub(crate) use history::history;
pub(crate) use list::list;
pub(crate) use references::references;
pub(crate) use versions::{current, next_version, of_surrogates, version, versions};
