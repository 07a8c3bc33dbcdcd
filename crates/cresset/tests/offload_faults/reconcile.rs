//! `cresset payload --reconcile` as a process.

use crate::rig::{GRACE, Rig};
use crate::support::server::cresset;
use std::process::{Command, Output};

/// What a reconcile printed.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) status: Option<i32>,
    pub(crate) said: String,
    pub(crate) log: String,
}

impl Report {
    /// The number after a word at the beginning of a line; `None` when it didn't come so far.
    pub(crate) fn number(&self, of: &str) -> Option<u64> {
        let line = self.said.lines().find(|line| line.starts_with(of))?;
        line.split_whitespace().nth(1)?.trim_end_matches(',').parse().ok()
    }

    /// The last token that it logged.
    pub(crate) fn token(&self) -> Option<String> {
        let (_, rest) = self.log.rsplit_once("__CONTINUATION_TOKEN__ = ")?;
        let is_of_it = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        Some(rest.chars().take_while(|c| is_of_it(*c)).collect())
    }

    #[track_caller]
    pub(crate) fn succeeded(self) -> Self {
        assert_eq!(self.status, Some(0), "{}{}", self.said, self.log);
        self
    }
}

/// The command, which takes orphans away that are older than these seconds.
pub(crate) fn command(rig: &Rig, grace: u64, more: &[&str]) -> Command {
    let mut command = cresset(&["payload", "--reconcile", "--no-dry-run"]);
    command.args(rig.place().options()).args(more);
    command.env("CRESSET_PAYLOAD_DEADLINE", "2").env("CRESSET_PAYLOAD_GRACE", grace.to_string());
    command
}

/// Takes away what is older than the grace.
pub(crate) fn beside(rig: &Rig) -> Report {
    report(command(rig, GRACE, &[]).output().expect("it runs"))
}

/// Takes away whatever no row tells of. Only when nobody writes.
pub(crate) fn in_quiet(rig: &Rig) -> Report {
    // An object store may tell times in whole seconds, and rounded up.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    report(command(rig, 0, &[]).output().expect("it runs")).succeeded()
}

pub(crate) fn report(output: Output) -> Report {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Report { status: output.status.code(), said: text(output.stdout), log: text(output.stderr) }
}
