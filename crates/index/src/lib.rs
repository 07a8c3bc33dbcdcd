#![doc = include_str!("../README.md")]

mod client_log;
pub mod consumer;
pub mod kafka_properties;
pub mod message;
mod publisher;
mod topic;

pub use consumer::{Consumer, Settings as ConsumerSettings};
pub use message::Message;
pub use publisher::{Publisher, Settings as PublisherSettings};
pub use topic::TopicError;
