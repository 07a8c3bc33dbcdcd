#![doc = include_str!("../README.md")]

mod azurite;
mod forward;
mod keeper;
mod program;
mod proxy;
mod rule;
mod shared;
mod tally;

pub use azurite::Azurite;
pub use proxy::Proxy;
pub use rule::{Fault, Rule};
pub use shared::{shared, shared_if_there};
