use crate::{Failure, OutcomeIssue, Severity};
use cresset_fhir::json::{Json, Object};

impl Severity {
    fn code(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

impl Failure {
    /// The failure as an `OperationOutcome`, compact.
    pub fn operation_outcome(&self) -> Vec<u8> {
        operation_outcome(&self.issues).to_bytes()
    }
}

/// An `OperationOutcome` of these issues (R4, section 2.26).
pub(crate) fn operation_outcome(issues: &[OutcomeIssue]) -> Json {
    let issues: Vec<Json> = issues.iter().map(issue).collect();
    Object::new().with("resourceType", "OperationOutcome").with("issue", issues).into()
}

/// An `OperationOutcome` that says that all is well.
pub(crate) fn all_ok(diagnostics: &str) -> Json {
    operation_outcome(&[OutcomeIssue::new(Severity::Information, "informational", diagnostics)])
}

fn issue(issue: &OutcomeIssue) -> Json {
    let mut object = Object::new()
        .with("severity", issue.severity.code())
        .with("code", issue.code)
        .with("diagnostics", issue.diagnostics.as_str());
    if let Some(expression) = &issue.expression {
        object.insert("expression", vec![Json::from(expression.as_str())]);
    }
    object.into()
}
