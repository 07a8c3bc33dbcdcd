//! What end-to-end tests share: the server as a process, a client that speaks to it, and the means of
//! those that kill it.
#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod copies;
pub(crate) mod dose;
pub(crate) mod http;
pub(crate) mod ledger;
pub(crate) mod offload;
pub(crate) mod past;
pub(crate) mod place;
pub(crate) mod remote;
pub(crate) mod server;
pub(crate) mod store_commands;
pub(crate) mod tenants;
pub(crate) mod writer;
