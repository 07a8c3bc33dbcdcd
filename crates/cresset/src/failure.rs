//! How a command ends.

use crate::places::Place;
use cresset_store::CollectionName;
use std::process::ExitCode;

/// What a command's `run` gives.
pub(crate) type CommandResult = Result<(), CommandFailure>;

/// Why a command ended without having done what it was asked to.
#[derive(Debug)]
pub(crate) enum CommandFailure {
    /// It could not be done: exit status 1.
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// It was asked wrongly: exit status 2.
    Usage(String),
    /// It was done, and found something wrong that it has printed: exit status 1.
    FoundWrong,
}

impl CommandFailure {
    /// Names the datasource that couldn't be opened, where there are several.
    pub(crate) fn about(self, name: &CollectionName, places: &[Place]) -> Self {
        let (tenant, datasource) = (&name.tenant, &name.datasource);
        match self {
            Self::Failed(error) if places.len() > 1 => {
                Self::Failed(format!("{tenant}/{datasource}: {}", chain(&*error)).into())
            }
            Self::Usage(problem) if places.len() > 1 => {
                Self::Usage(format!("{tenant}/{datasource}: {problem}"))
            }
            other => other,
        }
    }

    /// Says why on standard error, and gives the exit status.
    pub(crate) fn report(self) -> ExitCode {
        match self {
            Self::Failed(error) => report(&chain(&*error)),
            Self::Usage(problem) => {
                report(&problem);
                ExitCode::from(2)
            }
            Self::FoundWrong => ExitCode::FAILURE,
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for CommandFailure {
    fn from(error: E) -> Self {
        Self::Failed(Box::new(error))
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        source = cause.source();
    }
    text
}

#[expect(clippy::print_stderr, reason = "a command says why it failed")]
pub(crate) fn report(problem: &str) -> ExitCode {
    eprintln!("cresset: {problem}");
    ExitCode::FAILURE
}
