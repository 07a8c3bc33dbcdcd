#![doc = include_str!("../README.md")]

mod accept;
mod admin;
mod base;
mod body;
mod coding;
mod connection;
mod consistency;
mod exchange;
mod explain;
mod health;
mod limits;
mod media_type;
mod observe;
mod preconditions;
mod prefer;
mod prometheus;
mod request_id;
mod respond;
mod router;
mod serve;
mod server;
mod settings;
mod tenants;

pub use prometheus::install_metrics;
pub use router::router;
pub use serve::serve;
pub use server::Server;
pub use settings::Settings;
pub use tenants::{KnownTenants, Served, Tenants};
