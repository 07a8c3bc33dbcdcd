#![doc = include_str!("../README.md")]

mod copy;
mod error;
mod explained;
mod mark;
mod pass;
mod patience;
mod prepare;
mod progress;
mod read;
mod rules;
mod settings;
mod side;
mod target;
mod write;

pub use copy::Copy;
pub use error::CopyError;
pub use progress::{Progress, Standing};
pub use settings::Settings;
pub use side::Side;
