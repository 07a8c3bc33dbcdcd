//! Searches while others write: each page and its total are of one moment, paging to the end and back
//! misses and repeats nothing that stays as it was, and links outlive the server that gave them.

#[path = "search_snapshot/invariants.rs"]
mod invariants;
#[path = "search_snapshot/page.rs"]
mod page;
#[path = "search_snapshot/paging.rs"]
mod paging;
#[path = "search_snapshot/restart.rs"]
mod restart;
mod support;
