#![doc = include_str!("../README.md")]

mod blob_name;
mod cache;
mod check;
mod commit;
mod container;
mod offload;
mod purge;
mod put;
mod read;
mod reconcile;
mod record;
mod replicate;

pub use blob_name::{BlobName, NameError, Prefix};
pub use container::{Blob, Bucket, Container, ContainerError, Page, Place, Secret};
pub use offload::{Offload, Settings};
pub use reconcile::{Reconcile, Report, Token, TokenError};
pub use record::{RECORD, Record, recorded, verify};
