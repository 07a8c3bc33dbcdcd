#![doc = include_str!("../README.md")]

mod binaries;
mod bouncer;
mod server;
mod shared;
mod standby;

pub use bouncer::Bouncer;
pub use server::{Builder, Server};
pub use shared::{bouncer_url, url, url_if_there};
