#![doc = include_str!("../README.md")]

mod registry;
mod request;

pub use registry::{Analyzed, Registry};
pub use request::{Ignored, SearchError, SearchRequest, TotalMode};
