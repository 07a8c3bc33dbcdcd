#![doc = include_str!("../README.md")]

mod build;
mod check;
mod collection;
mod connection;
mod directory;
mod error;
mod physical;
mod posting;
mod read;
mod schema;
mod search;
mod settings;
mod store;
mod vocabulary;
mod write;
mod writer;

pub use directory::{LockError, OpenMode};
pub use settings::{Plans, Settings};
pub use store::SqliteStore;
