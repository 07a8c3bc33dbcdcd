//! The works, a file each.

pub(crate) mod create;
pub(crate) mod load;
pub(crate) mod own;
pub(crate) mod read;
pub(crate) mod search;
pub(crate) mod update;
