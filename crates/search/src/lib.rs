#![doc = include_str!("../README.md")]

mod composite;
mod contained;
mod custom;
mod date;
mod escape;
mod form;
mod index;
mod near;
mod number;
mod plan;
mod prefix;
mod quantity;
mod reference;
mod registry;
mod request;
mod string;
mod terminology;
mod token;
mod uri;
mod words;

pub use custom::{CustomParameter, MOST_CUSTOM, Problem};
pub use registry::{
    Analyzed, CustomIndex, EXTRACTOR_VERSION, LeftOut, Link, REGISTRY_VERSION, Registry,
};
pub use request::{Ignored, Include, SearchError, SearchRequest, TotalMode};
pub use terminology::{CodeSet, Coding, Expansions};
