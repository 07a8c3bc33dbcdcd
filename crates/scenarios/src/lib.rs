#![doc = include_str!("../README.md")]

mod answer;
mod check;
mod client;
mod file;
mod outcome;
mod pointer;
mod report;
mod run;
mod searchset;
mod step;
mod uri;
mod variables;
mod yaml;

pub use answer::{Answer, Exchange, Request};
pub use client::{Client, ClientError};
pub use file::{Case, FileError, ScenarioFile};
pub use report::{Failure, Report};
pub use run::run;
