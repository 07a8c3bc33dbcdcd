//! The search index, filled through Kafka by processes of their own, while these processes, the broker and the
//! database die.
//!
//! `CRESSET_REMOTE_RESOURCES` (2,000; the full dose is 200,000) says how many resources go through it in the
//! storm, `CRESSET_REMOTE_IDENTIFIERS` (60; 1,000) for how many identifiers clients compete.

mod support;

#[path = "remote_index/conditional.rs"]
mod conditional;
#[path = "remote_index/deadlocks.rs"]
mod deadlocks;
#[path = "remote_index/outages.rs"]
mod outages;
#[path = "remote_index/rig.rs"]
mod rig;
#[path = "remote_index/rules.rs"]
mod rules;
#[path = "remote_index/storm.rs"]
mod storm;
