#![doc = include_str!("../README.md")]

mod authority;
mod missing;
mod shell;

pub use authority::{Authority, Signed};
pub use missing::{in_ci, missing};
pub use shell::Shell;
