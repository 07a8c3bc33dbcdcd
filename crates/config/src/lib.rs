#![doc = include_str!("../README.md")]

mod apart;
mod configuration;
mod database;
mod datasource;
mod foreign;
mod given;
mod host;
mod mistake;
mod payload_store;
pub mod properties;
mod remote_index;
mod secret;
mod section;
mod tenant_file;

pub use configuration::{Configuration, DefaultDatasource, Tenant};
pub use database::{Database, SchemaType, SslMode};
pub use datasource::Datasource;
pub use mistake::{ConfigError, Mistake};
pub use payload_store::PayloadStore;
pub use remote_index::{EMBEDDED, RemoteIndex, TOPIC};
pub use secret::Secret;
