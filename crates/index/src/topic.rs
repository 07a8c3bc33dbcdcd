//! Whether a topic is there.

use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::metadata::Metadata;
use std::time::Duration;

/// How long a broker may take to tell of its topics.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a topic can't be used.
#[derive(Debug, thiserror::Error)]
pub enum TopicError {
    /// librdkafka doesn't take its configuration.
    #[error("no Kafka client can be made of the connection's properties: {0}")]
    Client(String),
    /// Nobody tells of it.
    #[error(
        "the Kafka broker can't be asked for topic {0}: {1}; look at bootstrap.servers, security.protocol and the log"
    )]
    Unreachable(String, KafkaError),
    /// It isn't there.
    #[error("the Kafka broker has no topic {0}: create it, or correct its name")]
    Missing(String),
    /// The client can't go on.
    #[error("the Kafka client of topic {0} has ended: {1}")]
    Ended(String, String),
}

impl TopicError {
    /// A configuration that isn't taken. The value isn't told: it may be a password or a key.
    pub(crate) fn client(error: KafkaError) -> Self {
        Self::Client(match error {
            KafkaError::ClientConfig(_, _, key, _) => format!("{key} has a value that isn't taken"),
            other => other.to_string(),
        })
    }
}

/// How many partitions a topic has; `ask` blocks.
pub(crate) async fn partitions(
    topic: String,
    ask: impl Fn(&str, Duration) -> KafkaResult<Metadata> + Send + 'static,
) -> Result<usize, TopicError> {
    let look = move || {
        let answer = ask(&topic, PATIENCE);
        let metadata = answer.map_err(|error| TopicError::Unreachable(topic.clone(), error))?;
        let found = metadata.topics().iter().find(|found| found.name() == topic);
        let count = found.filter(|found| found.error().is_none()).map(|t| t.partitions().len());
        count.filter(|count| *count > 0).ok_or(TopicError::Missing(topic))
    };
    let ended = |error: tokio::task::JoinError| TopicError::Ended(String::new(), error.to_string());
    tokio::task::spawn_blocking(look).await.map_err(ended)?
}

#[cfg(test)]
mod tests {
    use super::*;
    use rdkafka::ClientConfig;
    use rdkafka::producer::BaseProducer;

    #[test]
    fn a_value_that_is_not_taken_is_not_told() {
        let made: KafkaResult<BaseProducer> =
            ClientConfig::new().set("security.protocol", "s3cret").create();
        let error = TopicError::client(made.err().expect("no protocol"));
        let told = format!("{error} {error:?}");
        assert!(told.contains("security.protocol") && !told.contains("s3cret"), "{told}");
    }
}
