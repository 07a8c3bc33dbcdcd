#![doc = include_str!("../README.md")]

mod build;
mod check;
mod collection;
mod connection;
mod dead_letters;
mod dial;
mod error;
mod explain;
mod grant;
mod location;
mod lookup;
mod migration;
mod names;
mod read;
mod rows;
mod schema_name;
mod schema_type;
mod search;
mod settings;
mod statistics;
mod store;
mod tables;
mod tls;
mod transaction;
mod unindexed;
mod vocabulary;
mod write;
mod writer;

pub use migration::{Migrated, Step};
pub use settings::Settings;
pub use store::PostgresStore;
