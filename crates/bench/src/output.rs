//! Where the report goes: standard output, and the two files of `--out`.

use crate::BenchError;
use crate::report::Report;
use crate::table::Markdown;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the report wherever it was asked for.
pub(crate) fn write(report: &Report, out: Option<&Path>) -> Result<(), BenchError> {
    let markdown = Markdown(report).to_string();
    if let Some(out) = out {
        let (markdown_file, json_file) = files(out);
        save(&markdown_file, markdown.as_bytes())?;
        let json = serde_json::to_vec_pretty(report).expect("a report is plain data");
        save(&json_file, &json)?;
    }
    let mut output = std::io::stdout().lock();
    output.write_all(markdown.as_bytes()).and_then(|()| output.flush()).map_err(BenchError::Output)
}

/// The directory of the files, in which the disk is measured.
pub(crate) fn directory(out: Option<&Path>) -> PathBuf {
    let parent = out.and_then(Path::parent);
    let named = parent.filter(|parent| !parent.as_os_str().is_empty());
    named.unwrap_or(Path::new(".")).into()
}

/// The markdown file and the JSON file.
fn files(out: &Path) -> (PathBuf, PathBuf) {
    let json = out.with_extension("json");
    let markdown = if out == json { out.with_extension("md") } else { out.into() };
    (markdown, json)
}

fn save(path: &Path, content: &[u8]) -> Result<(), BenchError> {
    std::fs::write(path, content).map_err(|source| BenchError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_gives_two_files() {
        let pair = |out: &str| files(Path::new(out));
        assert_eq!(pair("d/a.md"), ("d/a.md".into(), "d/a.json".into()));
        assert_eq!(pair("a"), ("a".into(), "a.json".into()));
        assert_eq!(pair("a.json"), ("a.md".into(), "a.json".into()));
        assert_eq!(directory(Some(Path::new("d/a.md"))), Path::new("d"));
        assert_eq!(directory(Some(Path::new("a.md"))), Path::new("."));
        assert_eq!(directory(None), Path::new("."));
    }
}
