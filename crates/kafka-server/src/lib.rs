#![doc = include_str!("../README.md")]

mod broker;
mod builder;
mod keeper;
mod ports;
mod program;
mod secured;
mod settings;
mod shared;
mod topic;
mod wire;

pub use broker::Broker;
pub use builder::Builder;
pub use secured::{Secured, User};
pub use shared::Shared;
