#![doc = include_str!("../README.md")]

pub mod definitions;
pub mod json;
pub mod validation;
