use cresset_store::StoreError;
use std::time::Duration;

/// Why a container didn't do what was asked. Says nothing of contents and secrets.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// There is no blob of this name, or no such container.
    #[error(
        "the payload store has nothing of that name; if the container doesn't exist, \
             `cresset payload --create-container` makes it"
    )]
    NotFound,
    /// It doesn't answer, or is known not to.
    #[error("the payload store can't be reached")]
    Unavailable,
    /// It doesn't let us.
    #[error("the payload store refuses access: look at the connection string or the keys")]
    Refused,
    /// The configuration can't be right.
    #[error("the payload store is configured wrongly: {0}")]
    Configured(String),
    /// The name of a blob isn't one.
    #[error("the name of a blob has a character that none has")]
    Name,
    /// A part of the operating system failed.
    #[error("the payload store's directory: {0}")]
    Directory(std::io::ErrorKind),
}

impl ContainerError {
    pub(super) fn wrong(problem: &str) -> Self {
        Self::Configured(problem.to_owned())
    }
}

/// What an object store's error means; its text, which may quote URLs, goes no further than the log.
pub(super) trait Failing {
    fn of(operation: &'static str, error: object_store::Error) -> Self;
}

impl Failing for ContainerError {
    fn of(operation: &'static str, error: object_store::Error) -> Self {
        use object_store::Error;
        let meaning = match &error {
            Error::NotFound { .. } => return Self::NotFound,
            Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => Self::Refused,
            Error::InvalidPath { .. } => Self::Name,
            _ => Self::Unavailable,
        };
        let said = without_queries(&error.to_string());
        tracing::warn!(operation, error = said, "the payload store failed");
        meaning
    }
}

/// A text without what follows a question mark in a word, where URLs have their signatures.
pub(super) fn without_queries(text: &str) -> String {
    let words = text.split(' ').map(|word| word.split('?').next().unwrap_or_default());
    let short: String = words.collect::<Vec<_>>().join(" ").chars().take(400).collect();
    short.replace(['\n', '\r'], " ")
}

impl From<ContainerError> for StoreError {
    fn from(error: ContainerError) -> Self {
        match error {
            ContainerError::Unavailable => Self::Busy {
                reason: "the payload store can't be reached",
                retry_after: Duration::from_secs(5),
            },
            other => Self::Backend { context: "payload offload", source: Box::new(other) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::without_queries;

    #[test]
    fn signatures_are_left_out_of_messages() {
        let said = without_queries("PUT https://a.blob/c/1?sig=secret&se=1: no\nanswer");
        assert_eq!(said, "PUT https://a.blob/c/1 no answer");
    }
}
