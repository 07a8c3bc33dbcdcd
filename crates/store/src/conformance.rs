//! What a store is: the cases that every backend passes, each on a database of its own.
//!
//! A backend's test binary says how to make a fresh store and gets one test per case:
//!
//! ```ignore
//! use cresset_store::conformance::Fixture;
//!
//! async fn fixture() -> Fixture {
//!     let folder = tempfile::tempdir().expect("a folder");
//!     let path = folder.path().to_path_buf();
//!     Fixture::opening(move || MyStore::open(&path)).await.keeping(folder)
//! }
//!
//! cresset_store::conformance_suite!(fixture);
//! ```
//!
//! Each case takes the [`Fixture`] and panics with the promise that was broken.

pub mod cases;
mod client;
mod fixture;
mod population;
mod random;
mod resources;
mod suite;

pub use client::Client;
pub use fixture::Fixture;
