//! Why a patch was not applied.

use std::borrow::Cow;
use std::fmt;

/// Why a patch was not applied; nothing has changed then.
///
/// The message names properties and operations, never values: it may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PatchError {
    kind: PatchErrorKind,
    message: Cow<'static, str>,
    operation: Option<usize>,
    place: Option<String>,
}

/// What kind of trouble it is, for the HTTP status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchErrorKind {
    /// The document is no patch, whatever the resource: 400.
    Invalid,
    /// What the operation is about is not there: 422.
    TargetMissing,
    /// A `test` found another value: 409 or 422.
    TestFailed,
    /// The operation can't be done on this resource as it is: 409 or 422.
    Conflict,
    /// More operations, copies or depth than a patch may ask for: 413 or 422.
    TooLarge,
}

pub(super) type Result<T, E = PatchError> = std::result::Result<T, E>;

impl PatchError {
    /// What kind of trouble it is.
    pub fn kind(&self) -> PatchErrorKind {
        self.kind
    }

    /// The operation that failed, counted from 0; none when the whole document is at fault.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }

    /// The element that the operation was about, for `OperationOutcome.issue.expression`.
    pub fn expression(&self) -> Option<String> {
        self.place.clone()
    }

    pub(super) fn invalid(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PatchErrorKind::Invalid, message)
    }

    pub(super) fn missing(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PatchErrorKind::TargetMissing, message)
    }

    pub(super) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PatchErrorKind::Conflict, message)
    }

    pub(super) fn too_large(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PatchErrorKind::TooLarge, message)
    }

    pub(super) fn test_failed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(PatchErrorKind::TestFailed, message)
    }

    fn new(kind: PatchErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), operation: None, place: None }
    }

    /// In this operation.
    #[must_use]
    pub(super) fn in_operation(self, index: usize) -> Self {
        Self { operation: Some(index), ..self }
    }

    /// At this place, unless a nearer one is already known.
    #[must_use]
    pub(super) fn at(self, place: impl FnOnce() -> Option<String>) -> Self {
        Self { place: self.place.or_else(place), ..self }
    }
}

impl fmt::Display for PatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.operation {
            write!(f, "operation[{index}]: ")?;
        }
        f.write_str(&self.message)?;
        match &self.place {
            Some(place) => write!(f, " (at {place})"),
            None => Ok(()),
        }
    }
}
