//! What a store's errors mean to a client.

use crate::{ErrorKind, Failure};
use cresset_store::{Conflict, StoreError};
use std::time::Duration;

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Conflict { conflict, .. } => conflicted(conflict, false),
            StoreError::Guard(_) | StoreError::Moved(_) => Self::new(
                ErrorKind::Conflict,
                "conflict",
                "what the conditional request relies on kept changing; try again",
            ),
            StoreError::Forbidden(_) => Self::new(ErrorKind::Forbidden, "forbidden", text),
            StoreError::ReadOnly => Self::new(ErrorKind::Forbidden, "forbidden", text),
            StoreError::Name(_) | StoreError::UnknownCollection(_) => {
                Self::bad_request("not-found", text)
            }
            StoreError::Exists(_) => Self::new(ErrorKind::Conflict, "duplicate", text),
            StoreError::Incarnation | StoreError::Position => Self::bad_request("value", text),
            StoreError::Busy { retry_after, .. } => {
                retry(Self::new(ErrorKind::Busy, "throttled", text), retry_after)
            }
            StoreError::TooLarge { .. } => Self::new(ErrorKind::TooLarge, "too-long", text),
            StoreError::InDoubt => {
                retry(Self::new(ErrorKind::Busy, "transient", text), Duration::from_secs(5))
            }
            StoreError::Indexing { .. } => {
                let failure = Self::new(ErrorKind::Busy, "transient", text);
                retry(failure, Duration::from_secs(5))
            }
            StoreError::TooCostly(_) => {
                let failure = Self::new(ErrorKind::Busy, "too-costly", text);
                retry(failure, Duration::from_secs(10))
            }
            StoreError::Corrupt(_) | StoreError::Backend { .. } => internal(text),
        }
    }
}

/// A failure of the server's own; `cause` goes to the log only.
fn internal(cause: String) -> Failure {
    let mut failure = Failure::new(
        ErrorKind::Internal,
        "exception",
        "the server's store failed; the log has the cause under this request's id",
    );
    failure.cause = Some(cause.into());
    failure
}

fn retry(mut failure: Failure, after: Duration) -> Failure {
    failure.retry_after = Some(after);
    failure
}

/// A failed commit; with `If-Match` the client stated the precondition itself: 412 instead of 409.
pub(crate) fn commit_failure(error: StoreError, stated: bool) -> Failure {
    match error {
        StoreError::Conflict { conflict, .. } => conflicted(conflict, stated),
        other => other.into(),
    }
}

fn conflicted(conflict: Conflict, stated: bool) -> Failure {
    let kind = match stated {
        true => ErrorKind::PreconditionFailed,
        false => ErrorKind::Conflict,
    };
    let code = if conflict == Conflict::Twice { "duplicate" } else { "conflict" };
    let advice = match conflict {
        Conflict::Version { .. } => "; read it again and repeat the change on that version",
        _ => "",
    };
    Failure::new(kind, code, format!("{conflict}{advice}"))
}
