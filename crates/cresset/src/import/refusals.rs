//! The file that names entries that an import did not take.

use serde_json::json;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

/// A line of JSON for each entry that was refused, or was there with other contents. Made when the
/// first one comes; one that is left from before is removed.
pub(crate) struct Refusals {
    path: Option<PathBuf>,
    file: Option<BufWriter<File>>,
}

impl Refusals {
    pub(crate) fn new(path: Option<PathBuf>) -> io::Result<Self> {
        if let Some(path) = &path
            && path.exists()
        {
            std::fs::remove_file(path)?;
        }
        Ok(Self { path, file: None })
    }

    /// Notes an entry: where it stood, what became of it, and why. No contents.
    pub(crate) fn note(
        &mut self,
        source: &str,
        entry: u64,
        resource: Option<String>,
        outcome: &str,
        reasons: &[String],
    ) -> io::Result<()> {
        let Some(path) = &self.path else {
            tracing::warn!(source, entry, outcome, "{}", reasons.join("; "));
            return Ok(());
        };
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(path)?)),
        };
        let line = json!({
            "source": source, "entry": entry, "resource": resource, "outcome": outcome,
            "reasons": reasons,
        });
        writeln!(file, "{line}")
    }

    /// Finishes the file; returns its name if there is one.
    pub(crate) fn finish(mut self) -> io::Result<Option<PathBuf>> {
        match self.file.take() {
            Some(mut file) => file.flush().map(|()| self.path),
            None => Ok(None),
        }
    }
}
