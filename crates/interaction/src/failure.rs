use crate::Method;
use cresset_store::{Timestamp, Version};
use std::time::Duration;

/// Kinds of errors; [`ErrorKind::status`] gives the HTTP status of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request can't be understood.
    BadRequest,
    /// Nobody is logged in.
    Unauthorized,
    /// Somebody is, and may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// There is, but not with this method.
    MethodNotAllowed,
    /// No representation that the client accepts.
    NotAcceptable,
    /// The request took too long to arrive or to be answered.
    Timeout,
    /// Another writer was faster, or the state forbids it.
    Conflict,
    /// It was there and is deleted.
    Gone,
    /// A condition of the client's doesn't hold.
    PreconditionFailed,
    /// More bytes than allowed.
    TooLarge,
    /// A body of a type that isn't understood.
    UnsupportedMediaType,
    /// A body that is understood, and is not valid.
    Unprocessable,
    /// This client asks too often.
    TooManyRequests,
    /// More or longer headers than allowed.
    HeadersTooLarge,
    /// Overload: try again later.
    Busy,
    /// A bug or a broken store.
    Internal,
}

/// How bad an issue is (`OperationOutcome.issue.severity`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The request failed.
    Error,
    /// It went on, but look at this.
    Warning,
    /// For information.
    Information,
}

/// One issue of an `OperationOutcome`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeIssue {
    /// How bad it is.
    pub severity: Severity,
    /// A code of the value set `issue-type`.
    pub code: &'static str,
    /// What was wrong and what to do, without contents of resources.
    pub diagnostics: String,
    /// Where: a FHIRPath into the body, or `http.…` for a parameter or header.
    pub expression: Option<String>,
}

/// Why a request wasn't done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its kind.
    pub kind: ErrorKind,
    /// What to tell the client.
    pub issues: Vec<OutcomeIssue>,
    /// What to tell the log beyond that; no contents of resources.
    pub cause: Option<Box<str>>,
    /// When trying again makes sense.
    pub retry_after: Option<Duration>,
    /// The version that stands behind it: of the deletion, of the conflict.
    pub version: Option<(Version, Timestamp)>,
    /// With [`ErrorKind::MethodNotAllowed`], what is allowed.
    pub allow: Vec<Method>,
}

impl OutcomeIssue {
    /// An issue of severity error.
    pub fn error(code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, diagnostics)
    }

    /// An issue without a place.
    pub fn new(severity: Severity, code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self { severity, code, diagnostics: diagnostics.into(), expression: None }
    }

    /// With its place.
    #[must_use]
    pub fn at(mut self, expression: impl Into<String>) -> Self {
        self.expression = Some(expression.into());
        self
    }
}

impl Failure {
    /// A failure with one issue.
    pub fn new(kind: ErrorKind, code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self::of(kind, vec![OutcomeIssue::error(code, diagnostics)])
    }

    /// A failure with these issues.
    pub fn of(kind: ErrorKind, issues: Vec<OutcomeIssue>) -> Self {
        let (cause, retry_after, version, allow) = (None, None, None, Vec::new());
        Self { kind, issues, cause, retry_after, version, allow }
    }

    /// A request that can't be understood.
    pub fn bad_request(code: &'static str, diagnostics: impl Into<String>) -> Self {
        Self::new(ErrorKind::BadRequest, code, diagnostics)
    }

    /// Overload; try again after a second.
    pub fn busy(diagnostics: impl Into<String>) -> Self {
        let mut failure = Self::new(ErrorKind::Busy, "throttled", diagnostics);
        failure.retry_after = Some(Duration::from_secs(1));
        failure
    }

    /// With a place for every issue that has none.
    #[must_use]
    pub fn at(mut self, expression: &str) -> Self {
        for issue in &mut self.issues {
            issue.expression.get_or_insert_with(|| expression.to_owned());
        }
        self
    }

    /// As the failure of `Bundle.entry[index]`: places inside the entry's resource become places in
    /// the Bundle.
    #[must_use]
    pub(crate) fn in_entry(mut self, index: usize) -> Self {
        for issue in &mut self.issues {
            issue.expression = Some(in_entry(issue.expression.as_deref(), index));
        }
        self
    }
}

fn in_entry(expression: Option<&str>, index: usize) -> String {
    match expression {
        None => format!("Bundle.entry[{index}]"),
        Some(known) if known.starts_with("Bundle.entry[") => known.to_owned(),
        Some(header) if header.starts_with("http.") => format!("Bundle.entry[{index}].request"),
        Some(path) => {
            // `Patient.name[0]` is `Bundle.entry[3].resource.name[0]` from outside.
            let below = path.find(['.', '[']).map_or("", |at| &path[at..]);
            format!("Bundle.entry[{index}].resource{below}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_a_resource_become_places_in_the_bundle() {
        assert_eq!(
            in_entry(Some("Patient.name[0].family"), 3),
            "Bundle.entry[3].resource.name[0].family"
        );
        assert_eq!(in_entry(Some("Patient"), 0), "Bundle.entry[0].resource");
        assert_eq!(in_entry(None, 7), "Bundle.entry[7]");
    }
}
