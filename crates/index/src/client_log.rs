//! What librdkafka says, in our log. It never quotes messages.

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;

/// A client that only logs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ClientLog;

impl ClientContext for ClientLog {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        use RDKafkaLogLevel::{Alert, Critical, Debug, Emerg, Error, Info, Notice, Warning};
        match level {
            Emerg | Alert | Critical | Error | Warning => {
                tracing::warn!("Kafka: {facility}: {message}")
            }
            Notice | Info => tracing::info!("Kafka: {facility}: {message}"),
            Debug => tracing::debug!("Kafka: {facility}: {message}"),
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!("Kafka: {error}: {reason}");
    }
}
