//! PostgreSQL's errors as a store's.

use cresset_store::StoreError;
use std::time::Duration;
use tokio_postgres::error::{Error, SqlState};

/// The outcome of something that asks the database.
pub(crate) type Outcome<T> = Result<T, StoreError>;

/// Says what was being done when PostgreSQL failed.
pub(crate) trait Context<T> {
    /// Turns the engine's error into the store's.
    fn context(self, context: &'static str) -> Outcome<T>;
}

impl<T> Context<T> for Result<T, Error> {
    fn context(self, context: &'static str) -> Outcome<T> {
        self.map_err(|error| StoreError::Backend { context, source: plain(error).into() })
    }
}

/// The error without what it may say of contents: its detail quotes rows.
pub(crate) struct DatabaseError {
    error: Error,
}

impl std::fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

fn plain(error: Error) -> DatabaseError {
    DatabaseError { error }
}

impl std::fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&told(&self.error))
    }
}

impl std::error::Error for DatabaseError {}

/// An error and what caused it, without what it may say of contents.
pub(crate) fn told(error: &Error) -> String {
    match error.as_db_error() {
        // A message of the class "data exception" quotes the value.
        Some(said) if said.code().code().starts_with("22") => {
            format!("SQLSTATE {}", said.code().code())
        }
        Some(said) => format!("{} (SQLSTATE {})", said.message(), said.code().code()),
        None => {
            let mut told = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(inner) = cause {
                // Some say their causes themselves.
                let more = inner.to_string();
                if !told.contains(&more) {
                    told = format!("{told}: {more}");
                }
                cause = inner.source();
            }
            told
        }
    }
}

/// What kind of failure an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Others stood in the way: a deadlock, say. Again, it may work.
    Contention,
    /// A lock could not be had in time.
    Locked,
    /// The connection is gone, or the server is going.
    Lost,
    /// It took too long.
    Timeout,
    /// The tables aren't there.
    NoTables,
    /// Anything else.
    Other,
}

/// The kind of a failure.
pub(crate) fn kind(error: &StoreError) -> Kind {
    let StoreError::Backend { source, .. } = error else { return Kind::Other };
    if source.is::<Overtaken>() {
        return Kind::Contention;
    }
    if source.is::<Unanswered>() {
        return Kind::Lost;
    }
    let Some(DatabaseError { error }) = source.downcast_ref::<DatabaseError>() else {
        return Kind::Other;
    };
    let Some(said) = error.as_db_error() else {
        // Nobody said anything: the connection was lost, unless a value can't be read or written.
        let lost = error.is_closed() || source_is_io(error);
        return if lost { Kind::Lost } else { Kind::Other };
    };
    match said.code() {
        code if *code == SqlState::T_R_DEADLOCK_DETECTED
            || *code == SqlState::T_R_SERIALIZATION_FAILURE
            // Another process has just entered the same resource.
            || *code == SqlState::UNIQUE_VIOLATION =>
        {
            Kind::Contention
        }
        code if *code == SqlState::LOCK_NOT_AVAILABLE => Kind::Locked,
        code if *code == SqlState::QUERY_CANCELED => Kind::Timeout,
        code if *code == SqlState::UNDEFINED_TABLE
            || *code == SqlState::INVALID_SCHEMA_NAME
            || *code == SqlState::UNDEFINED_OBJECT =>
        {
            Kind::NoTables
        }
        code if code.code().starts_with("08")
            || code.code().starts_with("57P")
            || *code == SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT
            || *code == SqlState::TOO_MANY_CONNECTIONS =>
        {
            Kind::Lost
        }
        _ => Kind::Other,
    }
}

/// Whether the role may not do what was asked.
pub(crate) fn is_forbidden(error: &StoreError) -> bool {
    state(error) == Some(&SqlState::INSUFFICIENT_PRIVILEGE)
}

/// Why something has to be tried again, as metrics name it.
pub(crate) fn cause(error: &StoreError) -> &'static str {
    match state(error) {
        Some(state) if *state == SqlState::T_R_DEADLOCK_DETECTED => "deadlock",
        Some(state) if *state == SqlState::T_R_SERIALIZATION_FAILURE => "serialization",
        Some(state) if *state == SqlState::UNIQUE_VIOLATION => "race",
        _ if kind(error) == Kind::Lost => "connection",
        _ => "overtaken",
    }
}

/// What the database itself said.
fn state(error: &StoreError) -> Option<&SqlState> {
    let StoreError::Backend { source, .. } = error else { return None };
    let said = source.downcast_ref::<DatabaseError>()?;
    Some(said.error.as_db_error()?.code())
}

fn source_is_io(error: &Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// Something changed between a commit's beginning and its end; begun again, it will see that.
#[derive(Debug)]
struct Overtaken;

impl std::fmt::Display for Overtaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the index was deferred or built, or the tables were migrated meanwhile")
    }
}

impl std::error::Error for Overtaken {}

/// The failure of a commit that was overtaken; counts as contention.
pub(crate) fn overtaken() -> StoreError {
    StoreError::Backend { context: "committing", source: Box::new(Overtaken) }
}

/// The database said nothing for too long.
#[derive(Debug)]
struct Unanswered;

impl std::fmt::Display for Unanswered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("there was no answer in time")
    }
}

impl std::error::Error for Unanswered {}

/// The failure of a commit that wasn't answered; counts as a lost connection.
pub(crate) fn unanswered() -> StoreError {
    StoreError::Backend { context: "committing", source: Box::new(Unanswered) }
}

/// What a client is told when trying again didn't help.
pub(crate) fn given_up(error: StoreError) -> StoreError {
    let (reason, seconds) = match kind(&error) {
        Kind::Contention => ("others kept changing the same resources", 1),
        Kind::Locked => ("a lock in the database could not be had in time", 2),
        Kind::Lost => ("the database can't be reached", 5),
        Kind::Timeout => ("the database took too long", 5),
        Kind::NoTables | Kind::Other => return error,
    };
    tracing::warn!(%error, reason, "a call was given up");
    StoreError::Busy { reason, retry_after: Duration::from_secs(seconds) }
}

/// Stored bytes that can't be what this code wrote.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

/// The same failure, told to one of several whom it concerns.
pub(crate) fn shared(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy { reason, retry_after } => {
            StoreError::Busy { reason, retry_after: *retry_after }
        }
        StoreError::InDoubt => StoreError::InDoubt,
        StoreError::UnknownCollection(name) => StoreError::UnknownCollection(name.clone()),
        StoreError::Corrupt(what) => StoreError::Corrupt(what.clone()),
        other => StoreError::Backend {
            context: "committing together with others",
            source: other.to_string().into(),
        },
    }
}
