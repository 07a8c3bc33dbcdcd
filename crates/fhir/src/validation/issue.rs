use super::path::Step;
use std::fmt;

/// A code of HL7's value set `issue-type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssueCode {
    /// The content is not built as the definitions say.
    Structure,
    /// An element is missing.
    Required,
    /// A value is not in its type's domain.
    Value,
    /// A rule between elements does not hold.
    Invariant,
    /// A code is not in the required value set.
    CodeInvalid,
    /// A value is longer than FHIR allows.
    TooLong,
    /// Not a fault itself: there are more issues than were asked for.
    Informational,
}

impl IssueCode {
    /// The code as it stands in an OperationOutcome.
    pub fn code(self) -> &'static str {
        match self {
            Self::Structure => "structure",
            Self::Required => "required",
            Self::Value => "value",
            Self::Invariant => "invariant",
            Self::CodeInvalid => "code-invalid",
            Self::TooLong => "too-long",
            Self::Informational => "informational",
        }
    }
}

/// One thing that is wrong with a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The class of the fault.
    pub code: IssueCode,
    /// The element as a FHIRPath expression: `Patient.name[0].given[1]`, and `Observation.value`
    /// for `valueQuantity`.
    pub expression: String,
    /// What is wrong and what would be right. Names of properties and types, never values: these
    /// are patient data and diagnostics reach logs.
    pub diagnostics: String,
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.code.code();
        write!(f, "{}: {} ({code})", self.expression, self.diagnostics)
    }
}

/// What was found so far.
pub(super) struct Issues {
    found: Vec<Issue>,
    max: usize,
    is_full: bool,
}

impl Issues {
    pub(super) fn new(max: usize) -> Self {
        Self { found: Vec::new(), max, is_full: false }
    }

    /// Whether the walk may end: another issue would not be told.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    #[cold]
    pub(super) fn push(&mut self, code: IssueCode, at: &Step, diagnostics: impl Into<String>) {
        if self.is_full {
            return;
        }
        if self.found.len() < self.max {
            self.found.push(Issue {
                code,
                expression: at.expression(),
                diagnostics: diagnostics.into(),
            });
            return;
        }
        self.is_full = true;
        self.found.push(Issue {
            code: IssueCode::Informational,
            expression: at.root_name().to_owned(),
            diagnostics: format!(
                "there are more issues than these {}; correct them and send the resource again",
                self.max
            ),
        });
    }

    pub(super) fn into_vec(self) -> Vec<Issue> {
        self.found
    }
}

/// A property's name for diagnostics: whatever a client made up is cut short and escaped.
pub(super) fn quoted(name: &str) -> String {
    const LONGEST: usize = 64;
    let mut shown: String = name.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if name.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
